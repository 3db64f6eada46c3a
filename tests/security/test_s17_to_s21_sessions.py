"""S17 to S21: keys of sessions, when they end, who else may have them, and rights that change meanwhile."""

# ruff: noqa: N802 (tests bear the numbers of the security programme)

import re
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
import time_machine
from django.conf import settings as configured
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import factors, people, sessions
from accounts.clients import Client as Origin
from accounts.links import make_link, token_of
from accounts.models import AccountLink, TrustedDevice, User, UserSession
from accounts.signing_in import CONFIRMED_AT
from accounts.trusted_devices import LIFETIME, revoke_device, trust_device
from bands.models import BandProfile
from schedule.access import take_access
from schedule.models import Event, Performance, Venue
from tests.accounts.people import (
    FIREFOX,
    HOME,
    NOW,
    PASSWORD,
    code_for,
    enter,
    give_backup_codes,
    is_in,
    make_person,
    make_person_with_app,
    send_code,
    sign_in,
    trust,
)
from tests.admin_pages import form_in
from tests.admin_pages import sign_in as put_in
from tests.factories import make_event, make_set, make_user
from tests.security.world import address_of, all_patterns, browser_of

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
NEW_PASSWORD = "another staple of my own"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605.1.15 Version/19.0 Safari/604.1"


def key_of(client):
    return client.cookies[configured.SESSION_COOKIE_NAME].value


def with_key(key):
    client = Client(REMOTE_ADDR=HOME, headers={"user-agent": FIREFOX})
    client.cookies[configured.SESSION_COOKIE_NAME] = key
    return client


def is_alive(client):
    """Whether a browser's session opens a page of one's own account; a refusal leads to the door."""
    response = client.get(reverse("accounts:profile"))
    if response.status_code == 200:
        return True
    assert (response.status_code, response["Location"].partition("?")[0]) == (302, reverse("accounts:sign_in"))
    return False


# --- S17: a key that somebody else knows --------------------------------------------------------


def test_S17_key_that_an_attacker_made_up_is_not_taken_on(client, log):
    user = make_person()
    client.cookies[configured.SESSION_COOKIE_NAME] = "k" * 32

    response = sign_in(client, user.email)

    assert response.status_code == 302
    assert key_of(client) != "k" * 32
    assert not is_alive(with_key("k" * 32))
    assert log() == ["session_created", "session_use_after_expire"]


@pytest.mark.parametrize("step", ["password", "factor", "confirmation", "new password", "reset"])
def test_S17_key_from_before_is_dead_after_every_step(client, log, step):
    user = make_person_with_app("editor")
    code = give_backup_codes(user)[0]
    link = reverse("accounts:link_open", args=["reset", token_of(make_link("reset", user, now=timezone.now()))])
    client.get(link, REMOTE_ADDR=HOME)  # a session of nobody, as an attacker would plant it
    if step not in {"password", "reset"}:
        sign_in(client, user.email)
    if step in {"confirmation", "new password"}:
        send_code(client, code_for(user))
    before, known = key_of(client), Client(REMOTE_ADDR=HOME, headers={"user-agent": FIREFOX})
    known.cookies[configured.SESSION_COOKIE_NAME] = before
    log()

    if step == "password":
        sign_in(client, user.email)
    elif step == "factor":
        send_code(client, code_for(user))
    elif step == "confirmation":
        client.post(reverse("accounts:confirm"), {"code": code}, REMOTE_ADDR=HOME)
    elif step == "new password":
        data = {"current_password": PASSWORD, "password": NEW_PASSWORD}
        client.post(reverse("accounts:password"), data, REMOTE_ADDR=HOME)
    else:
        client.post(reverse("accounts:reset"), {"password": NEW_PASSWORD}, REMOTE_ADDR=HOME)

    after = client.cookies[configured.SESSION_COOKIE_NAME].value
    assert before != after
    expected = {
        "password": [],
        "factor": ["session_created"],
        "confirmation": ["session_confirmed"],
        "new password": ["authn_password_change"],
        "reset": ["authn_password_change"],
    }
    assert log() == expected[step]
    assert not is_alive(known)
    assert not UserSession.objects.filter(session_key__in=[before, after]).exists()  # kept as keyed hashes
    assert is_in(client) == (step in {"factor", "confirmation", "new password"})


