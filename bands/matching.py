"""Finding a band by a name that somebody typed: one sure match, or ranked suggestions, never a merge."""

from collections.abc import Iterable
from dataclasses import dataclass

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
    return {each.band_id for each in known if key in (each.name_normalized, normalize_name(each.band_name))}


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


def _compare(key: str, weak: str, known: KnownName) -> Suggestion | None:
    is_alias = known.band_name != known.name and not known.band_name.startswith(f"{known.name} (")
    alias = f" as “{known.name}”" if is_alias else ""
    if key == known.folding_key:
        return Suggestion(known.band_id, known.band_name, SAME_KEY_SCORE, f"the same name{alias}, spelled differently")
    if weak == known.weak_key:
        return Suggestion(
            known.band_id, known.band_name, SAME_WEAK_KEY_SCORE, f"the same name{alias} with signs read as letters"
        )
    if min(len(key), len(known.folding_key)) < SHORTEST_FUZZY_KEY:
        return None
    score = int(fuzz.ratio(key, known.folding_key))
    if score < LEAST_SIMILAR_SCORE:
        return None
    return Suggestion(known.band_id, known.band_name, min(score, SAME_WEAK_KEY_SCORE - 1), f"a similar name{alias}")
