"""Ways in and out, walked in a browser: by invite, by code, by passkey, after a lock-out, after doing nothing."""

import base64
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts import people
from accounts.session_store import SessionStore
from accounts.signing_in import CONFIRMED_AT
from tests.accounts.people import PASSWORD
from tests.e2e.walking import at_rest, faults_of, mailed_link, sign_in, totp, type_code, type_password, words
from tests.factories import make_admin, make_user

pytestmark = pytest.mark.django_db(transaction=True)


class Look:
    """Looks at each page that a walk comes by, and remembers what is wrong with it."""

    def __init__(self):
        self.faults = {}

    def __call__(self, page, name):
        if found := faults_of(page):
            self.faults[name] = found


@pytest.fixture
def look():
    look = Look()
    yield look
    assert look.faults == {}


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize(("width", "height", "language"), [(360, 740, "en"), (1280, 800, "en"), (360, 740, "fr")])
def test_somebody_is_invited_enrols_an_app_and_trusts_her_device(
    site, open_page, look, tmp_path, width, height, language
):
    make_admin()
    say = words(language)
    admin, page = open_page(width, height), open_page(width, height, locale=f"{language}-CA")

    sign_in(admin, site, "ana@label.example", "/admin/accounts/invite/add/")
    look(admin, "making an invite")
    admin.get_by_label("E-mail address").fill("bea@label.example")
    admin.get_by_label("Role").select_option("admin")
    press(admin, "Save")
    link = admin.locator(".copy-link").input_value()
    look(admin, "the invite")

    page.goto(link)
    look(page, "sign-up")
    page.get_by_label(say("First name")).fill("Béatrice")
    page.get_by_label(say("Last name")).fill("Tremblay")
    page.get_by_label(say("Password"), exact=True).fill(PASSWORD)
    press(page, say("Make my account"))
    expect(page.locator("h1")).to_have_text(say("Look into your mailbox"))
    look(page, "mailbox")
    page.goto(mailed_link("bea@label.example"))
    look(page, "activation")
    press(page, say("Activate"))
    expect(page.locator(".messages")).to_have_text(say("Your account is active. Sign in."))
    look(page, "sign-in")

    type_password(page, "bea@label.example", say=say)
    expect(page.locator("h1")).to_have_text(say("Protect your account"))
    look(page, "enrolment")
    page.get_by_role("link", name=say("Set up an app")).click()
    page.get_by_text(say("On this phone, or no camera?")).click()
    look(page, "the app's secret")
    secret = base64.b32decode(page.locator(".secret").inner_text().replace(" ", ""))
    page.locator("#id_code").fill(totp(secret))
    press(page, say("Switch on"))
    expect(page.locator("h1")).to_have_text(say("Your backup codes"))
    look(page, "backup codes")
    with page.expect_download() as download:
        press(page, say("Download"))
    download.value.save_as(tmp_path / "codes.txt")
    shown = page.locator("#codes code").all_inner_texts()
    assert (tmp_path / "codes.txt").read_text().splitlines()[2:] == shown
    page.get_by_role("button", name=say("I have kept them")).click()
    page.wait_for_url(f"{site}/admin/")

    def leave():
        page.goto(f"{site}/account/")
        press(page, say("Sign out"))
        expect(page.locator(".note")).to_have_text(say("You are signed out."))

    leave()
    type_password(page, "bea@label.example", say=say)
    expect(page.locator("h1")).to_have_text(say("Second factor"))
    look(page, "second factor")
    type_code(page, "bea@label.example", say, remember=True)
    page.wait_for_url(f"{site}/admin/")

    leave()
    type_password(page, "bea@label.example", say=say)
    page.wait_for_url(f"{site}/admin/")
    page.goto(f"{site}/account/security/")
    look(page, "security")
    page.get_by_text(say("Ask again"), exact=True).click()
    expect(page.locator(".messages")).to_have_text(say("This device is asked for the second factor again."))

    leave()
    type_password(page, "bea@label.example", say=say)
    expect(page.locator("h1")).to_have_text(say("Second factor"))


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)])
def test_a_passkey_is_second_factor_proof_and_way_in(site, open_page, look, width, height):
    make_user("editor", email="eve@label.example")
    page = open_page(width, height, refusals=[403])
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "isUserVerified": True, "automaticPresenceSimulation": True}
    options = {**key, "hasResidentKey": True, "hasUserVerification": True}
    key = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def touch(*, is_done):
        """Whether she touches the key when asked: the sign-in page asks before she has pressed anything."""
        devtools.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": key, "enabled": is_done})

    page.goto(f"{site}/account/sign-in/?next=/account/security/factor/")
    type_password(page, "eve@label.example")
    page.locator("#id_passkey_name").fill("Eve's phone")
    press(page, "Make a passkey")
    expect(page.locator("h1")).to_have_text("Your backup codes")
    look(page, "backup codes")
    page.goto(f"{site}/account/security/")
    expect(page.locator("section:has(#factors-title) .rows")).to_contain_text("Eve's phone")
    look(page, "security")

    touch(is_done=False)
    press(page, "Sign out")
    type_password(page, "eve@label.example")
    expect(page.locator("h1")).to_have_text("Second factor")
    touch(is_done=True)
    look(page, "second factor")
    press(page, "Use a passkey")
    page.wait_for_url(f"{site}/admin/")

    page.goto(f"{site}/account/")
    touch(is_done=False)
    press(page, "Sign out")
    expect(page.locator(".note")).to_have_text("You are signed out.")
    look(page, "sign-in")
    touch(is_done=True)
    press(page, "Sign in with a passkey")
    page.wait_for_url(f"{site}/admin/")

    grow_old(page)
    page.goto(f"{site}/account/security/factor/app/")
    look(page, "confirmation")
    press(page, "Use a passkey")
    page.wait_for_url(f"{site}/account/security/factor/app/")
    expect(page.locator("h1")).to_have_text("Authenticator app")


