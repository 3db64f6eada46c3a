"""The house in French: nothing is forgotten, nothing is mixed up, and what is compiled is what is written."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import inviting, mailing, people, recovering
from accounts.links import make_link, token_of
from accounts.models import AccountLink, AccountMail, AuditEntry
from tests.accounts.people import (
    CAFE,
    FIREFOX,
    HOME,
    give_backup_codes,
    make_person,
    make_person_with_app,
    sign_in,
    trust,
)
from tests.admin_pages import sign_in as put_in
from tests.services import need

ROOT = Path(__file__).resolve().parent.parent
FRENCH = Path("locale", "fr", "LC_MESSAGES")
HAS_TEXTS = ("accounts", "analytics", "bands", "notifications", "schedule", "settimes", "templates", "locale")
NOT_TEXTS = shutil.ignore_patterns("__pycache__", "migrations")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%s|%s")
COUNTED = re.compile(r"%\((count|days)\)[sd]")


def run(tool, *arguments, **options):
    path = need("gettext", shutil.which(tool) or "")
    return subprocess.run([path, *arguments], capture_output=True, check=True, text=True, **options).stdout


def french():
    """French by English, plurals by number; as compiled."""
    with (ROOT / FRENCH / "django.mo").open("rb") as compiled:
        return {each: text for each, text in gettext.GNUTranslations(compiled)._catalog.items() if each}


# --- The catalog -------------------------------------------------------------------------------


def test_every_text_has_a_french_one(tmp_path):
    need("gettext", shutil.which("xgettext") or "")
    for folder in HAS_TEXTS:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=NOT_TEXTS)

    gather = [sys.executable, "-m", "django", "makemessages", "--locale", "fr", "--no-location", "--no-wrap"]
    without_settings = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(gather, cwd=tmp_path, env=without_settings, check=True, capture_output=True)

    gathered = tmp_path / FRENCH / "django.po"
    assert run("msgattrib", "--untranslated", "--no-obsolete", gathered) == ""
    assert run("msgattrib", "--only-fuzzy", "--no-obsolete", gathered) == ""


def test_placeholders_are_the_same_on_both_sides():
    def placeholders(english, text):
        """Those of a text; of a plural without the number, which one alone may say in a word ("Tomorrow")."""
        return sorted(
            each for each in PLACEHOLDER.findall(text) if isinstance(english, str) or not COUNTED.fullmatch(each)
        )

    differing = {
        english: text
        for english, text in french().items()
        if placeholders(english, english if isinstance(english, str) else english[0]) != placeholders(english, text)
    }

    assert differing == {}


def test_compiled_catalog_is_what_is_written(tmp_path):
    run("msgfmt", "--check-format", "--output-file", tmp_path / "django.mo", ROOT / FRENCH / "django.po")

    with (tmp_path / "django.mo").open("rb") as compiled:
        written = gettext.GNUTranslations(compiled)._catalog
    assert {each: text for each, text in written.items() if each} == french()


def test_french_uses_its_own_signs():
    wrong = re.compile(r"\w'\w|\"|[“”]|(?<!\xa0):(?=\s|$)|«(?!\xa0)|(?<!\xa0)»|\s[;?!]")

    assert [text for text in french().values() if wrong.search(text)] == []


# --- The pages ---------------------------------------------------------------------------------


class _Texts(HTMLParser):
    """What somebody sees or hears of a page, but for the words that the trails keep as they were written."""

    HEARD = ("aria-label", "data-minutes", "data-minute", "data-last", "data-title", "data-copied", "placeholder")

    def __init__(self, page):
        super().__init__()
        self.texts, self.is_kept = [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        is_icon = given.get("aria-hidden") == "true" or "material-symbols" in (given.get("class") or "")
        self.is_kept = is_icon or "field-reason" in (given.get("class") or "")
        self.texts += [value for name, value in attributes if name in self.HEARD and value]

    def handle_data(self, data):
        if data.strip() and not self.is_kept:
            self.texts.append(data.strip())


def english_in(texts):
    """The texts that are English: what is translated, but stands there as it was; with anything filled in."""
    known = []
    for english, text in french().items():
        english = english if isinstance(english, str) else english[0]
        has_words = re.search(r"[^\W\d]{3}", PLACEHOLDER.sub("", english))  # else it fits any text
        if english != text and has_words:
            filled = [re.escape(part) for part in re.split(r"%\(\w+\)[sd]|%%s", english)]
            known.append(".+".join(filled))
    pattern = re.compile("|".join(f"(?:{each})" for each in known))
    return [text for text in texts if pattern.fullmatch(text)]


def test_english_is_recognized():
    texts = _Texts('<p aria-label="Sign out">Se connecter</p><p>Remove “Phone”?</p> Site').texts

    assert english_in(texts) == ["Sign out", "Remove “Phone”?"]


def visitor():
    return Client(HTTP_ACCEPT_LANGUAGE="fr-CA,fr;q=0.9", HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR=HOME)


def follow(link):
    """The page that a mailed link leads to."""
    purpose = link.purpose if isinstance(link, AccountLink) else "invite"
    return visitor().get(reverse("accounts:link_open", args=[purpose, token_of(link)]), follow=True)


def pages_of_strangers():
    """Pages of who is not signed in, by name."""
    now = timezone.now()
    person = make_person("editor")
    door = reverse("accounts:sign_in")
    pages = {name: visitor().get(reverse(f"accounts:{name}")) for name in ("sign_in", "recover", "resend", "mailbox")}
    pages |= {ended: visitor().get(door, {"ended": ended}) for ended in ("inactivity", "absolute", "challenge")}
    pages |= {purpose: follow(make_link(purpose, person, now=now)) for purpose in AccountLink.Purpose}
    pages["invite"] = follow(inviting.invite_user("editor", by=None, now=now))
    pages["asked"] = visitor().get(reverse("accounts:mailbox"), {"asked": "1"})
    pages["dead link"] = visitor().get(reverse("accounts:reset"))
    pages["refused"] = sign_in(visitor(), "nobody@label.example", "wrong")
    asked = visitor()
    sign_in(asked, make_person_with_app("admin").email)
    pages["factor"] = asked.get(reverse("accounts:factor"))
    pages["code refused"] = asked.post(reverse("accounts:factor"), {"code": "no code"})
    pages["too many"] = [sign_in(visitor(), "nobody@label.example", "wrong", at=CAFE) for _each in range(6)][-1]
    return pages


def pages_of_newcomers():
    """Pages of who has to enrol a factor."""
    client = visitor()
    sign_in(client, make_person("admin").email)
    pages = {name: client.get(reverse(f"accounts:{name}")) for name in ("factor_setup", "app_add", "email_factor_add")}
    pages["code wrong"] = client.post(reverse("accounts:app_add"), {"code": "000000"})
    pages["code sent"] = client.post(reverse("accounts:email_factor_add"))
    return pages


def pages_of_people():
    """Pages of one's own account, and of the admin about accounts."""
    person, client = make_person_with_app("admin"), visitor()
    give_backup_codes(person)
    trust(client, person)
    other = make_person("viewer")
    recovering.start_reset(other, by=person, now=timezone.now(), reason="Oublié")
    invite = inviting.invite_user("viewer", by=person, now=timezone.now())
    app = ["app", person.authenticatorapp_set.get().pk]
    put_in(client, person)
    own = ("profile", "security", "password", "factor_setup", "app_add", "email_factor_add", "confirm")
    pages = {name: client.get(reverse(f"accounts:{name}")) for name in own}
    pages |= {name: client.get(reverse(f"accounts:{name}", args=app)) for name in ("factor_rename", "factor_remove")}
    pages["codes"] = client.post(reverse("accounts:codes_make"), follow=True)
    pages["saved"] = client.post(reverse("accounts:profile"), {"first_name": "Ana", "last_name": ""}, follow=True)
    pages["wrong"] = client.post(reverse("accounts:password"), {"current_password": "x", "password": "short"})
    lists = ("user", "invite", "lockout", "usersession", "trusteddevice", "accountmail", "authevent", "auditentry")
    pages |= {name: client.get(reverse(f"admin:accounts_{name}_changelist")) for name in lists}
    pages["person"] = client.get(reverse("admin:accounts_user_change", args=[other.pk]))
    pages["act"] = client.get(reverse("admin:accounts_user_act", args=[other.pk, "reset-password"]))
    pages["new invite"] = client.get(reverse("admin:accounts_invite_add"))
    pages["invite's page"] = client.get(reverse("admin:accounts_invite_change", args=[invite.pk]))
    entry = AuditEntry.objects.latest("pk")
    pages["entry"] = client.get(reverse("admin:accounts_auditentry_change", args=[entry.pk]))
    return pages


