"""S25 to S27: what opens something opens one thing, once, in time; it is kept nowhere and told to nobody."""

# ruff: noqa: N802 (tests bear the numbers of the security programme)

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import factors, inviting
from accounts.clients import Client as Origin
from accounts.links import LIFETIMES, make_link, token_of
from accounts.models import (
    AccountLink,
    BackupCode,
    EmailFactor,
    FailedAttempt,
    Lockout,
    TrustedDevice,
    User,
    UserSession,
)
from accounts.models.factor import code_from
from accounts.session_store import SessionStore
from accounts.trusted_devices import trust_device
from settimes.sealing import unseal
from tests.accounts.people import (
    DEAD_LINK,
    FIREFOX,
    HOME,
    NOW,
    PASSWORD,
    code_for,
    enter,
    is_in,
    make_person,
    make_person_with_app,
    send_code,
    sign_in,
)
from tests.security.world import address_of, all_patterns, browser_of, tables

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
PAGES = {"invite": "sign_up", "activate": "activate", "reset": "reset", "unlock": "unlock"}
LINKS = list(PAGES)
KINDS = [*LINKS, "device", "session"]
NEW_PASSWORD = "another staple of my own"


@pytest.fixture
def user():
    return make_person_with_app("editor")


def link_for(kind, user, now):
    if kind == "invite":
        return inviting.invite_user("viewer", days=1, by=None, now=now)
    return make_link(AccountLink.Purpose(kind), user, now=now)


def token_for(kind, user):
    now = timezone.now()
    if kind in LINKS:
        return token_of(link_for(kind, user, now))
    if kind == "device":
        return trust_device(user, Origin(agent=FIREFOX), now=now)[1]
    browser = Client()
    enter(browser, user)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def opens(kind, token, user):
    """Whether a token does what one of this kind does."""
    FailedAttempt.objects.all().delete()
    Lockout.objects.all().delete()
    cache.clear()
    browser = Client(REMOTE_ADDR=HOME, headers={"user-agent": FIREFOX})
    if kind in LINKS:
        return open_page(kind, token, browser).status_code == 200
    name = settings.DEVICE_COOKIE_NAME if kind == "device" else settings.SESSION_COOKIE_NAME
    browser.cookies[name] = token
    if kind == "device":
        sign_in(browser, user.email)
        return is_in(browser)
    return browser.get(reverse("accounts:profile")).status_code == 200


def open_page(kind, token, browser=None):
    """The page that a mailed link ends at."""
    browser = browser or Client(REMOTE_ADDR=HOME)
    assert browser.get(reverse("accounts:link_open", args=[kind, token])).status_code == 302
    return browser.get(reverse(f"accounts:{PAGES[kind]}"))


@pytest.mark.parametrize("kind", KINDS)
def test_S25_token_opens_what_it_is_for_and_nothing_else(user, kind):
    token = token_for(kind, user)

    assert [purpose for purpose in KINDS if opens(purpose, token, user)] == [kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", ["one character", "first character", "cut", "doubled", "other case", "longer"])
def test_S25_token_that_was_changed_opens_nothing(user, kind, change):
    token = token_for(kind, user)
    other = {
        "one character": token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],
        "first character": ("A" if token[0] != "A" else "B") + token[1:],
        "cut": token[:-1],
        "doubled": token * 2,
        "other case": token.swapcase() if token.swapcase() != token else "x",
        "longer": f"{token}A",
    }[change]

    assert [purpose for purpose in KINDS if opens(purpose, other, user)] == []
    assert opens(kind, token, user)


def body_of(response):
    """A page without what differs from one request to the next: the form's token, and the address to come back to."""
    return re.sub(r'name="(csrfmiddlewaretoken|next)" value="[^"]*"', "", response.content.decode())