# --- S18: what ends what -----------------------------------------------------------------------

ENDED, STAYS = False, True
# event                      session  trusted device  link to set a password
ENDINGS = {
    "nothing":               (STAYS,  STAYS,  STAYS),
    "signs out":             (ENDED,  STAYS,  STAYS),
    "changes her password":  (ENDED,  ENDED,  ENDED),
    "resets her password":   (ENDED,  ENDED,  ENDED),
    "removes a factor":      (ENDED,  ENDED,  STAYS),
    "factors are reset":     (ENDED,  ENDED,  STAYS),
    "is deactivated":        (ENDED,  ENDED,  ENDED),
    "is deactivated in SQL": (ENDED,  ENDED,  STAYS),
    "is deleted":            (ENDED,  ENDED,  ENDED),
    "has another role":      (ENDED,  ENDED,  STAYS),
    "is limited to events":  (ENDED,  STAYS,  STAYS),
    "must have a factor":    (ENDED,  STAYS,  STAYS),
    "ends all":              (ENDED,  STAYS,  STAYS),
    "is ended by an admin":  (ENDED,  STAYS,  STAYS),
    "revokes all devices":   (STAYS,  ENDED,  STAYS),
}  # fmt: skip


def happen(event, user, browser):
    now, admin = timezone.now(), User.objects.get(role="admin")
    made = {"by": admin, "now": now}
    if event == "signs out":
        browser.post(reverse("accounts:sign_out"))
    elif event == "changes her password":
        other = with_key(key_of(browser))
        put_in(other, user)
        data = {"current_password": PASSWORD, "password": NEW_PASSWORD}
        assert other.post(reverse("accounts:password"), data).status_code == 302
    elif event == "resets her password":
        other = Client(REMOTE_ADDR=HOME)
        other.get(reverse("accounts:link_open", args=["reset", token_of(user.links.get())]))
        assert other.post(reverse("accounts:reset"), {"password": NEW_PASSWORD}).status_code == 302
    elif event == "removes a factor":
        factors.remove_factor(user.authenticatorapp_set.last(), keep_session=None, now=now)
    elif event == "factors are reset":
        factors.reset_factors(user, reason="lost", **made)
    elif event == "is deactivated":
        people.deactivate_user(user, **made)
    elif event == "is deactivated in SQL":
        User.objects.filter(pk=user.pk).update(is_active=False, deactivated_at=now)
    elif event == "is deleted":
        people.delete_user(user, **made)
    elif event == "has another role":
        people.change_role(user, "viewer", **made)
    elif event == "is limited to events":
        people.limit_to_events(user, is_limited=True, **made)
    elif event == "must have a factor":
        people.require_second_factor(user, is_required=True, **made)
    elif event == "ends all":
        other = Client(REMOTE_ADDR=HOME)
        put_in(other, user)
        other.post(reverse("accounts:sessions_end"))
    elif event == "is ended by an admin":
        sessions.end_sessions(user, reason="ended by an admin", **made)
    elif event == "revokes all devices":
        browser.post(reverse("accounts:devices_revoke"))


@pytest.mark.parametrize("event", list(ENDINGS))
def test_S18_credentials_end_with_the_events_of_the_table(log, event):
    make_person("admin")
    user = make_person_with_app("editor")
    user.authenticatorapp_set.create(name="Tablet", sealed_secret="x", created_at=timezone.now())
    browser, trusted = Client(REMOTE_ADDR=HOME, headers={"user-agent": FIREFOX}), Client()
    enter(browser, user)
    old = with_key(key_of(browser))
    trust(trusted, user)
    link = reverse("accounts:link_open", args=["reset", token_of(make_link("reset", user, now=timezone.now()))])
    password = NEW_PASSWORD if "her password" in event else PASSWORD

    happen(event, user, browser)
    log()
    session, device, mailed = ENDINGS[event]

    assert is_alive(old) is session
    assert ("session_use_after_expire" in log()) is not session
    sign_in(trusted, user.email, password)
    if event == "factors are reset":  # she has none that could be asked: the old device is as good as none
        assert TrustedDevice.objects.filter(revoked_at=None).count() == 0
    else:
        assert is_in(trusted) is device
    fresh = Client(REMOTE_ADDR=HOME)
    fresh.get(link)
    assert fresh.get(reverse("accounts:reset")).status_code == (200 if mailed else 410)
    assert ("authn_token_reuse" in log()) is not mailed or not device


