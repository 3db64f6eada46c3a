"""S05: limits count the address that a request came from, whatever its headers say. And what is known of a client."""
# ruff: noqa: N802 (tests bear the numbers of the security programme)

from itertools import product

import pytest
from django.test import Client as Browser
from django.test import RequestFactory

from accounts import clients
from accounts.clients import Client, acting_for, client_address, client_of, current_client, network_of, parse_network
from accounts.models import FailedAttempt, Lockout
from tests.accounts.people import CAFE, HOME, WRONG, logged, sign_in

PROXY, OUTER_PROXY, STRANGER = "10.0.0.1", "10.0.0.2", "192.0.2.66"

# What an attacker sends, another one at each try.
FORGED = {
    "one": lambda n: {"HTTP_X_FORWARDED_FOR": f"192.0.2.{n}"},
    "two": lambda n: {"HTTP_X_FORWARDED_FOR": f"192.0.2.{n}, 192.0.2.{n + 100}"},
    "a hundred": lambda n: {"HTTP_X_FORWARDED_FOR": ", ".join(f"192.0.{n}.{each}" for each in range(100))},
    "junk": lambda n: {"HTTP_X_FORWARDED_FOR": f"junk{n}, , {n}"},
    "a zone": lambda n: {"HTTP_X_FORWARDED_FOR": f"fe80::{n}%eth0"},
    "our proxy": lambda n: {"HTTP_X_FORWARDED_FOR": f"192.0.2.{n}, {PROXY}, {OUTER_PROXY}"},
    "Forwarded": lambda n: {"HTTP_FORWARDED": f"for=192.0.2.{n};proto=https"},
    "X-Real-IP": lambda n: {"HTTP_X_REAL_IP": f"192.0.2.{n}"},
    "CF-Connecting-IP": lambda n: {"HTTP_CF_CONNECTING_IP": f"192.0.2.{n}"},
    "True-Client-IP": lambda n: {"HTTP_TRUE_CLIENT_IP": f"192.0.2.{n}", "HTTP_X_CLIENT_IP": f"192.0.2.{n}"},
}
# The settings, and what the proxies in front make of a request.
HOUSES = {
    "no proxy": {},
    "one proxy": {"TRUSTED_PROXY_COUNT": 1},
    "two proxies": {"TRUSTED_PROXY_COUNT": 2},
    "proxies by network": {"TRUSTED_PROXY_NETWORKS": ["10.0.0.0/8"]},
    "Cloudflare": {"TRUSTED_PROXY_NETWORKS": ["10.0.0.0/8"], "TRUST_CF_CONNECTING_IP": True},
    "past Cloudflare": {"TRUSTED_PROXY_NETWORKS": ["10.0.0.0/8"], "TRUST_CF_CONNECTING_IP": True},
}


def through(house, sender, headers):
    """The request's peer and headers as they arrive at us, sent by `sender`."""
    if house in ("no proxy", "past Cloudflare"):
        return {"REMOTE_ADDR": sender, **headers}
    chain = [headers.get("HTTP_X_FORWARDED_FOR", ""), sender]
    if house in ("two proxies", "proxies by network"):
        chain.append(OUTER_PROXY)
    arrived = {**headers, "HTTP_X_FORWARDED_FOR": ", ".join(filter(None, chain)), "REMOTE_ADDR": PROXY}
    return {**arrived, "HTTP_CF_CONNECTING_IP": sender} if house == "Cloudflare" else arrived


@pytest.mark.django_db
@pytest.mark.parametrize(("house", "forged"), list(product(HOUSES, FORGED)))
def test_S05_no_header_gets_anybody_past_the_limit(settings, caplog, house, forged):
    for name, value in HOUSES[house].items():
        setattr(settings, name, value)

    statuses = []
    for number in range(6):
        arrived = through(house, HOME, FORGED[forged](number))
        peer = arrived.pop("REMOTE_ADDR")
        statuses.append(sign_in(Browser(), f"p{number}@label.example", WRONG, at=peer, **arrived).status_code)
    neighbour = through(house, CAFE, FORGED[forged](7))
    peer = neighbour.pop("REMOTE_ADDR")
    statuses.append(sign_in(Browser(), "p7@label.example", WRONG, at=peer, **neighbour).status_code)

    assert statuses == [200] * 5 + [429] + [200]
    assert sorted(FailedAttempt.objects.values_list("network", flat=True)) == [CAFE, *[HOME] * 5]
    assert Lockout.objects.get().key == HOME
    assert logged(caplog)[4:7] == ["authn_login_fail", "authn_login_lock", "excess_rate_limit_exceeded"]


