"""Addresses made from names: ASCII, never empty, never used twice."""

import re
from collections.abc import Callable

from bands.naming import spell_out_lookalikes, strip_accents, tidy_name

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
MAX_SLUG_LENGTH = 100


def ascii_slug(name: str) -> str:
    """Lower-case words of a-z and 0-9 joined by hyphens; empty when the name has no such character."""
    words = strip_accents(spell_out_lookalikes(tidy_name(name))).replace("'", "").replace("’", "").replace("&", " and ")
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:MAX_SLUG_LENGTH].rstrip("-")


def free_slug(wanted: str, *, is_taken: Callable[[str], bool]) -> str:
    """The wanted slug, or the first of wanted-2, wanted-3, … that is free."""
    slug, number = wanted, 1
    while is_taken(slug):
        number += 1
        ending = f"-{number}"
        slug = wanted[: MAX_SLUG_LENGTH - len(ending)].rstrip("-") + ending
    return slug
