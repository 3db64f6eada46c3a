"""Dates and times in words. Instants come in the zone they are to be shown in."""

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import get_format

register = template.Library()

HANDLE_SITES = {"instagram": "https://www.instagram.com/", "facebook": "https://www.facebook.com/"}


@register.filter
def clock(local: datetime | None) -> str:
    """8:50 PM, or 20:50 where that is the clock of the language, or of who is signed in."""
    if local and "H" in get_format("TIME_FORMAT"):
        return f"{local:%H:%M}"
    return f"{clock_digits(local)} {clock_half(local)}".strip()


@register.filter
def clock_digits(local: datetime | None) -> str:
    """8:50"""
    return f"{local.hour % 12 or 12}:{local:%M}" if local else ""


@register.filter
def clock_half(local: datetime | None) -> str:
    """AM or PM"""
    return ("AM" if local.hour < 12 else "PM") if local else ""


@register.filter
def long_day(day: date) -> str:
    """Sunday 15 February 2026"""
    return f"{day:%A} {day.day} {day:%B %Y}"


@register.filter
def weekday(day: date) -> str:
    """Sunday"""
    return f"{day:%A}"


@register.filter
def minutes_until(instant: datetime, now: datetime) -> int:
    """Whole minutes from now to an instant, begun ones counted, never below nought."""
    return max(0, -int((now - instant).total_seconds() // 60))


@register.filter
def get(mapping: dict, key: object) -> object:
    """A dictionary's value for a key that is a variable; None when it has none."""
    return mapping.get(key)


@register.filter
def attr(row: object, name: str) -> object:
    """An attribute whose name is a variable."""
    return getattr(row, name)


@register.filter
def in_zone(instant: datetime, zone: ZoneInfo) -> datetime:
    """An instant as clocks in a zone show it."""
    return instant.astimezone(zone)


@register.filter
def web_links(links: Any) -> list[tuple[str, str]]:
    """Name and address of each of a band's links that leads to the web; handles become addresses."""
    pairs = links.items() if isinstance(links, dict) else ()
    addresses = [(name, _address(name, value)) for name, value in pairs if isinstance(value, str)]
    return [(name.capitalize(), address) for name, address in addresses if address]


def _address(name: str, value: str) -> str:
    if value.startswith(("https://", "http://")):
        return value
    handle = value.removeprefix("@")
    if name in HANDLE_SITES and re.fullmatch(r"[\w.-]+", handle):
        return HANDLE_SITES[name] + handle
    return ""