@pytest.mark.parametrize("end", ["used", "revoked", "expired", "unknown", "for something else", "in no session"])
def test_S25_every_dead_link_is_answered_with_one_body(log, end):
    with time_machine.travel(NOW, tick=False) as clock:
        user, bodies = make_person("editor"), {}
        for kind in LINKS:
            link = link_for(kind, user, NOW)
            token = token_of(link)
            clock.move_to(link.expires_at if end == "expired" else NOW)
            if end in {"used", "revoked"}:
                type(link).objects.filter(pk=link.pk).update(**{f"{end}_at": NOW})
            if end == "unknown":
                link.delete()
            log()
            if end == "in no session":
                response = Client().get(reverse(f"accounts:{PAGES[kind]}"))
            else:
                purpose = LINKS[LINKS.index(kind) - 1] if end == "for something else" else kind
                response = open_page(purpose, token)
            assert response.status_code == 410
            assert DEAD_LINK in response.content.decode()
            assert log() == ([] if end == "in no session" else ["authn_token_reuse"])
            bodies[kind] = body_of(response)
            clock.move_to(NOW)

        unknown = body_of(open_page("reset", "A" * 43))
    assert set(bodies.values()) == {unknown}


@pytest.mark.parametrize("kind", LINKS)
def test_S25_link_works_to_the_second(kind):
    with time_machine.travel(NOW, tick=False) as clock:
        link = link_for(kind, make_person("editor"), NOW)
        token, ends = token_of(link), NOW + LIFETIMES.get(kind, timedelta(days=1))

        found = []
        for at in (ends - SECOND, ends, ends + SECOND):
            clock.move_to(at)
            found.append(open_page(kind, token).status_code)
    assert found == [200, 410, 410]


@pytest.mark.parametrize("kind", LINKS)
def test_S25_link_works_once(log, kind):
    user = make_person("editor")
    token = token_of(link_for(kind, user, timezone.now()))
    data = {
        "invite": {"email": "n@label.example", "first_name": "N", "last_name": "N", "password": NEW_PASSWORD},
        "reset": {"password": NEW_PASSWORD},
    }.get(kind, {})

    answers = []
    for _each in range(2):
        browser = Client(REMOTE_ADDR=HOME)
        open_page(kind, token, browser)
        answers.append(browser.post(reverse(f"accounts:{PAGES[kind]}"), data).status_code)

    assert answers == [302, 410]
    assert log()[-1] == "authn_token_reuse"


def test_S25_guessing_tokens_locks_the_network(log):
    statuses = [open_page("reset", f"{'A' * 42}{digit}").status_code for digit in range(6)]

    assert statuses == [410] * 5 + [429]
    assert log().count("authn_login_lock") == 1


# --- S26: the database in a thief's hands ------------------------------------------------------


def secrets_of_a_house():
    """Everything that opens something, by what it is, as its owner holds it."""
    user = make_person_with_app("editor")
    now = timezone.now()
    admin = make_person_with_app("admin")
    browser = Client()
    enter(browser, user)
    found = {"password": PASSWORD, "session": browser.cookies[settings.SESSION_COOKIE_NAME].value}
    found |= {kind: token_of(link_for(kind, user, now)) for kind in LINKS}
    half_way = Client(REMOTE_ADDR=HOME)
    half_way.get(reverse("accounts:link_open", args=["reset", found["reset"]]))
    found["session with a link"] = half_way.cookies[settings.SESSION_COOKIE_NAME].value
    found["device"] = trust_device(user, Origin(agent=FIREFOX), now=now)[1]
    app = user.authenticatorapp_set.get()
    found["app secret"] = factors.app_secret(app).replace(" ", "")
    found["app secret in hexadecimal"] = bytes.fromhex("31323334353637383930" * 2).hex()
    found["code of the app"] = code_for(user)
    EmailFactor.objects.create(user=user, name="Mail", confirmed=True, created_at=now)
    factors.send_email_code(user, now=now)
    found["code by mail"] = code_from(EmailFactor.objects.get().salt)
    codes = Client()
    enter(codes, admin)
    codes.post(reverse("accounts:codes_make"))  # waits in the session to be shown
    data = SessionStore(codes.cookies[settings.SESSION_COOKIE_NAME].value).load()
    for number, code in enumerate(unseal(data["backup_codes"]).split()):
        found[f"backup code {number}"] = code.replace("-", "")
    codes.get(reverse("accounts:app_add"))  # a secret that is not yet a factor
    data = SessionStore(codes.cookies[settings.SESSION_COOKIE_NAME].value).load()
    found["secret on its way"] = unseal(data["app_secret"])
    return found


