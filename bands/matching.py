"""Finding a band by a name that somebody typed: one sure match, or ranked suggestions, never a merge."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from bands.models import BandAlias, BandProfile
from bands.naming import folding_key, normalize_name, weak_key

SAME_KEY_SCORE = 100
SAME_WEAK_KEY_SCORE = 95
LEAST_SIMILAR_SCORE = 88
SHORTEST_FUZZY_KEY = 5


@dataclass(frozen=True)
class KnownName:
    """A name or alias of the library, with what it is compared by."""

    band_id: int
    band_name: str
    name: str
    name_normalized: str
    folding_key: str
    weak_key: str

    @cached_property
    def band_name_normalized(self) -> str:
        return normalize_name(self.band_name)

    @classmethod
    def of(cls, band: BandProfile) -> "KnownName":
        return cls(band.pk, str(band), band.name, band.name_normalized, band.folding_key, weak_key(band.name))


@dataclass(frozen=True)
class Suggestion:
    """A band that may be meant; score from 88 to 100, higher is likelier."""

    band_id: int
    band_name: str
    score: int
    reason: str


@dataclass(frozen=True)
class Twin:
    """A band that a new one may be; of the same name, or merely of a similar one."""

    band: BandProfile
    is_same: bool


def known_names() -> list[KnownName]:
    """Every name and alias in the library, in two queries."""
    bands = [
        KnownName(band.pk, str(band), band.name, band.name_normalized, band.folding_key, weak_key(band.name))
        for band in BandProfile.objects.only("name", "disambiguation", "name_normalized", "folding_key")
    ]
    aliases = [
        KnownName(
            alias.band_id, str(alias.band), alias.name, alias.name_normalized, alias.folding_key, weak_key(alias.name)
        )
        for alias in BandAlias.objects.select_related("band")
    ]
    return bands + aliases


def find_matches(name: str, known: Iterable[KnownName]) -> set[int]:
    """Ids of the bands that have exactly this name or alias, whatever its capitals and blanks.

    "Name (disambiguation)" finds that one of several bands of the same name.
    """
    key = normalize_name(name)
    return {each.band_id for each in known if key in (each.name_normalized, each.band_name_normalized)}


def suggest_bands(name: str, known: Iterable[KnownName], *, limit: int = 5) -> list[Suggestion]:
    """Bands that may be meant by a name, likeliest first; the exact matches are not among them."""
    known = list(known)
    matches, key, weak = find_matches(name, known), folding_key(name), weak_key(name)
    best: dict[int, Suggestion] = {}
    for each in known:
        suggestion = _compare(key, weak, each)
        if suggestion is None or each.band_id in matches:
            continue
        if each.band_id not in best or best[each.band_id].score < suggestion.score:
            best[each.band_id] = suggestion
    return sorted(best.values(), key=lambda s: (-s.score, s.band_name, s.band_id))[:limit]


def find_twins(name: str) -> list[Twin]:
    """The bands that a new one of this name may be, likeliest first. Three queries."""
    if not normalize_name(name):
        return []
    known = known_names()
    matches, suggestions = find_matches(name, known), suggest_bands(name, known)
    is_same = dict.fromkeys(matches, True) | {each.band_id: each.score >= SAME_WEAK_KEY_SCORE for each in suggestions}
    bands = BandProfile.objects.in_bulk(is_same)
    return [Twin(bands[pk], same) for pk, same in is_same.items() if pk in bands]


def _compare(key: str, weak: str, known: KnownName) -> Suggestion | None:
    is_alias = known.band_name != known.name and not known.band_name.startswith(f"{known.name} (")
    if key == known.folding_key:
        score = SAME_KEY_SCORE
        name = _("the same name, spelled differently")
        alias = _("the same name as “%(alias)s”, spelled differently")
    elif weak == known.weak_key:
        score = SAME_WEAK_KEY_SCORE
        name = _("the same name with signs read as letters")
        alias = _("the same name as “%(alias)s” with signs read as letters")
    else:
        if min(len(key), len(known.folding_key)) < SHORTEST_FUZZY_KEY:
            return None
        score = min(int(fuzz.ratio(key, known.folding_key)), SAME_WEAK_KEY_SCORE - 1)
        if score < LEAST_SIMILAR_SCORE:
            return None
        name = _("a similar name")
        alias = _("a similar name as “%(alias)s”")
    return Suggestion(known.band_id, known.band_name, score, alias % {"alias": known.name} if is_alias else name)
