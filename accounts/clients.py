"""Who is at the other end: network address, browser, and which request this is.

The address comes from the connection, or from proxies that the operator named, and never from a
header that anybody may send.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

from settimes.sealing import digest, digests, is_same

Address = IPv4Address | IPv6Address
MOST_HOPS = 20
UNKNOWN = "unknown"  # the network of whoever has no address, through a Unix socket for instance
MOST_AGENT_CHARACTERS = 250

# The first that is found counts: Edge and Opera call themselves Chrome as well, and Chrome calls itself Safari.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
]


@dataclass(frozen=True)
class Client:
    """Where a request or a command comes from. `network` is what limits count by: an IPv4 address, an IPv6 /64."""

    address: str = ""
    network: str = ""
    agent: str = ""
    request_id: str = ""
    route: str = ""

    @property
    def device(self) -> str:
        """ "Firefox on Android"; what is not known is called "a browser" or left out."""
        browser = next((name for mark, name in BROWSERS if mark in self.agent), "a browser")
        system = next((name for mark, name in SYSTEMS if mark in self.agent), "")
        return f"{browser} on {system}" if system else browser

    @property
    def browser_digest(self) -> str:
        """The same for the same browser on the same system, also after it updated itself."""
        return digest("browser", self.device)

    def is_browser(self, kept: str) -> bool:
        """Whether this is the browser that a digest was kept of."""
        return any(is_same(kept, each) for each in digests("browser", self.device))

    @property
    def broad_network(self) -> str:
        """The /24 or /48 around the address, which is what logs may hold."""
        if not self.address:
            return ""
        length = 24 if ip_address(self.address).version == 4 else 48
        return str(ip_network(f"{self.address}/{length}", strict=False))


NOBODY = Client()
_current: ContextVar[Client | None] = ContextVar("client", default=None)


def current_client() -> Client:
    """The client whose request or command runs now; an empty one elsewhere."""
    return _current.get() or NOBODY


@contextmanager
def acting_for(client: Client) -> Iterator[None]:
    """Make `client` the current one: the trails name it as the origin of what happens."""
    reset = _current.set(client)
    try:
        yield
    finally:
        _current.reset(reset)


def name_route(route: str) -> None:
    """The current client's request goes to this view."""
    _current.set(replace(current_client(), route=route))


def client_of(request: HttpRequest, *, request_id: str = "") -> Client:
    """The client of a request, by the proxies that the settings trust."""
    address = client_address(request)
    agent = re.sub(r"[^\x20-\x7e]", "", request.headers.get("User-Agent", ""))[:MOST_AGENT_CHARACTERS]
    return Client(str(address or ""), network_of(address), agent, request_id)


def client_address(request: HttpRequest) -> Address | None:
    """The address that a request came from.

    The connection's own, unless TRUSTED_PROXY_COUNT or TRUSTED_PROXY_NETWORKS say that it is a
    proxy's: then what that proxy wrote as the last entry of X-Forwarded-For, and so on leftwards.
    CF-Connecting-IP counts only if TRUST_CF_CONNECTING_IP is set and the connection comes from a
    trusted network. What is no address at all is not believed.
    """
    peer = _parse(request.META.get("REMOTE_ADDR", ""))
    networks = _networks(tuple(settings.TRUSTED_PROXY_NETWORKS))
    if peer is None and not settings.TRUSTED_PROXY_COUNT:
        return None
    if peer is not None and settings.TRUST_CF_CONNECTING_IP and _is_within(peer, networks):
        return _parse(request.META.get("HTTP_CF_CONNECTING_IP", "")) or peer
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-MOST_HOPS:]
    address, hops = peer, settings.TRUSTED_PROXY_COUNT
    for entry in reversed(forwarded):
        if hops == 0 and (address is None or not _is_within(address, networks)):
            break
        before = _parse(entry.strip())
        if before is None:
            break
        hops = max(hops - 1, 0)
        address = before
    return address


def network_of(address: Address | None) -> str:
    """What limits count by: somebody has one IPv4 address, but a whole /64 of IPv6 ones."""
    if address is None:
        return UNKNOWN
    return str(address) if address.version == 4 else str(IPv6Network((address, 64), strict=False))


def parse_network(text: str) -> str:
    """The network that limits count by, for an address somebody typed. Raises ValueError for anything else."""
    address = _parse(text.strip().removesuffix("/64"))
    if address is None:
        raise ValueError(f"{text!r} is not a network address such as 203.0.113.5 or 2001:db8::1")
    return network_of(address)


def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return None
        return address.ipv4_mapped or address
    return address


@lru_cache(maxsize=4)
def _networks(networks: tuple[str, ...]) -> list:
    return [ip_network(each) for each in networks]


def _is_within(address: Address, networks: list) -> bool:
    return any(address in network for network in networks)
