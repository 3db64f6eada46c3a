"""Finding the band that somebody means: sure matches, ranked suggestions, and never a merge."""

import pytest

from bands.library import add_alias, add_band
from bands.matching import KnownName, Suggestion, find_matches, known_names, suggest_bands
from bands.models import BandProfile
from tests.factories import MADE, make_band

pytestmark = pytest.mark.django_db


def suggested(name):
    """Name, score and reason of each suggestion for a name, likeliest first."""
    return [(each.band_name, each.score, each.reason) for each in suggest_bands(name, known_names())]


def matched(name):
    ids = find_matches(name, known_names())
    return sorted(str(band) for band in BandProfile.objects.filter(pk__in=ids))


def test_known_names_are_all_names_and_aliases():
    guelph = add_band("Dusk", disambiguation="Guelph", **MADE)
    chk = add_band("!!!", **MADE)
    add_alias(chk, "Chk Chk Chk", **MADE)
    pop = add_band("P!nk", **MADE)

    assert known_names() == [
        KnownName(chk.pk, "!!!", "!!!", "!!!", "!!!", "!!!"),
        KnownName(guelph.pk, "Dusk (Guelph)", "Dusk", "dusk", "dusk", "dusk"),
        KnownName(pop.pk, "P!nk", "P!nk", "p!nk", "pnk", "pink"),
        KnownName(chk.pk, "!!!", "Chk Chk Chk", "chk chk chk", "chkchkchk", "chkchkchk"),
    ]


@pytest.mark.parametrize("band_count", [1, 3])
def test_known_names_take_two_queries(django_assert_num_queries, band_count):
    for number in range(band_count):
        add_alias(add_band(f"Dusk {number}", disambiguation="Guelph", **MADE), f"Twilight {number}", **MADE)

    with django_assert_num_queries(2):  # the bands; the aliases with their bands
        known = known_names()

    assert len(known) == 2 * band_count


@pytest.mark.parametrize(
    ("name", "bands"),
    [
        ("Skatharines", ["Skatharines"]),
        ("SKAtharines", ["Skatharines"]),
        (" skatharines\r\n", ["Skatharines"]),
        ("Skatharines\u200b", ["Skatharines"]),
        ("Skatharine", []),
        ("The Skatharines", []),
        # An alias finds its band, also when it is another band's name.
        ("chk  chk chk", ["!!!"]),
        ("Eclipse", ["Dawn", "Eclipse"]),
        # Of bands that share a name all are found, unless the brackets say which.
        ("Dusk", ["Dusk", "Dusk (Guelph)"]),
        ("Dusk (guelph)", ["Dusk (Guelph)"]),
        ("Dusk (tribute)", []),
        ("!!!", ["!!!"]),
        ("!!", []),
        ("人間椅子", ["人間椅子"]),
        ("КИНО", ["Кино"]),
        ("", []),
        ("\u200b", []),
    ],
)
def test_find_matches_only_by_the_exact_name(name, bands):
    for known in ("Skatharines", "Dusk", "Dawn", "Eclipse", "!!!", "人間椅子", "Кино"):
        add_band(known, **MADE)
    add_band("Dusk", disambiguation="Guelph", **MADE)
    add_alias(make_band("!!!"), "Chk Chk Chk", **MADE)
    add_alias(make_band("Dawn"), "Eclipse", **MADE)

    assert matched(name) == bands


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        ("Dog Bus", "Dogbus"),
        ("Dogbus", "Dog Bus"),
        ("Ripcordz", "The Ripcordz"),
        ("Iron Maiden", "IronMaiden"),
        ("R.E.M.", "REM"),
        ("Motörhead", "Motorhead"),
        ("Møl", "Mol"),
        ("Jay-Z", "Jay\u2010Z"),
        ("Guns N' Roses", "Guns N’ Roses"),
        ("Gasoline & Sons", "Gasoline + Sons"),
        ("Format", "DJ Format"),
        ("Ёлка", "Елка"),
    ],
)
def test_suggest_bands_knows_other_spellings_of_one_name(known, typed):
    add_band(known, **MADE)

    assert suggested(typed) == [(known, 100, "the same name, spelled differently")]
    assert matched(typed) == []


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        ("bbno$", "bbnos"),
        ("Too Short", "Too $hort"),
        ("LYFE SK!LLZ", "Lyfe Skillz"),
        ("$wamp A$$", "Swamp Ass"),
        ("P!nk", "Pink"),
        ("North", "N0RTH"),
    ],
)
def test_suggest_bands_reads_signs_as_letters_as_a_weaker_hint(known, typed):
    add_band(known, **MADE)

    assert suggested(typed) == [(known, 95, "the same name with signs read as letters")]
    assert matched(typed) == []


