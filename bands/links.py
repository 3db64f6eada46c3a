"""A band's links as people type them: an address or a handle for each platform we know, all others left alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST_LINK = 300
HANDLE = re.compile(r"[\w-](?:[\w.-]*[\w-])?")
ADDRESS_WITHOUT_SCHEME = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}/\S+|www\.\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Platform:
    """A place in the web that bands have a page at; `handles` is the address of a handle's page, where there is one.

    `keeps_handles` tells that the handle alone is stored, which every output can read.
    """

    label: Any
    handles: str = ""
    keeps_handles: bool = False

    def address_of(self, value: Any) -> str:
        """The address of what is stored, empty when it leads nowhere that is safe."""
        if not isinstance(value, str):
            return ""
        text = value.strip()
        if text.lower().startswith(("https://", "http://")):
            return text if _has_host(text) else ""
        handle = text.removeprefix("@")
        return self.handles.format(handle) if self.handles and HANDLE.fullmatch(handle) else ""


PLATFORMS = {
    "website": Platform(gettext_lazy("Website")),
    "instagram": Platform("Instagram", "https://www.instagram.com/{}", keeps_handles=True),
    "bandcamp": Platform("Bandcamp", "https://{}.bandcamp.com/"),
    "facebook": Platform("Facebook", "https://www.facebook.com/{}", keeps_handles=True),
    "spotify": Platform("Spotify"),
    "apple_music": Platform("Apple Music"),
    "youtube": Platform("YouTube", "https://www.youtube.com/@{}"),
    "tiktok": Platform("TikTok", "https://www.tiktok.com/@{}"),
    "soundcloud": Platform("SoundCloud", "https://soundcloud.com/{}"),
    "x": Platform("X", "https://x.com/{}"),
}
UNKNOWN = Platform("")


def addresses_of(links: Any) -> dict[str, str]:
    """The address of each link that leads somewhere safe, by its key."""
    stored = links.items() if isinstance(links, Mapping) else ()
    found = {key: PLATFORMS.get(key, UNKNOWN).address_of(value) for key, value in stored}
    return {key: address for key, address in found.items() if address}


def typed_links(links: Any) -> dict[str, str]:
    """What stands in the inputs of the platforms for what is stored."""
    stored = links if isinstance(links, Mapping) else {}
    return {key: stored[key] if isinstance(stored.get(key), str) else "" for key in PLATFORMS}


def read_link(key: str, text: str) -> str:
    """What is stored for what was typed: a web address, or the handle where outputs can read it.

    Raises ValidationError for what is neither.
    """
    platform, text = PLATFORMS[key], text.strip()
    if not text:
        return ""
    is_bare = "://" not in text and (ADDRESS_WITHOUT_SCHEME.fullmatch(text) or (key == "website" and "." in text))
    address = platform.address_of(f"https://{text}" if is_bare and ":" not in text.split("/")[0] else text)
    if not address or any(character.isspace() for character in address):
        raise ValidationError(_refusal(platform) % {"text": text, "platform": platform.label}, code="link")
    is_handle = not is_bare and "://" not in text
    return text.removeprefix("@") if is_handle and platform.keeps_handles else address


def is_link(key: str, value: str) -> bool:
    """Whether what is stored leads somewhere safe; an empty one is none and stays so."""
    return not value or bool(PLATFORMS[key].address_of(value))


def links_from(typed: Mapping[str, str], *, kept: Any) -> dict[str, Any]:
    """The stored links with what was typed for the platforms; an emptied one goes, those we do not ask for stay."""
    stored = kept if isinstance(kept, Mapping) else {}
    before = typed_links(stored)
    untouched = {key: value for key, value in stored.items() if key not in PLATFORMS or typed[key] == before[key]}
    changed = {key: typed[key] for key in PLATFORMS if typed[key] and typed[key] != before[key]}
    return {**untouched, **changed}


def _refusal(platform: Platform) -> str:
    if platform.handles:
        return _("“%(text)s” is no page on %(platform)s. Write an address that begins with https://, or the handle.")
    return _("“%(text)s” is no address. Write one that begins with https://.")


def _has_host(address: str) -> bool:
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False
