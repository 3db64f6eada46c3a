"""S01, S04, S06, S07: guessing stops, and who is locked out gets in again.

Limits are exact: every one is reached from both sides, with the clock moved to the second.
"""

# ruff: noqa: N802 (tests bear the numbers of the security programme)

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import lockouts, recovering
from accounts.clients import Client as Origin
from accounts.models import FailedAttempt, Lockout, TrustedDevice
from accounts.trails import account_key
from tests.accounts.people import (
    CAFE,
    CODE_REFUSED,
    DEAD_LINK,
    HOME,
    NOW,
    PASSWORD,
    REFUSED,
    WRONG,
    alerts_in,
    code_for,
    fail,
    history,
    is_in,
    last_mail,
    link_in,
    logged,
    mails_to,
    make_person,
    make_person_with_app,
    security_lines,
    send_code,
    sign_in,
    too_many,
    trust,
    wrong_code_for,
)

pytestmark = pytest.mark.django_db

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


def locks():
    return sorted(Lockout.objects.values_list("scope", "reason"))


# --- S01: one network --------------------------------------------------------------------------


def test_S01_five_wrong_passwords_are_refused_and_the_sixth_try_is_not_even_looked_at(client, caplog):
    make_person(email="ana@label.example")
    make_person(email="ben@label.example")

    answers = [sign_in(client, "ana@label.example", WRONG) for _each in range(5)]
    sixth = sign_in(client, "ben@label.example", PASSWORD)

    assert [(each.status_code, alerts_in(each)) for each in answers] == [(200, REFUSED)] * 5
    assert (sixth.status_code, sixth["Retry-After"]) == (429, "3600")
    assert too_many(60) in sixth.content.decode()
    assert not is_in(client)
    # The fifth locks the network and the account, each with its line.
    assert logged(caplog) == [*["authn_login_fail"] * 5, *["authn_login_lock"] * 2, "excess_rate_limit_exceeded"]
    assert history() == [
        *[("sign_in", False, "wrong password")] * 5,
        ("lock", False, "network"),
        ("lock", False, "account"),
        ("sign_in", False, "network locked"),
    ]
    assert locks() == [("account", "password"), ("network", "password")]


def test_S01_four_wrong_passwords_do_not_lock(client, caplog):
    user = make_person()
    fail(4, user.email)

    assert sign_in(client, user.email).status_code == 302

    assert is_in(client)
    assert logged(caplog) == [*["authn_login_fail"] * 4, "authn_login_successafterfail"]
    assert (locks(), FailedAttempt.objects.count()) == ([], 0)


def test_S01_the_lock_stands_for_an_hour_to_the_second(client, clock, caplog):
    user = make_person()
    fail(5, user.email)

    clock.move_to(NOW + timedelta(minutes=59, seconds=59), tick=False)
    before = sign_in(client, user.email)
    clock.move_to(NOW + timedelta(minutes=60), tick=False)
    at_the_hour = sign_in(client, user.email)

    assert (before.status_code, before["Retry-After"]) == (429, "60")
    assert too_many(1) in before.content.decode()
    assert at_the_hour.status_code == 302
    assert is_in(client)
    assert logged(caplog)[-2:] == ["excess_rate_limit_exceeded", "authn_login_successafterfail"]


@pytest.mark.parametrize(("minutes", "seconds", "words"), [(0, 1, 60), (1, 0, 59), (58, 59, 2), (59, 0, 1)])
def test_S01_minutes_to_wait_are_rounded_up(client, clock, minutes, seconds, words):
    user = make_person()
    fail(5, user.email)

    clock.move_to(NOW + timedelta(minutes=minutes, seconds=seconds), tick=False)

    assert too_many(words) in sign_in(client, user.email).content.decode()