def test_S05_the_table_has_sixty_rows():
    assert len(HOUSES) * len(FORGED) == 60


# --- Finding the address -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "networks", "peer", "forwarded", "address"),
    [
        (0, [], HOME, "", HOME),
        (0, [], HOME, CAFE, HOME),
        (1, [], PROXY, CAFE, CAFE),
        (1, [], PROXY, f"{STRANGER}, {CAFE}", CAFE),
        (1, [], PROXY, f"{STRANGER},{CAFE} ", CAFE),
        (1, [], PROXY, "", PROXY),
        (1, [], PROXY, "unknown", PROXY),
        (1, [], PROXY, f"{CAFE}, unknown", PROXY),
        (1, [], PROXY, f"{CAFE}, ", PROXY),
        (2, [], PROXY, f"{STRANGER}, {CAFE}, {OUTER_PROXY}", CAFE),
        (2, [], PROXY, CAFE, CAFE),
        (2, [], PROXY, f"{CAFE}, junk", PROXY),
        (2, [], PROXY, f"junk, {OUTER_PROXY}", OUTER_PROXY),
        (0, ["10.0.0.0/8"], PROXY, f"{STRANGER}, {CAFE}, {OUTER_PROXY}", CAFE),
        (0, ["10.0.0.0/8"], HOME, CAFE, HOME),
        (0, ["10.0.0.1/32"], PROXY, f"{CAFE}, {OUTER_PROXY}", OUTER_PROXY),
        (0, ["10.0.0.0/8"], PROXY, f"{OUTER_PROXY}, {PROXY}", OUTER_PROXY),
        (1, ["10.0.0.2/32"], PROXY, f"{CAFE}, {OUTER_PROXY}", CAFE),
        (0, ["2001:db8::/32"], "2001:db8::1", "2001:db9::5", "2001:db9::5"),
        (1, [], PROXY, "::ffff:198.51.100.7", CAFE),
        (1, [], PROXY, "fe80::1%eth0", PROXY),
        (1, [], PROXY, "198.51.100.7:4711", PROXY),
        (1, [], PROXY, "[2001:db8::1]", PROXY),
        (1, [], PROXY, "198.51.100.07", PROXY),
        (0, [], "", CAFE, None),
        (1, [], "", CAFE, CAFE),  # the proxy speaks through a Unix socket, which has no address
        (0, [], "not an address", "", None),
        (0, [], "::ffff:203.0.113.5", "", HOME),
    ],
)
def test_address_is_the_peer_or_what_named_proxies_wrote(settings, count, networks, peer, forwarded, address):
    settings.TRUSTED_PROXY_COUNT, settings.TRUSTED_PROXY_NETWORKS = count, networks
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}

    found = client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))

    assert (str(found) if found else None) == address


@pytest.mark.parametrize(
    ("is_trusted", "networks", "peer", "header", "address"),
    [
        (True, ["10.0.0.0/8"], PROXY, CAFE, CAFE),
        (True, ["10.0.0.0/8"], PROXY, "junk", PROXY),
        (True, ["10.0.0.0/8"], PROXY, f"{CAFE}, {STRANGER}", PROXY),
        (True, ["10.0.0.0/8"], HOME, CAFE, HOME),
        (True, [], PROXY, CAFE, PROXY),
        (False, ["10.0.0.0/8"], PROXY, CAFE, PROXY),
    ],
)
def test_address_from_cloudflare_counts_only_from_a_named_network(
    settings, is_trusted, networks, peer, header, address
):
    settings.TRUST_CF_CONNECTING_IP, settings.TRUSTED_PROXY_NETWORKS = is_trusted, networks

    assert str(client_address(RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_CF_CONNECTING_IP=header))) == address