@pytest.mark.django_db
@pytest.mark.parametrize("gather", [pages_of_strangers, pages_of_newcomers, pages_of_people])
def test_pages_are_french(gather):
    pages = gather()

    statuses = {page.status_code for page in pages.values()}
    found = {name: english_in(_Texts(page.content.decode()).texts) for name, page in pages.items()}
    assert statuses <= {200, 410, 429}
    assert {name: texts for name, texts in found.items() if texts} == {}
    assert all('lang="fr' in page.content.decode() for page in pages.values())


KINDS = sorted(each.name for each in (ROOT / "templates/accounts/email").iterdir() if each.is_dir())
FACTS = {"salt": "7", "left": "1", "factor": "Téléphone", "role": "editor"}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_mails_are_french(kind):
    now, person = timezone.now(), make_person("editor", language="fr")
    invite = inviting.invite_user("viewer", email="bo@label.example", by=None, now=now) if kind == "invite" else None
    link = make_link(kind, person, now=now) if kind in AccountLink.Purpose.values else None
    mail = AccountMail(
        kind=kind,
        to="x@label.example",
        user=person,
        invite=invite,
        link=link,
        language="fr",
        facts=FACTS,
        created_at=now,
    )

    message = mailing.render_mail(mail)

    ((html, _kind),) = message.alternatives
    texts = [message.subject, *message.body.splitlines(), *_Texts(html).texts]
    assert english_in(text.removesuffix(":").strip() for text in texts) == []


@pytest.mark.django_db
def test_mail_names_the_role_in_french():
    person = make_person("editor", language="fr")
    people.change_role(person, "viewer", by=None, now=timezone.now())

    body = mailing.render_mail(AccountMail.objects.get(kind="role_changed")).body

    assert body.splitlines()[0] == "Votre rôle est maintenant\xa0: Lecture. Reconnectez-vous pour continuer."