@pytest.mark.parametrize(
    ("pause", "is_locked"),
    [(timedelta(minutes=10) - SECOND, True), (timedelta(minutes=10), False), (timedelta(minutes=10) + SECOND, False)],
)
def test_S01_ten_minutes_roll(client, clock, pause, is_locked):
    """Four failures, a pause, four more: within ten minutes the fifth locks, after them none does."""
    user = make_person()
    fail(4, user.email)

    clock.move_to(NOW + pause, tick=False)
    again = fail(4, user.email)

    assert again == ([200, 429, 429, 429] if is_locked else [200] * 4)
    assert bool(locks()) is is_locked


def test_S01_failures_are_counted_in_a_rolling_window_not_from_its_first(clock):
    user = make_person()
    for minute in (0, 3, 6, 9, 11):  # at 11 the first has left the window, four are in it
        clock.move_to(NOW + timedelta(minutes=minute), tick=False)
        fail(1, user.email)
    assert locks() == []

    clock.move_to(NOW + timedelta(minutes=12), tick=False)
    fail(1, user.email)

    assert locks() == [("account", "password"), ("network", "password")]


def test_S01_addresses_of_one_ipv6_network_are_one(caplog):
    make_person(email="ana@label.example")

    answers = [
        sign_in(Client(), f"somebody{number}@label.example", WRONG, at=f"2001:db8:7:9:{number:x}::{number + 1:x}")
        for number in range(12)
    ]
    neighbour = sign_in(Client(), "ana@label.example", WRONG, at="2001:db8:7:a::1")

    assert [each.status_code for each in answers] == [200] * 5 + [429] * 7
    assert neighbour.status_code == 200
    assert logged(caplog).count("authn_login_lock") == 1
    assert Lockout.objects.get().key == "2001:db8:7:9::/64"


def test_S01_ipv4_neighbours_are_not_locked_with_it():
    fail(5, "somebody@label.example", at="203.0.113.5")

    assert fail(1, "ana@label.example", at="203.0.113.6") == [200]


def test_S01_no_cache_is_needed_to_remember(client):
    user = make_person()
    fail(5, user.email)
    cache.clear()

    assert sign_in(client, user.email).status_code == 429


def test_S01_log_lines_hold_neither_password_nor_address_nor_whole_network(client, caplog):
    user = make_person()
    fail(5, user.email, at="203.0.113.57")
    sign_in(client, "stranger@label.example", WRONG, at="203.0.113.57")

    text = "\n".join(security_lines(caplog))
    assert [word for word in (WRONG, PASSWORD, user.email, "stranger", "203.0.113.57") if word in text] == []
    assert "network=203.0.113.0/24 route=" in text
    assert f"user={user.pk}" in text


def test_S01_a_locked_network_is_told_so_as_json_to_who_asks_for_json(client):
    fail(5, "ana@label.example")

    answer = sign_in(client, "ana@label.example", HTTP_ACCEPT="application/json")

    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert answer.json() == {"error": "Too many attempts", "message": too_many(60)}


# --- S04: success does not wipe the slate ------------------------------------------------------


def test_S04_own_sign_ins_between_guesses_at_another_account_do_not_help(monkeypatch, caplog):
    mallory = make_person(email="mallory@label.example")
    victim = make_person(email="victim@label.example")
    checked = []
    right = type(victim).check_password
    monkeypatch.setattr(
        type(victim), "check_password", lambda user, raw: checked.append(user.email) or right(user, raw)
    )

    answers = []
    for _each in range(13):
        sign_in(Client(), mallory.email)
        answers.append(sign_in(Client(), victim.email, WRONG).status_code)

    assert answers == [200] * 5 + [429] * 8
    assert checked.count(victim.email) == 5
    assert logged(caplog).count("authn_login_lock") == 2


def test_S04_success_forgets_only_ones_own_failures_on_this_network():
    ana, ben = make_person(email="ana@label.example"), make_person(email="ben@label.example")
    fail(2, ana.email, at=HOME)
    fail(2, ana.email, at=CAFE)
    fail(2, ben.email, at=HOME)

    assert is_in_after(sign_in, ana.email)

    left = sorted(FailedAttempt.objects.values_list("network", "account_key"))
    assert left == sorted([(CAFE, account_key(ana.email))] * 2 + [(HOME, account_key(ben.email))] * 2)


