"""Addresses made from names, on their own; how bands get and keep them is in test_library.py."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bands.slugs import MAX_SLUG_LENGTH, SLUG_PATTERN, ascii_slug, free_slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("The Harpoonist", "the-harpoonist"),
        ("  Dog \t Bus ", "dog-bus"),
        ("IronMaiden", "ironmaiden"),
        ("Björk", "bjork"),
        ("Sigur Rós", "sigur-ros"),
        ("Łona i Webber", "lona-i-webber"),
        ("Ǿrsted", "orsted"),
        ("Straßenjungs", "strassenjungs"),
        ("Ænima", "aenima"),
        ("Ｄｏｇ Ｂｕｓ", "dog-bus"),
        ("Guns N’ Roses", "guns-n-roses"),
        ("Rock'n'Roll", "rocknroll"),
        ("Rock’n’Roll", "rocknroll"),
        ("Jay\u2010Z", "jay-z"),
        ("Gasoline & Sons", "gasoline-and-sons"),
        ("R&B", "r-and-b"),
        ("AC/DC", "ac-dc"),
        ("R.E.M.", "r-e-m"),
        ("MOTOMAMI+", "motomami"),
        ("bbno$", "bbnos"),
        ("Too $hort", "too-short"),
        ("$wamp A$$", "swamp-ass"),
        ("LYFE SK!LLZ", "lyfe-skillz"),
        ("Wham!", "wham"),
        ("311", "311"),
        # Digits are fine in an address, a nought too.
        ("10cc", "10cc"),
        ("2000trees", "2000trees"),
        ("90s Night", "90s-night"),
        ("N0RTH", "n0rth"),
        ("ДДТ 2", "2"),
        ("!!!", ""),
        ("+/-", ""),
        ("△", ""),
        ("人間椅子", ""),
        ("Кино", ""),
        ("فيروز", ""),
        ("", ""),
        ("x" * 101, "x" * 100),
        ("x" * 99 + " y", "x" * 99),
    ],
)
def test_ascii_slug_by_name(name, slug):
    assert ascii_slug(name) == slug


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=150))
def test_ascii_slug_is_empty_or_an_address(name):
    slug = ascii_slug(name)

    assert slug == "" or re.fullmatch(SLUG_PATTERN, slug)
    assert len(slug) <= MAX_SLUG_LENGTH


@pytest.mark.parametrize(
    ("taken", "slug"),
    [
        (set(), "dog-bus"),
        ({"dogbus", "dog-bus-2"}, "dog-bus"),
        ({"dog-bus"}, "dog-bus-2"),
        ({"dog-bus", "dog-bus-2", "dog-bus-4"}, "dog-bus-3"),
    ],
)
def test_free_slug_is_the_wanted_one_or_the_first_free_number(taken, slug):
    assert free_slug("dog-bus", is_taken=taken.__contains__) == slug


@pytest.mark.parametrize(
    ("wanted", "slug"),
    [("x" * 100, "x" * 98 + "-2"), ("x" * 97 + "-yz", "x" * 97 + "-2"), ("x" * 96 + "-yzz", "x" * 96 + "-y-2")],
)
def test_free_slug_makes_room_for_the_number(wanted, slug):
    free = free_slug(wanted, is_taken={wanted}.__contains__)

    assert free == slug
    assert re.fullmatch(SLUG_PATTERN, free)