@pytest.mark.parametrize(
    ("role", "idle", "absolute"),
    [("editor", timedelta(minutes=30), timedelta(days=30)), ("admin", timedelta(minutes=15), timedelta(hours=8))],
)
@pytest.mark.parametrize("limit", ["idle", "absolute"])
def test_S18_session_ends_to_the_second(log, role, idle, absolute, limit):
    user = make_person_with_app(role)
    with time_machine.travel(NOW, tick=False) as clock:
        browser = Client(REMOTE_ADDR=HOME, headers={"user-agent": FIREFOX})
        enter(browser, user)
        ends = NOW + (idle if limit == "idle" else absolute)
        if limit == "absolute":
            UserSession.objects.update(last_seen_at=ends - SECOND)

        clock.move_to(ends - SECOND)
        assert browser.get(reverse("accounts:session_left")).status_code == 200
        clock.move_to(ends)
        log()
        assert not is_alive(browser)

    assert log() == ["session_use_after_expire"]
    assert UserSession.objects.count() == 0


def test_S18_trusted_device_lasts_thirty_days_to_the_second(log):
    user = make_person_with_app("editor")
    with time_machine.travel(NOW, tick=False) as clock:
        token = trust(Client(), user)

        found = []
        for at in (NOW + LIFETIME - SECOND, NOW + LIFETIME, NOW + LIFETIME + timedelta(days=1)):
            clock.move_to(at)
            browser = Client()
            browser.cookies[configured.DEVICE_COOKIE_NAME] = token
            sign_in(browser, user.email)
            found.append(is_in(browser))
    assert found == [True, False, False]


# --- S19: what a page tells --------------------------------------------------------------------


def test_S19_no_answer_contains_a_session_key(world):
    secret = [key for key in world.keys.values() if key]
    stored = list(UserSession.objects.values_list("session_key", flat=True))

    told = []
    for subject in "EDH":
        for name, pattern, _ in all_patterns():
            cache.clear()
            browser = browser_of(world, subject)
            response = browser.get(address_of(world, name, pattern))
            said = f"{sorted(response.headers.items())}{b''.join(response).decode(errors='replace')}"
            told += [(subject, pattern) for key in (*secret, *stored) if key in said]
    assert told == []


def test_S19_cookies_are_bound_to_this_host_and_unreadable_for_scripts(client, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-settimes-session", "__Host-settimes-csrf"
    settings.DEVICE_COOKIE_NAME = "__Host-settimes-device"
    user = make_person_with_app("editor")

    page = client.get(reverse("accounts:sign_in"), secure=True)
    sign_in(client, user.email, secure=True)
    data = {"code": code_for(user), "remember": "on"}
    response = client.post(
        reverse("accounts:factor"), data, secure=True, REMOTE_ADDR=HOME, headers={"user-agent": FIREFOX}
    )

    cookies = SimpleCookie()
    cookies.update({**page.cookies, **response.cookies})
    names = {"__Host-settimes-session", "__Host-settimes-csrf", "__Host-settimes-device"}
    assert set(cookies) == names
    for name in names:
        cookie = cookies[name]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax"), name
        assert (cookie["path"], cookie["domain"]) == ("/", ""), name


def test_S19_prefix_of_cookies_goes_with_https():
    assert re.fullmatch(r"(__Host-)?settimes-session", configured.SESSION_COOKIE_NAME)
    assert configured.SESSION_COOKIE_NAME.startswith("__Host-") is configured.SITE_URL.startswith("https://")


# --- S20: the cookie of a trusted device -------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "event"),
    [
        ("copied to another browser", "authn_token_reuse"),
        ("of somebody else", None),
        ("one character changed", None),
        ("cut", None),
        ("doubled", None),
        ("in other case", None),
        ("read in the database", None),
        ("revoked", "authn_token_reuse"),
        ("empty", None),
    ],
)
def test_S20_device_cookie_that_is_not_hers_asks_for_the_factor(log, what, event):
    user, other = make_person_with_app("editor"), make_person_with_app("viewer")
    device, token = trust_device(user, Origin(agent=FIREFOX), now=timezone.now())
    presented = {
        "one character changed": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "cut": token[:-1],
        "doubled": token * 2,
        "in other case": token.swapcase(),
        "read in the database": device.digest,
        "empty": "",
    }.get(what, token)
    if what == "revoked":
        revoke_device(device, by=user, now=timezone.now())
    browser = Client()
    browser.cookies[configured.DEVICE_COOKIE_NAME] = presented
    log()

    who = other if what == "of somebody else" else user
    agent = SAFARI if what == "copied to another browser" else FIREFOX
    response = sign_in(browser, who.email, agent=agent)

    assert (response.status_code, response["Location"]) == (302, reverse("accounts:factor"))
    assert not is_in(browser)
    assert log() == ([event] if event else [])