def is_in_after(step, *arguments):
    client = Client()
    step(client, *arguments)
    return is_in(client)


def test_S04_a_right_password_alone_forgets_nothing():
    """Only who is in, with everything, starts anew: else a stolen password would give endless codes."""
    user = make_person_with_app()
    fail(3, user.email)

    sign_in(Client(), user.email)

    assert FailedAttempt.objects.count() == 3


# --- S06: one account, many networks -----------------------------------------------------------


def networks(number):
    return [f"198.18.{each // 250}.{each % 250 + 1}" for each in range(number)]


def test_S06_five_failures_from_five_networks_lock_the_account_for_an_hour(client, clock, caplog):
    user = make_person()
    for network in networks(5):
        fail(1, user.email, at=network)

    locked = sign_in(client, user.email, at=CAFE)
    clock.move_to(NOW + timedelta(minutes=59, seconds=59), tick=False)
    still = sign_in(client, user.email, at=CAFE)
    clock.move_to(NOW + timedelta(hours=1), tick=False)
    free = sign_in(client, user.email, at=CAFE)

    assert [(each.status_code, alerts_in(each)) for each in (locked, still)] == [(200, REFUSED)] * 2
    assert free.status_code == 302
    assert logged(caplog) == [
        *["authn_login_fail"] * 5,
        "authn_login_lock",
        *["authn_login_fail"] * 2,
        "session_created",
    ]
    (lock_line,) = [line for line in security_lines(caplog) if line.startswith("authn_login_lock")]
    assert lock_line.startswith(f"authn_login_lock outcome=failure kind=lock reason=account user={user.pk} ")
    assert history("sign_in")[-3:] == [("sign_in", False, "account locked")] * 2 + [("sign_in", True, "")]


def test_S06_an_address_without_an_account_locks_as_well(client):
    """Else its answers would tell that there is none."""
    for network in networks(5):
        fail(1, "nobody@label.example", at=network)

    assert sign_in(client, "nobody@label.example", at=CAFE).status_code == 200
    assert history("sign_in")[-1] == ("sign_in", False, "account locked")


def test_S06_locks_do_not_look_at_capitals():
    user = make_person(email="ana@label.example")
    for network, email in zip(
        networks(5), ["ana@label.example", "ANA@label.example", " Ana@Label.example "] * 2, strict=False
    ):
        fail(1, email, at=network)

    assert Lockout.objects.get().key == account_key(user.email)


@pytest.mark.parametrize(("checks", "is_free"), [(99, True), (100, False)])
def test_S06_a_hundred_password_checks_a_day_for_one_account(client, clock, checks, is_free):
    user = make_person()
    FailedAttempt.objects.bulk_create(
        FailedAttempt(kind="password", network=network, account_key=account_key(user.email), at=NOW)
        for network in networks(checks)
    )
    clock.move_to(NOW + timedelta(hours=2), tick=False)

    answer = sign_in(client, user.email, at=CAFE)

    assert is_in(client) is is_free
    assert alerts_in(answer) == ("" if is_free else REFUSED)


@pytest.mark.parametrize(("later", "is_free"), [(timedelta(days=1) - SECOND, False), (timedelta(days=1), True)])
def test_S06_the_hundred_are_counted_over_a_rolling_day(client, clock, later, is_free):
    user = make_person()
    FailedAttempt.objects.bulk_create(
        FailedAttempt(kind="password", network=network, account_key=account_key(user.email), at=NOW)
        for network in networks(100)
    )
    clock.move_to(NOW + later, tick=False)

    sign_in(client, user.email, at=CAFE)

    assert is_in(client) is is_free