def test_a_lock_out_is_lifted_by_mail(site, open_page, look):
    make_user("editor", email="eve@label.example")
    page = open_page(refusals=[429])
    page.goto(f"{site}/account/sign-in/")

    for _each in range(5):
        type_password(page, "eve@label.example", "not her password")
        expect(page.locator(".errors")).to_contain_text("sign-in is paused")
    look(page, "refused")
    type_password(page, "eve@label.example")
    expect(page.locator("main")).to_contain_text(re.compile(r"Try again in (59|60) minutes\."))
    look(page, "locked out")

    page.goto(mailed_link("eve@label.example"))
    look(page, "unlocking")
    press(page, "Let me sign in")
    expect(page.locator(".messages")).to_have_text("The lock-out is lifted. Sign in.")
    type_password(page, "eve@label.example")
    page.wait_for_url(f"{site}/admin/")


@pytest.mark.parametrize("address", ["/account/", "/admin/"])
def test_doing_nothing_is_warned_of_and_then_ends_the_session(site, open_page, look, address):
    user = make_user("editor", email="eve@label.example")
    page = open_page(refusals=[401])
    page.clock.install()
    page.goto(f"{site}/account/sign-in/?next={address}")
    type_password(page, "eve@label.example")
    page.wait_for_url(f"{site}{address}")
    dialog = page.get_by_role("dialog", name="Are you still there?")
    expect(dialog).to_be_hidden()

    do_nothing(page, user, minutes=26)
    page.clock.fast_forward("26:00")
    expect(dialog).to_contain_text("You will be signed out in 3 min")
    expect(page.get_by_role("button", name="Close")).to_be_hidden()
    look(page, "warning")
    press(page, "Stay signed in")
    expect(dialog).to_be_hidden()
    at_rest(page)
    assert user.sessions.get().last_seen_at > timezone.now() - timedelta(minutes=1)

    do_nothing(page, user, minutes=26)
    page.clock.fast_forward("26:00")
    expect(dialog).to_be_visible()
    do_nothing(page, user, minutes=30)
    page.clock.fast_forward("04:00")
    page.wait_for_url(re.compile("ended=inactivity"))
    expect(page.locator(".note")).to_contain_text("You were signed out because nothing had happened for a while.")
    type_password(page, "eve@label.example")
    page.wait_for_url(f"{site}{address}")


def test_the_end_of_a_session_is_told_once(site, open_page, look):
    user = make_user("editor", email="eve@label.example")
    page = open_page()
    page.clock.install()
    page.goto(f"{site}/account/sign-in/?next=/account/")
    type_password(page, "eve@label.example")
    page.wait_for_url(f"{site}/account/")
    at_rest(page)
    user.sessions.update(expire_date=timezone.now() + timedelta(minutes=4))

    page.clock.fast_forward("26:00")
    dialog = page.get_by_role("dialog", name="Are you still there?")
    expect(dialog).to_contain_text("Your session ends in 4 min whatever you do.")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()
    look(page, "last warning")
    press(page, "Close")
    page.clock.fast_forward("00:31")
    at_rest(page)
    expect(dialog).to_be_hidden()


def test_an_invite_asks_for_fresh_proof(site, open_page, look):
    make_admin()
    page = open_page(refusals=[403])
    sign_in(page, site, "ana@label.example")

    grow_old(page)
    page.goto(f"{site}/admin/accounts/invite/add/")
    expect(page.locator("h1")).to_have_text("Confirm that it is you")
    look(page, "confirmation")
    page.get_by_label("Password").fill("not her password")
    press(page, "Confirm")
    expect(page.locator(".errors")).to_have_text("That was not right. Try again.")
    look(page, "refused")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Confirm")

    page.wait_for_url(f"{site}/admin/accounts/invite/add/")
    expect(page.get_by_label("E-mail address")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)])
def test_admin_pages_about_people_fit_and_are_accessible(site, open_page, look, width, height):
    ana = make_admin()
    eve = make_user("editor", email="eve@label.example", first_name="Eve", last_name="Tremblay-Larochelle")
    people.change_role(eve, "viewer", by=ana, now=timezone.now())
    page = open_page(width, height)
    sign_in(page, site, "ana@label.example")

    person = f"user/{eve.pk}"
    for address in ("user", f"{person}/change", f"{person}/act/deactivate", "invite", "auditentry", "authevent"):
        page.goto(f"{site}/admin/accounts/{address}/")
        expect(page.locator("h1, #content h1").last).to_be_visible()
        look(page, address)


def do_nothing(page, user, *, minutes):
    """Let so many minutes go by without her doing anything."""
    at_rest(page)
    user.sessions.update(last_seen_at=timezone.now() - timedelta(minutes=minutes, seconds=5))


def grow_old(page):
    """Let more than five minutes go by since she proved that it is she."""
    at_rest(page)
    key = next(each["value"] for each in page.context.cookies() if each["name"] == "settimes-session")
    session = SessionStore(key)
    session[CONFIRMED_AT] -= 301
    session.save()
