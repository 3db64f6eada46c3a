"""What the walks have in common: looking at a page, reading mail, typing codes, signing in."""

import re
import time

from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.utils.translation import gettext, override
from django_otp.oath import hotp

from accounts import factors
from accounts.models import AuthenticatorApp, User
from accounts.models.factor import STEP_SECONDS
from accounts.tasks import send_account_mails_task
from tests.accounts.people import PASSWORD, code_for, give_app

WCAG = {
    "preload": False,  # it would write styles into the page, which the policy of the pages refuses
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}
AT_REST = "Promise.allSettled(document.getAnimations().map((each) => each.finished))"
STICKS_OUT = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def faults_of(page, schemes=("light", "dark")):
    """What is wrong with the page as it stands: it sticks out, or leaves somebody out, in one of the colour schemes."""
    faults = ["sticks out sideways"] if page.evaluate(STICKS_OUT) else []
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        page.evaluate(AT_REST)
        violations = Axe().run(page, options=WCAG).response["violations"]
        faults += [(scheme, each["id"], [node["target"] for node in each["nodes"]]) for each in violations]
    return faults


def words(language):
    """A function that says a text of the pages in a language."""

    def say(text):
        with override(language):
            return gettext(text)

    return say


def mailed_link(address):
    """The link in the last mail to an address."""
    send_account_mails_task()
    text = [each.body for each in mail.outbox if each.to == [address]][-1]
    return re.search(r"https?://\S+/account/link/\S+", text)[0]


def totp(secret):
    """The six digits that an app with this secret (bytes) shows now."""
    return f"{hotp(secret, int(time.time()) // STEP_SECONDS):06}"


def at_rest(page):
    """Wait until the page asks the server for nothing more, so that the test may write to the database it reads."""
    page.wait_for_load_state("networkidle")


def type_password(page, email, password=PASSWORD, say=str):
    page.get_by_label(say("E-mail address")).fill(email)
    page.get_by_label(say("Password"), exact=True).fill(password)
    page.get_by_role("button", name=say("Sign in"), exact=True).click()


def type_code(page, email, say=str, *, remember=False):
    """Type a code of her app that works, even if she typed one a moment ago."""
    page.locator("#id_remember").set_checked(remember)
    at_rest(page)
    user = User.objects.get(email=email)
    AuthenticatorApp.objects.filter(user=user).update(last_step=-1)
    page.locator("#id_code").fill(code_for(user))
    page.get_by_role("button", name=say("Sign in"), exact=True).click()


def sign_in(page, site, email, onward="/admin/"):
    """Sign in with password and app, and go on to a page."""
    user = User.objects.get(email=email)
    if not factors.has_factor(user):
        give_app(user)
    page.goto(f"{site}/account/sign-in/?next={onward}")
    type_password(page, email)
    type_code(page, email)
    page.wait_for_url(f"{site}{onward}")