def test_S06_an_attack_for_a_day_reaches_the_password_a_hundred_times(clock, monkeypatch):
    """Five guesses an hour from ever new networks, as the lock allows; the hundredth is the last."""
    user = make_person()
    guesses = []
    monkeypatch.setattr(type(user), "check_password", lambda her, raw: guesses.append(raw) and False)

    for round_ in range(23):
        for guess in range(5):
            clock.move_to(NOW + timedelta(minutes=61 * round_, seconds=guess), tick=False)
            sign_in(Client(), user.email, WRONG, at=f"198.18.{round_}.{guess}")

    assert len(guesses) == 100


def hold_by_codes(clock, user):
    """Ten wrong codes within a day, five at a time because each five lock for an hour."""
    for hour in (0, 1):
        clock.move_to(NOW + timedelta(hours=hour, seconds=hour), tick=False)
        client = Client()
        sign_in(client, user.email, at=f"198.18.9.{hour}")
        for _each in range(5):
            send_code(client, wrong_code_for(user), at=f"198.18.9.{hour}")
    return NOW + timedelta(hours=1, seconds=1)


def test_S06_ten_wrong_codes_hold_the_account_for_a_day(clock, caplog):
    user = make_person_with_app()

    held_at = hold_by_codes(clock, user)

    hold = Lockout.objects.get(scope="account")
    assert (hold.locked_at, hold.locked_until) == (held_at, held_at + timedelta(days=1))
    clock.move_to(held_at + timedelta(days=1) - SECOND, tick=False)
    early = Client()
    assert alerts_in(sign_in(early, user.email, at=CAFE)) == REFUSED
    clock.move_to(held_at + timedelta(days=1), tick=False)
    late = Client()
    sign_in(late, user.email, at=CAFE)
    send_code(late, code_for(user), at=CAFE)
    assert is_in(late)
    assert logged(caplog).count("authn_login_lock") == 4  # twice the network and the account


def test_S06_nine_wrong_codes_lock_for_an_hour_only(clock):
    user = make_person_with_app()
    for hour, tries in ((0, 5), (1, 4)):
        clock.move_to(NOW + timedelta(hours=hour, seconds=hour), tick=False)
        client = Client()
        sign_in(client, user.email, at=f"198.18.9.{hour}")
        for _each in range(tries):
            send_code(client, wrong_code_for(user), at=f"198.18.9.{hour}")

    free = Client()
    sign_in(free, user.email, at=CAFE)
    send_code(free, code_for(user), at=CAFE)

    assert is_in(free)


def test_S06_a_day_of_waiting_is_not_made_shorter_by_a_later_lock(clock):
    user = make_person_with_app()
    hers = Client()
    trust(hers, user)
    held_at = hold_by_codes(clock, user)
    until = Lockout.objects.get(scope="account").locked_until

    clock.move_to(held_at + timedelta(minutes=1), tick=False)
    for _each in range(5):
        sign_in(hers, user.email, WRONG, at=CAFE)

    assert Lockout.objects.get(scope="account").locked_until == until


def test_S06_a_held_account_answers_right_codes_like_wrong_ones(client, caplog):
    user = make_person_with_app()
    sign_in(client, user.email, at=CAFE)
    other = Client()
    sign_in(other, user.email, at=HOME)
    sign_in(client, user.email, at=CAFE)
    for network in networks(5):
        fail(1, user.email, at=network)

    answer = send_code(client, code_for(user), at=CAFE)

    assert (answer.status_code, alerts_in(answer)) == (200, CODE_REFUSED)
    assert not is_in(client)
    assert history("factor") == [("factor", False, "account locked")]
    assert logged(caplog)[-1] == "authn_login_fail"


def test_S06_codes_from_a_locked_network_are_not_looked_at(client, caplog):
    user = make_person_with_app()
    sign_in(client, user.email)
    fail(5, "somebody@label.example")

    answer = send_code(client, code_for(user))

    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert too_many(60) in answer.content.decode()
    assert logged(caplog)[-1] == "excess_rate_limit_exceeded"
    assert history("factor") == [("factor", False, "network locked")]