def stolen():
    """Every column of every table, and what sessions say when they are decoded."""
    columns = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 (a table of our own)
            names = [column[0] for column in cursor.description]
            for name, values in zip(names, zip(*cursor.fetchall(), strict=True), strict=False):
                columns[f"{table}.{name}"] = list(values)
    store = SessionStore()
    columns["sessions decoded"] = [store.decode(data) for data in columns["accounts_usersession.session_data"]]
    return columns


def test_S26_nothing_that_opens_something_is_in_the_database():
    with time_machine.travel(NOW, tick=False):
        secrets = secrets_of_a_house()
        columns = stolen()

    in_clear = [
        (name, column)
        for name, secret in secrets.items()
        for column, values in columns.items()
        for value in values
        if secret.lower() in repr(value).replace("-", "").lower() or secret in repr(value)
    ]
    assert in_clear == []
    assert len(secrets) > 20
    assert len(columns) > 150


def test_S26_what_is_in_the_database_opens_nothing():
    user = make_person_with_app("editor")
    codes = factors.make_backup_codes(user, now=timezone.now())
    links = [link_for(kind, user, timezone.now()) for kind in LINKS]
    token_for("device", user)
    token_for("session", user)
    kept = [text for link in links for text in (link.digest, link.salt)]
    kept += [*TrustedDevice.objects.values_list("digest", flat=True)]
    kept += [*UserSession.objects.values_list("session_key", flat=True)]

    assert [(kind, text) for kind in KINDS for text in kept if opens(kind, text, user)] == []
    browser = Client()
    sign_in(browser, user.email)
    for digest in BackupCode.objects.values_list("digest", flat=True)[:4]:
        send_code(browser, digest[:40])
    assert not is_in(browser)
    assert len(codes) == 10


# --- S27: where a token could get to -----------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("kind", LINKS)
def test_S27_token_is_taken_out_of_the_address_at_once(caplog, kind, method):
    token = token_of(link_for(kind, make_person("editor"), timezone.now()))
    browser = Client(REMOTE_ADDR=HOME)

    with caplog.at_level("DEBUG"):
        response = getattr(browser, method)(reverse("accounts:link_open", args=[kind, token]))
        page = browser.get(response["Location"])

    assert (response.status_code, response["Location"]) == (302, reverse(f"accounts:{PAGES[kind]}"))
    assert response["Referrer-Policy"] in {"no-referrer", "same-origin"}
    assert page["Referrer-Policy"] in {"no-referrer", "same-origin"}
    assert "no-store" in response["Cache-Control"]
    assert "no-store" in page["Cache-Control"]
    assert page.status_code == 200
    assert token not in page.content.decode()
    assert token not in f"{sorted(response.headers.items())}{sorted(page.headers.items())}{response.cookies}"
    assert token not in " ".join(record.getMessage() for record in caplog.records if not is_sql(record))


def is_sql(record):
    """What Django says of its queries while it is debugged."""
    return record.name.startswith("django.db")


def test_S27_no_page_of_an_account_loads_anything_foreign(world):
    foreign = []
    seen = 0
    for subject in "AHUVD":
        for name, pattern, _ in all_patterns():
            if not pattern.startswith(("account/", "admin/")):
                continue
            cache.clear()
            response = browser_of(world, subject).get(address_of(world, name, pattern))
            page = response.content.decode()
            seen += response.status_code == 200
            loaded = re.findall(r"""<(?!a\b)[^>]*?\b(?:src|href|action|data|poster|srcset)=["']([^"']+)""", page)
            foreign += [
                (pattern, address)
                for address in loaded
                if re.match(r"(\w+:)?//", address) and not address.startswith(settings.SITE_URL)
            ]
            foreign += [(pattern, each) for each in re.findall(r"@import|url\((?:https?:)?//[^)]*", page)]
    assert foreign == []
    assert seen > 100


def test_S27_requests_of_dead_and_living_links_leave_no_address_in_the_trail(user):
    token = token_for("reset", user)
    open_page("reset", token)
    open_page("unlock", token)

    assert token not in repr(stolen())
    assert User.objects.count() == 1
