"""Venues that a name may mean: hints for a person, never a merge."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from bands.naming import folding_key, normalize_name
from schedule.models import Venue

LEAST_SIMILAR_SCORE = 88
SHORTEST_PART = 6  # of a key that is looked for inside another one
IN_BRACKETS = re.compile(r"(?P<house>.+?)\s*\((?P<room>.+)\)")


def suggest_venues(title: str, venues: Iterable[Venue]) -> list[str]:
    """A sentence for each venue that a new name may mean, may be a room or the house of, or may share a house with."""
    return [sentence for venue in venues if (sentence := _compare(title, str(venue)))]


def _compare(title: str, known: str) -> str:
    house, known_house = _house_of(title), _house_of(known)
    facts = {"title": title, "known": known, "house": house}
    if house and normalize_name(house) == normalize_name(known):
        return _("The venue “%(title)s” may be a room of %(known)s.") % facts
    if known_house and normalize_name(known_house) == normalize_name(title):
        return _("The venue “%(title)s” may be the house of %(known)s.") % facts
    if house and known_house and normalize_name(house) == normalize_name(known_house):
        return _("The venues “%(title)s” and %(known)s may be rooms of one house, %(house)s.") % facts
    key, known_key = folding_key(title), folding_key(known)
    if key == known_key:
        return _("The venue “%(title)s” may be %(known)s (the same name, spelled differently).") % facts
    is_part = min(len(key), len(known_key)) >= SHORTEST_PART and (key in known_key or known_key in key)
    if is_part or fuzz.ratio(key, known_key) >= LEAST_SIMILAR_SCORE:
        return _("The venue “%(title)s” may be %(known)s (a similar name).") % facts
    return ""


def _house_of(title: str) -> str:
    """The house of "House (Room)"; empty for any other name."""
    match = IN_BRACKETS.fullmatch(title.strip())
    return match["house"] if match else ""
