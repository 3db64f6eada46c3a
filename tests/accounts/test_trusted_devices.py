"""Devices on which somebody is not asked for her second factor: for whom, how long, and what ends them."""

from datetime import timedelta

import pytest

from accounts.clients import Client
from accounts.models import TrustedDevice, User
from accounts.trusted_devices import find_device, revoke_device, revoke_devices, trust_device, trusted_devices
from tests.accounts.rows import FIREFOX, LAPTOP, SECOND, attempts, audited
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db

DAYS_30 = timedelta(days=30)
UPDATED = Client(address="198.51.100.1", network="198.51.100.1", agent=FIREFOX.replace("131", "132"))
CHROME = Client(agent="Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36")
PHONE = Client(agent="Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0")


@pytest.fixture
def ben():
    return make_user("editor", email="ben@label.example")


def test_trust_device_keeps_a_row_without_its_token(ben):
    device, token = trust_device(ben, LAPTOP, now=NOW)

    device.refresh_from_db()
    assert (device.user, device.name, device.created_at, device.expires_at, device.revoked_at) == (
        *(ben, "Firefox on Linux"),
        *(NOW, NOW + DAYS_30, None),
    )
    assert len(token) == 43  # 256 bits
    assert token not in str(TrustedDevice.objects.values().get())
    assert audited() == [("device.trusted", "Firefox on Linux")]
    assert attempts() == [("device", True, "trusted")]


@pytest.mark.parametrize(
    ("after", "is_trusted"), [(DAYS_30 - SECOND, True), (DAYS_30, False), (DAYS_30 + SECOND, False)]
)
def test_device_is_trusted_for_thirty_days(ben, after, is_trusted):
    device, token = trust_device(ben, LAPTOP, now=NOW)

    found = find_device(token, ben, LAPTOP, now=NOW + after)

    assert found == (device if is_trusted else None)
    assert trusted_devices(ben, now=NOW + after) == ([device] if is_trusted else [])


@pytest.mark.parametrize(
    ("client", "is_trusted"), [(UPDATED, True), (CHROME, False), (PHONE, False), (Client(), False)]
)
def test_device_is_trusted_in_the_same_browser_alone_wherever_it_is(ben, client, is_trusted):
    device, token = trust_device(ben, LAPTOP, now=NOW)

    assert find_device(token, ben, client, now=NOW) == (device if is_trusted else None)


def test_device_is_trusted_for_its_owner_alone(ben):
    _device, token = trust_device(ben, LAPTOP, now=NOW)

    assert find_device(token, make_user("viewer"), LAPTOP, now=NOW) is None


@pytest.mark.parametrize("guess", ["", "x", "{}x", "{digest}"])
def test_device_is_not_found_by_a_wrong_token(ben, guess):
    device, token = trust_device(ben, LAPTOP, now=NOW)

    assert find_device(guess.format(token, digest=device.digest), ben, LAPTOP, now=NOW) is None


def test_device_of_somebody_who_is_not_active_is_not_trusted(ben):
    _device, token = trust_device(ben, LAPTOP, now=NOW)
    User.objects.filter(pk=ben.pk).update(is_active=False, deactivated_at=NOW)

    assert find_device(token, User.objects.get(pk=ben.pk), LAPTOP, now=NOW) is None


def test_devices_are_listed_the_last_used_first_and_without_those_that_ended(ben):
    old, _ = trust_device(ben, LAPTOP, now=NOW)
    new, _ = trust_device(ben, PHONE, now=NOW + SECOND)
    gone, _ = trust_device(ben, CHROME, now=NOW + SECOND)
    trust_device(make_user("viewer"), LAPTOP, now=NOW)
    revoke_device(gone, by=ben, now=NOW + SECOND)

    assert trusted_devices(ben, now=NOW + SECOND) == [new, old]


def test_revoke_device_ends_one_and_is_written_down_once(ben):
    device, token = trust_device(ben, LAPTOP, now=NOW)
    other, other_token = trust_device(ben, LAPTOP, now=NOW)

    for _ in range(2):
        revoke_device(device, by=ben, now=NOW)

    assert [find_device(each, ben, LAPTOP, now=NOW) for each in (token, other_token)] == [None, other]
    assert [action for action, _ in audited()] == ["device.trusted", "device.trusted", "device.revoked"]


def test_revoke_devices_ends_all_of_somebody_and_no_others(ben):
    cem = make_user("viewer")
    tokens = [trust_device(ben, LAPTOP, now=NOW)[1] for _ in range(2)]
    hers, her_token = trust_device(cem, LAPTOP, now=NOW)

    assert [revoke_devices(ben, now=NOW) for _ in range(2)] == [2, 0]

    assert [find_device(token, ben, LAPTOP, now=NOW) for token in tokens] == [None, None]
    assert find_device(her_token, cem, LAPTOP, now=NOW) == hers