def test_address_is_looked_for_among_the_last_twenty_hops(settings):
    settings.TRUSTED_PROXY_NETWORKS = ["10.0.0.0/8"]
    hops = [CAFE, *[f"10.0.1.{number}" for number in range(clients.MOST_HOPS)]]

    found = client_address(RequestFactory().get("/", REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=", ".join(hops)))

    assert str(found) == "10.0.1.0"


# --- Networks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "network", "broadly"),
    [
        ("203.0.113.57", "203.0.113.57", "203.0.113.0/24"),
        ("2001:db8:7:9:1:2:3:4", "2001:db8:7:9::/64", "2001:db8:7::/48"),
        ("2001:db8:7:9::", "2001:db8:7:9::/64", "2001:db8:7::/48"),
        ("::ffff:203.0.113.57", "203.0.113.57", "203.0.113.0/24"),
        ("", "unknown", ""),
    ],
)
def test_networks_of_an_address_to_count_by_and_to_log(address, network, broadly):
    client = client_of(RequestFactory().get("/", REMOTE_ADDR=address))

    assert (client.network, client.broad_network) == (network, broadly)


@pytest.mark.parametrize(
    ("typed", "network"),
    [(" 203.0.113.5 ", "203.0.113.5"), ("2001:db8::1", "2001:db8::/64"), ("2001:db8::/64", "2001:db8::/64")],
)
def test_networks_typed_by_an_operator_are_those_that_are_counted(typed, network):
    assert parse_network(typed) == network


@pytest.mark.parametrize("typed", ["", "home", "203.0.113.0/24", "203.0.113.5/33", "fe80::1%eth0", "1.2.3"])
def test_networks_that_are_none_are_named(typed):
    with pytest.raises(ValueError, match=r"is not a network address such as 203\.0\.113\.5 or 2001:db8::1"):
        parse_network(typed)


def test_networks_of_nobody_are_unknown():
    assert network_of(None) == "unknown"


# --- Devices -----------------------------------------------------------------------------------

AGENTS = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox on Linux",
    "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0": "Firefox on Android",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_5) AppleWebKit/605.1.15 (KHTML) Version/18.5 Safari/605.1.15": (
        "Safari on Mac"
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605 Version/18.5 Mobile Safari/604": (
        "Safari on iPhone"
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605 CriOS/137.0 Mobile Safari/604": (
        "Chrome on iPhone"
    ),
    "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605 FxiOS/140.0 Mobile Safari/604": "Firefox on iPad",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/137.0 Safari/537.36": "Chrome on Windows",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/137.0 Safari/537.36 Edg/137.0": "Edge on Windows",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/137.0 Safari/537.36 OPR/120.0": "Opera on Windows",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36": (
        "Samsung Internet on Android"
    ),
    "Mozilla/5.0 (X11; CrOS x86_64 14541) AppleWebKit/537.36 Chrome/137.0 Safari/537.36": "Chrome on ChromeOS",
    "curl/8.5.0": "curl",
    "manage.py reset_mfa": "a browser",
    "": "a browser",
}


@pytest.mark.parametrize(("agent", "words"), AGENTS.items(), ids=AGENTS.values())
def test_device_is_named_in_words(agent, words):
    assert Client(agent=agent).device == words


def test_device_stays_the_same_when_its_browser_updates_itself():
    before, after, other = (
        Client(agent=f"Mozilla/5.0 ({system}) Firefox/{version}")
        for system, version in (("X11; Linux", 139), ("X11; Linux", 140), ("Windows NT 10.0", 140))
    )

    assert before.browser_digest == after.browser_digest != other.browser_digest


def test_agent_is_cut_and_freed_of_what_could_begin_a_line():
    request = RequestFactory().get("/", HTTP_USER_AGENT="Fire\r\nfox\x1b[31m\u202e" + "x" * 300)

    agent = client_of(request).agent

    assert agent.startswith("Firefox[31m")
    assert (len(agent), agent.isascii(), agent.isprintable()) == (250, True, True)


def test_current_client_is_the_innermost_and_gone_afterwards():
    outer, inner = Client("203.0.113.5"), Client("198.51.100.7")

    with acting_for(outer):
        with acting_for(inner):
            assert current_client() == inner
        assert current_client() == outer
    assert current_client() == Client()