@pytest.mark.parametrize(
    ("known", "typed", "score"),
    [
        ("The Harpoonist", "The Harponist", 94),
        ("Prohibition Jazz Band", "Prohibiton Jazz Band", 94),  # never more than a weak key's 95
        ("Worrywart", "Worriwart", 88),
        ("Modeselektor", "Modeselektor (DJ)", 92),
        ("Hound", "Hounds", 90),
    ],
)
def test_suggest_bands_knows_slips_of_the_pen(known, typed, score):
    add_band(known, **MADE)

    assert suggested(typed) == [(known, score, "a similar name")]


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        ("Worrywart", "Worriworts"),
        ("The Harpoonist", "The Harpoonist (Tribute)"),
        ("!!!", "???"),
        ("+/-", "+-"),
        ("△", "▽"),
        ("$wamp A$$", "Wampa"),
        ("bbno$", "bbno"),
        ("Dusk", "Dusks"),  # too short to guess
        ("Handheld", "Prohibition Warehouse"),
        ("人間椅子", "人間"),
        ("Dusk", ""),
    ],
)
def test_suggest_bands_leaves_other_names_alone(known, typed):
    add_band(known, **MADE)

    assert suggested(typed) == []


def test_suggest_bands_leaves_the_exact_matches_out():
    add_band("Dusk", **MADE)
    add_band("Dusk", disambiguation="Guelph", **MADE)
    add_band("The Dusk", **MADE)

    assert suggested("dusk") == [("The Dusk", 100, "the same name, spelled differently")]
    assert suggested("Dusk (Guelph)") == []


def test_suggest_bands_puts_the_likeliest_first():
    for name in ("Harpoonists", "H@rpoonist", "Harpoon!st", "The Harpoonist", "Harp-Oonist"):
        add_band(name, **MADE)

    assert suggested("Harpoonist") == [
        ("Harp-Oonist", 100, "the same name, spelled differently"),
        ("The Harpoonist", 100, "the same name, spelled differently"),
        ("Harpoon!st", 95, "the same name with signs read as letters"),
        ("H@rpoonist", 94, "a similar name"),
        ("Harpoonists", 94, "a similar name"),
    ]


def test_suggest_bands_answers_at_most_as_many_as_asked_for():
    for name in ("Dog Bus", "The Dogbus", "Dog-Bus"):
        add_band(name, **MADE)

    names = [each.band_name for each in suggest_bands("Dogbus", known_names(), limit=2)]

    assert names == ["Dog Bus", "Dog-Bus"]


def test_suggest_bands_answers_with_five_when_nothing_else_is_said():
    names = ["Dog Bus", "Dog Bus!", "Dog, Bus", "Dog-Bus", "Dog/Bus", "The Dog Bus"]
    for name in names:
        add_band(name, **MADE)

    assert [each.band_name for each in suggest_bands("Dogbus", known_names())] == names[:5]


def test_suggest_bands_prefers_the_name_to_an_alias_that_is_as_likely():
    add_alias(add_band("Dog Bus", **MADE), "The Dog Bus", **MADE)

    assert suggested("Dogbus") == [("Dog Bus", 100, "the same name, spelled differently")]


def test_suggest_bands_names_a_band_once_with_its_likeliest_reason():
    band = add_band("Harpoonist", **MADE)
    add_alias(band, "The Harpoonists", **MADE)
    add_alias(band, "Harpoonist!", **MADE)

    assert suggest_bands("The Harpoonists!", known_names()) == [
        Suggestion(band.pk, "Harpoonist", 100, "the same name as “The Harpoonists”, spelled differently")
    ]


@pytest.mark.parametrize(
    ("alias", "typed", "score", "reason"),
    [
        ("Chk Chk Chk", "Chk-Chk-Chk", 100, "the same name as “Chk Chk Chk”, spelled differently"),
        ("Ch!k", "Chik", 95, "the same name as “Ch!k” with signs read as letters"),
        ("Chk Chk Chk", "Chk Chik Chk", 94, "a similar name as “Chk Chk Chk”"),
        # An alias that is a part of the name is an alias too.
        ("Dog", "The Dog", 100, "the same name as “Dog”, spelled differently"),
    ],
)
def test_suggest_bands_says_when_it_knows_a_band_by_an_alias(alias, typed, score, reason):
    band = add_band("Hounds of the Dog Bus", disambiguation="Guelph", **MADE)
    add_alias(band, alias, **MADE)

    assert suggested(typed) == [("Hounds of the Dog Bus (Guelph)", score, reason)]


def test_suggest_bands_does_not_take_the_disambiguation_for_an_alias():
    add_band("Dusk", disambiguation="Guelph", **MADE)

    assert suggested("The Dusk") == [("Dusk (Guelph)", 100, "the same name, spelled differently")]


def test_matching_leaves_the_library_as_it_is():
    names = ["Dog Bus", "Dogbus", "The Dog Bus", "bbno$", "bbnos", "!!!"]
    for name in names:
        add_band(name, **MADE)
    add_alias(make_band("Dog Bus"), "Dogbus", **MADE)

    for name in names:
        find_matches(name, known_names())
        suggest_bands(name, known_names())

    assert sorted(BandProfile.objects.values_list("name", flat=True)) == sorted(names)
    assert matched("Dogbus") == ["Dog Bus", "Dogbus"]