# --- S06: the owner on a device she trusts -----------------------------------------------------


def test_S06_a_trusted_device_passes_the_locks_of_network_and_account(caplog):
    user = make_person_with_app()
    browsers = [Client() for _each in range(3)]
    for browser in browsers:
        trust(browser, user)
    fail(5, user.email, at=HOME)

    answers = [sign_in(browser, user.email, at=at) for browser, at in zip(browsers, (HOME, HOME, CAFE), strict=True)]

    assert [(each.status_code, each["Location"]) for each in answers] == [(302, "/admin/")] * 3
    assert all(is_in(browser) for browser in browsers)
    assert history("sign_in")[-3:] == [("sign_in", True, "trusted device")] * 3
    assert locks() == [("account", "password"), ("network", "password")]  # for everybody else they stand
    security_lines(caplog)


def test_S06_a_trusted_device_passes_a_day_of_waiting():
    user = make_person_with_app()
    browser = Client()
    trust(browser, user)
    Lockout.objects.create(
        scope="account", key=account_key(user.email), locked_at=NOW, locked_until=NOW + timedelta(days=1)
    )

    sign_in(browser, user.email)

    assert is_in(browser)


def test_S06_a_trusted_device_passes_the_hundred_checks_a_day():
    user = make_person_with_app()
    browser = Client()
    trust(browser, user)
    FailedAttempt.objects.bulk_create(
        FailedAttempt(
            kind="password", network=network, account_key=account_key(user.email), at=NOW - timedelta(hours=2)
        )
        for network in networks(100)
    )

    sign_in(browser, user.email)

    assert is_in(browser)


def test_S06_a_device_that_another_person_trusts_passes_nothing():
    ana, ben = make_person_with_app(email="ana@label.example"), make_person_with_app(email="ben@label.example")
    browser = Client()
    trust(browser, ben)
    fail(5, ana.email, at=HOME)

    assert sign_in(browser, ana.email, at=HOME).status_code == 429
    assert alerts_in(sign_in(browser, ana.email, at=CAFE)) == REFUSED


def test_S06_a_trusted_device_has_a_count_of_its_own(clock, caplog):
    user = make_person_with_app()
    browser, other = Client(), Client()
    trust(browser, user)
    trust(other, user)

    answers = [sign_in(browser, user.email, WRONG).status_code for _each in range(6)]

    assert answers == [200] * 5 + [429]
    assert locks() == [("account", "password"), ("device", "password"), ("network", "password")]
    assert sign_in(browser, user.email, at=CAFE).status_code == 429
    assert sign_in(other, user.email).status_code == 302
    clock.move_to(NOW + timedelta(hours=1), tick=False)
    assert sign_in(browser, user.email).status_code == 302
    assert logged(caplog).count("authn_login_lock") == 3


@pytest.mark.parametrize("what", ["edited", "revoked", "expired", "another browser"])
def test_S06_a_device_that_is_not_trusted_any_more_passes_nothing(clock, what):
    user = make_person_with_app()
    browser = Client()
    token = trust(browser, user)
    if what == "edited":
        browser.cookies["settimes-device"] = token[:-1] + ("A" if token[-1] != "A" else "B")
    elif what == "revoked":
        TrustedDevice.objects.update(revoked_at=NOW)
    elif what == "expired":
        clock.move_to(NOW + timedelta(days=30), tick=False)
    agent = "Mozilla/5.0 (iPhone) Safari/600" if what == "another browser" else "Mozilla/5.0 (X11; Linux) Firefox/140.0"
    fail(5, user.email, at=HOME)

    assert sign_in(browser, user.email, at=HOME, agent=agent).status_code == 429
    assert alerts_in(sign_in(browser, user.email, at=CAFE, agent=agent)) == REFUSED


