"""Sessions: how long they last, what they keep, and who ends them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError

from accounts.models import User, UserSession
from accounts.session_store import SessionStore, stored_key
from accounts.sessions import end_session, end_sessions, end_sessions_by_operator
from tests.accounts.rows import PASSWORD, SECOND, add_session, attempts, audited
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PAGE = "/account/security/factor/"  # open to who has no factor yet
ROLES = [("admin", 15 * MINUTE, 8 * HOUR), ("editor", 30 * MINUTE, 30 * DAY), ("viewer", 30 * MINUTE, 30 * DAY)]


@pytest.fixture(autouse=True)
def clock(time_machine):
    """What moves the time: everything begins at NOW."""
    time_machine.move_to(NOW, tick=False)
    return lambda after: time_machine.move_to(NOW + after, tick=False)


def enter(client, role):
    """Sign in as everybody does."""
    person = make_user(role)
    response = client.post("/account/sign-in/", {"email": person.email, "password": PASSWORD})
    assert response.status_code == 302
    return person


def reason_of(response):
    """Why a session that ended did: what the sign-in page is told."""
    assert response.status_code == 302
    return response["Location"].partition("&ended=")[2]


# --- How long ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "idle", "absolute"), ROLES)
def test_session_ends_when_nothing_is_done_for_too_long(client, clock, role, idle, absolute):
    enter(client, role)

    clock(idle - SECOND)
    assert client.get("/account/session/").json() == {"idle": 1, "absolute": int((absolute - idle).total_seconds()) + 1}
    clock(idle)
    assert reason_of(client.get(PAGE)) == "inactivity"
    assert UserSession.objects.filter(user__isnull=False).count() == 0


@pytest.mark.parametrize(("role", "idle", "absolute"), ROLES)
def test_session_goes_on_while_something_is_done_but_not_for_ever(client, clock, role, idle, absolute):
    enter(client, role)
    UserSession.objects.update(last_seen_at=NOW + absolute - MINUTE)

    clock(absolute - SECOND)
    assert client.get(PAGE).status_code == 200
    clock(absolute)
    assert reason_of(client.get(PAGE)) == "absolute"


def test_session_of_somebody_who_became_an_admin_has_an_admins_idle_limit(client, clock):
    ben = enter(client, "editor")
    User.objects.filter(pk=ben.pk).update(role="admin")

    clock(15 * MINUTE)

    assert reason_of(client.get(PAGE)) == "inactivity"


def test_session_that_ended_is_named_to_scripts_too(client, clock):
    enter(client, "editor")
    clock(30 * MINUTE)

    response = client.get("/account/session/", headers={"Accept": "application/json"})

    assert (response.status_code, response.json()) == (401, {"error": "Session expired", "reason": "inactivity"})


def test_being_active_is_written_down_at_most_once_a_minute(client, clock):
    enter(client, "editor")

    seen = []
    for after in (MINUTE, MINUTE + SECOND, 2 * MINUTE):
        clock(after)
        client.get(PAGE)
        seen.append(UserSession.objects.get(user__isnull=False).last_seen_at - NOW)

    assert seen == [0 * SECOND, MINUTE + SECOND, MINUTE + SECOND]


def test_asking_how_long_is_left_is_not_being_active(client, clock):
    enter(client, "editor")
    clock(20 * MINUTE)

    left = [client.get("/account/session/").json()["idle"] for _ in range(2)]

    assert left == [600, 600]


def test_staying_makes_the_idle_time_start_anew_but_not_the_session_longer(client, clock):
    enter(client, "editor")
    clock(20 * MINUTE)

    assert client.post("/account/session/stay/").json() == {"idle": 1800, "absolute": 30 * 86400 - 1200}
    clock(49 * MINUTE)
    assert client.get("/account/session/").json()["idle"] == 60


# --- What is kept ------------------------------------------------------------------------------


def test_session_key_is_kept_as_a_hash(client):
    enter(client, "editor")

    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    row = UserSession.objects.get()
    assert row.session_key == stored_key(key)
    assert key not in str(UserSession.objects.values().get())


def test_session_key_is_another_one_after_signing_in(client):
    client.get("/account/link/reset/x/")  # something to remember on the way in
    before = client.cookies[settings.SESSION_COOKIE_NAME].value

    enter(client, "editor")

    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    assert not SessionStore().exists(before)


def test_session_says_where_it_is(client):
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1"
    ben = make_user("editor")

    client.post(
        "/account/sign-in/",
        {"email": ben.email, "password": PASSWORD},
        headers={"User-Agent": agent},
        REMOTE_ADDR="203.0.113.9",
    )

    row = UserSession.objects.get()
    assert (row.user, row.device, row.address, row.signed_in_at, row.last_seen_at, row.expire_date) == (
        *(ben, "Safari on iPhone", "203.0.113.9"),
        *(NOW, NOW, NOW + 30 * DAY),
    )


def test_session_that_ended_meanwhile_is_not_brought_back_by_saving_it():
    store = SessionStore()
    store["basket"] = "full"
    store.save()
    UserSession.objects.all().delete()

    with pytest.raises(UpdateError):
        store.save()

    assert UserSession.objects.count() == 0


def test_session_before_signing_in_lasts_an_hour(client, clock):
    client.get("/account/link/reset/x/")

    assert UserSession.objects.get().expire_date == NOW + HOUR
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    clock(HOUR - SECOND)
    assert SessionStore(key).get("link to reset")
    clock(HOUR)
    assert SessionStore(key).get("link to reset") is None


# --- Ending them -------------------------------------------------------------------------------


def test_end_sessions_leaves_the_one_to_keep_and_those_of_others():
    ben, cem = make_user("editor"), make_user("viewer")
    here, *_ = [add_session(ben) for _ in range(3)]
    hers = add_session(cem)

    assert [end_sessions(ben, keep=here.pk, by=ben, reason="ended", now=NOW) for _ in range(2)] == [2, 0]

    assert set(UserSession.objects.all()) == {here, hers}
    assert attempts() == [("session", True, "ended")]
    assert audited() == [("sessions.ended", "editor@label.example")] * 2


def test_end_sessions_without_one_to_keep_ends_all():
    ben = make_user("editor")
    add_session(ben)

    assert end_sessions(ben, reason="role change", now=NOW) == 1

    assert (UserSession.objects.count(), attempts(), audited()) == (0, [("session", True, "role change")], [])


def test_end_sessions_by_operator_is_written_down():
    ben = make_user("editor")
    add_session(ben)

    assert [end_sessions_by_operator(ben, now=NOW) for _ in range(2)] == [1, 0]

    assert attempts() == [("session", True, "ended by an operator")]


def test_end_session_ends_one_and_is_written_down():
    ben, ana = make_user("editor"), make_user("admin")
    one, other = add_session(ben), add_session(ben)

    end_session(one, by=ana, now=NOW)

    assert list(UserSession.objects.all()) == [other]
    assert audited() == [("session.ended", "editor@label.example")]
