"""Venues that a name may mean: hints for a person, never a merge."""

import re
from collections.abc import Iterable

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
    if house and normalize_name(house) == normalize_name(known):
        return f"The venue “{title}” may be a room of {known}."
    if known_house and normalize_name(known_house) == normalize_name(title):
        return f"The venue “{title}” may be the house of {known}."
    if house and known_house and normalize_name(house) == normalize_name(known_house):
        return f"The venues “{title}” and {known} may be rooms of one house, {house}."
    key, known_key = folding_key(title), folding_key(known)
    if key == known_key:
        return f"The venue “{title}” may be {known} (the same name, spelled differently)."
    is_part = min(len(key), len(known_key)) >= SHORTEST_PART and (key in known_key or known_key in key)
    if is_part or fuzz.ratio(key, known_key) >= LEAST_SIMILAR_SCORE:
        return f"The venue “{title}” may be {known} (a similar name)."
    return ""


def _house_of(title: str) -> str:
    """The house of "House (Room)"; empty for any other name."""
    match = IN_BRACKETS.fullmatch(title.strip())
    return match["house"] if match else ""