def test_S06_a_trusted_device_is_trusted_for_thirty_days_to_the_second(clock):
    user = make_person_with_app()
    browser = Client()
    trust(browser, user)

    clock.move_to(NOW + timedelta(days=30) - SECOND, tick=False)
    assert sign_in(browser, user.email)["Location"] == "/admin/"
    browser.cookies.pop("settimes-session")
    clock.move_to(NOW + timedelta(days=30), tick=False)
    assert sign_in(browser, user.email)["Location"] == "/account/sign-in/factor/"


# --- S06, S16: the owner's mail ----------------------------------------------------------------


def test_S06_the_owner_is_mailed_once_for_each_lock(clock):
    user = make_person()
    fail(5, user.email)
    assert mails_to(user) == ["unlock"]

    clock.move_to(NOW + timedelta(hours=1), tick=False)
    fail(5, user.email)

    assert mails_to(user) == ["unlock", "unlock"]


def test_S06_nobody_is_mailed_for_an_address_without_an_account():
    fail(5, "nobody@label.example")

    assert (locks(), recovering.AccountLink.objects.count()) == (
        [("account", "password"), ("network", "password")],
        0,
    )


def test_S16_the_unlock_link_lets_her_try_again_and_still_asks_the_factor(client, caplog):
    user = make_person_with_app()
    fail(5, user.email)
    address = link_in(last_mail(user, "unlock"))

    opened = client.get(address, REMOTE_ADDR=HOME)
    page = client.get(opened["Location"], REMOTE_ADDR=HOME)
    assert (opened["Location"], page.status_code) == ("/account/unlock/", 200)
    assert user.email in page.content.decode()
    assert len(locks()) == 2  # reading a mail does nothing
    done = client.post("/account/unlock/", REMOTE_ADDR=HOME)
    assert (done.status_code, done["Location"], locks()) == (302, "/account/sign-in/", [])
    assert not is_in(client)

    answer = sign_in(client, user.email)
    assert (answer["Location"], is_in(client)) == ("/account/sign-in/factor/", False)
    send_code(client, code_for(user))
    assert is_in(client)
    assert history("unlock") == [("unlock", True, "")]
    assert "authn_login_unlock" in logged(caplog)


def test_S16_the_unlock_link_works_once(client, caplog):
    user = make_person()
    fail(5, user.email)
    address = link_in(last_mail(user, "unlock"))
    client.get(address)
    client.post("/account/unlock/")
    fail(5, user.email, at=CAFE)

    again = client.get(address, follow=True)
    pressed = client.post("/account/unlock/")

    assert [(each.status_code, DEAD_LINK in each.content.decode()) for each in (again, pressed)] == [(410, True)] * 2
    assert ("unlock", False, "link used") in history("unlock")
    assert "authn_token_reuse" in logged(caplog)
    assert Lockout.objects.filter(scope="account").exists()


@pytest.mark.parametrize(("later", "status"), [(timedelta(hours=1) - SECOND, 200), (timedelta(hours=1), 410)])
def test_S16_the_unlock_link_works_for_an_hour(client, clock, later, status):
    user = make_person()
    fail(5, user.email)
    address = link_in(last_mail(user, "unlock"))
    clock.move_to(NOW + later, tick=False)

    assert client.get(address, follow=True).status_code == status


def test_S16_unlocking_one_account_leaves_the_network_that_others_failed_on_locked(client):
    ana = make_person(email="ana@label.example")
    fail(1, "somebody@label.example", at=HOME)
    fail(4, ana.email, at=HOME)
    fail(1, ana.email, at=CAFE)
    assert sorted(Lockout.objects.values_list("scope", flat=True)) == ["account", "network"]

    client.get(link_in(last_mail(ana, "unlock")), REMOTE_ADDR=CAFE)
    client.post("/account/unlock/", REMOTE_ADDR=CAFE)

    assert list(Lockout.objects.values_list("scope", flat=True)) == ["network"]