def test_S20_device_cookie_shows_its_last_use_and_is_hashed():
    user = make_person_with_app("editor")
    with time_machine.travel(NOW, tick=False) as clock:
        browser = Client()
        token = trust(browser, user)
        clock.move_to(NOW + timedelta(days=3))
        sign_in(browser, user.email)
        assert is_in(browser)

    device = TrustedDevice.objects.get()
    assert device.last_used_at == NOW + timedelta(days=3)
    assert token not in repr(TrustedDevice.objects.values_list())


# --- S21: rights that change meanwhile ---------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "form_id", "entered"),
    [
        ("/admin/schedule/event/{event}/change/", "event_form", {"city": "Hamilton"}),
        ("/admin/schedule/performance/{set}/change/", "performance_form", {"notes": "Bring a stool."}),
        ("/admin/schedule/venue/{venue}/change/", "venue_form", {"city": "Hamilton"}),
        ("/admin/bands/bandprofile/{band}/change/", "bandprofile_form", {"description": "Four friends."}),
        ("/admin/schedule/event/add/", "event_form", {"name": "New Crawl", "date": "2026-12-05"}),
        ("/admin/schedule/event/", "changelist-form", {"action": "publish_empty", "_selected_action": "{event}"}),
    ],
)
def test_S21_form_that_was_open_while_the_role_was_lowered_does_nothing(client, log, path, form_id, entered):
    admin, editor = make_person("admin"), make_person("editor")
    rows = {"event": make_event(), "set": make_set(make_event("Other Crawl"))}
    ids = {name: row.pk for name, row in rows.items()}
    ids |= {"venue": rows["set"].venue_id, "band": rows["set"].band_id}
    put_in(client, editor)
    address = path.format(**ids)
    sent = {**form_in(client.get(address), form_id), **{k: v.format(**ids) for k, v in entered.items()}}
    before = everything()

    people.change_role(editor, "viewer", by=admin, now=timezone.now())
    log()
    open_page = client.post(address, sent)
    put_in(client, User.objects.get(pk=editor.pk))
    again = client.post(address, sent)

    assert (open_page.status_code, open_page["Location"].partition("?")[0]) == (302, reverse("accounts:sign_in"))
    assert everything() == before
    events = log()
    assert events[0] == "session_use_after_expire"
    if form_id != "changelist-form":  # a list is open to her, without its actions
        assert again.status_code == 403
        assert "Your role does not allow this." in again.content.decode()
        assert events[-1] == "authz_fail"


def test_S21_event_that_was_taken_away_while_its_form_was_open(client, log):
    event = make_event()
    editor = make_user("editor", event)
    put_in(client, editor)
    address = f"/admin/schedule/event/{event.pk}/change/"
    sent = {**form_in(client.get(address), "event_form"), "city": "Hamilton"}

    take_access(event, editor, by=None, now=timezone.now())

    assert client.post(address, sent).status_code == 404
    assert Event.objects.get().city != "Hamilton"


def test_S21_proof_that_grew_old_while_the_page_was_open(client, log):
    put_in(client, make_person("admin"))
    invite = {"email": "new@label.example", "role": "admin", "days": "7"}
    address = reverse("admin:accounts_invite_add")
    assert client.get(address).status_code == 200

    session = client.session
    session[CONFIRMED_AT] -= 5 * 60 + 1
    session.save()
    response = client.post(address, invite)

    assert response.status_code == 403
    assert log() == ["authz_fail"]
    assert AccountLink.objects.count() == 0


def everything():
    """What editors write, as it stands."""
    return [list(model.objects.order_by("pk").values()) for model in (Event, Performance, Venue, BandProfile)]