# --- S07: spraying -----------------------------------------------------------------------------


def test_S07_one_password_for_many_accounts_is_stopped_by_network(caplog):
    people = [make_person(email=f"person{number}@label.example") for number in range(8)]

    answers = [sign_in(Client(), person.email, "Summer2026Summer").status_code for person in people]

    assert answers == [200] * 5 + [429] * 3
    assert logged(caplog).count("authn_login_lock") == 1


@pytest.mark.parametrize(
    ("usual_a_minute", "last_minute", "alarms"), [(0, 49, 0), (0, 50, 1), (10, 100, 0), (10, 112, 1)]
)
def test_S07_ten_times_the_usual_failures_raise_an_alarm(caplog, usual_a_minute, last_minute, alarms):
    rows = [
        FailedAttempt(kind="password", network=f"n{minute}-{each}", at=NOW - timedelta(minutes=minute + 1))
        for minute in range(24 * 60 - 1)
        for each in range(usual_a_minute)
    ]
    rows += [FailedAttempt(kind="password", network=f"new{each}", at=NOW - SECOND) for each in range(last_minute)]
    FailedAttempt.objects.bulk_create(rows)

    lockouts.warn_of_spraying(NOW)

    found = [record for record in caplog.records if record.name == "settimes.security"]
    assert [record.levelname for record in found] == ["ERROR"] * alarms
    assert [record.getMessage() for record in found] == [
        f"authn_login_alarm failures_last_minute={last_minute}"
    ] * alarms


# --- The module by itself ----------------------------------------------------------------------


def open_one(number, *, network="n", email="ana@label.example", kind="password", now=NOW):
    return lockouts.open_attempt(FailedAttempt.Kind(kind), client=Origin(network=network), email=email, now=now)


def test_lockouts_count_tries_that_are_still_being_checked():
    """A hundred at once are not a hundred checks: five wait for their answer, the sixth is sent away."""
    for number in range(5):
        open_one(number)

    with pytest.raises(lockouts.TooManyAttempts) as refusal:
        open_one(6)

    assert (refusal.value.scope, refusal.value.until) == ("network", NOW + timedelta(minutes=1))


def test_lockouts_forgiven_tries_do_not_count():
    for number in range(20):
        lockouts.forgive_attempt(open_one(number))

    assert FailedAttempt.objects.count() == 0


def test_lockouts_forget_what_nothing_counts():
    for at in (NOW - timedelta(days=1), NOW - timedelta(days=1) + SECOND):
        FailedAttempt.objects.create(kind="password", network="n", at=at)
    for until in (NOW, NOW + SECOND):
        Lockout.objects.create(scope="network", key=f"{until}", locked_at=NOW - SECOND, locked_until=until)

    lockouts.forget_old(NOW)

    assert [each.at for each in FailedAttempt.objects.all()] == [NOW - timedelta(days=1) + SECOND]
    assert [each.locked_until for each in Lockout.objects.all()] == [NOW + SECOND]


def test_lockouts_standing_are_those_that_end_later():
    for until in (NOW, NOW + SECOND):
        Lockout.objects.create(scope="network", key=f"{until}", locked_at=NOW - SECOND, locked_until=until)

    assert [each.locked_until for each in lockouts.standing(NOW)] == [NOW + SECOND]


@pytest.mark.parametrize(("left", "minutes"), [(0, 1), (1, 1), (60, 1), (61, 2), (3599, 60), (3600, 60)])
def test_lockouts_minutes_left_are_whole_and_never_none(left, minutes):
    assert lockouts.minutes_left(NOW + timedelta(seconds=left), NOW) == minutes


def test_lockouts_lift_the_failures_with_the_lock(client):
    user = make_person()
    fail(5, user.email)

    lockouts.unlock_account(user)

    assert (locks(), FailedAttempt.objects.count()) == ([], 0)
    assert fail(4, user.email) == [200] * 4
    assert locks() == []
