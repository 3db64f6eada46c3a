"""Spellings of venues: suggested, in a sentence that says why, and never merged."""

import json
from pathlib import Path

import pytest

from schedule.models import Venue
from schedule.venue_matching import suggest_venues

LINEUPS = Path(__file__).resolve().parent.parent / "data" / "lineups"


def venues(*names):
    return [Venue(name=name) for name in names]


@pytest.mark.parametrize(
    ("title", "known", "sentence"),
    [
        (
            "SHREDDER",
            "THE SHREDDER",
            "The venue “SHREDDER” may be THE SHREDDER (the same name, spelled differently).",
        ),
        (
            "The Princess Cafe",
            "Princess Café",
            "The venue “The Princess Cafe” may be Princess Café (the same name, spelled differently).",
        ),
        (
            "Room-47",
            "Room 47",
            "The venue “Room-47” may be Room 47 (the same name, spelled differently).",
        ),
        (
            "GRAINEY'S",
            "TOM GRAINEY'S",
            "The venue “GRAINEY'S” may be TOM GRAINEY'S (a similar name).",
        ),
        (
            "Prohibition Warehouse Waterloo",
            "Prohibition Warehouse",
            "The venue “Prohibition Warehouse Waterloo” may be Prohibition Warehouse (a similar name).",
        ),
        (
            "Prohibtion Warehouse",
            "Prohibition Warehouse",
            "The venue “Prohibtion Warehouse” may be Prohibition Warehouse (a similar name).",
        ),
        (
            "Revive Karaoke (Blue Room)",
            "Revive Karaoke",
            "The venue “Revive Karaoke (Blue Room)” may be a room of Revive Karaoke.",
        ),
        (
            "revive  karaoke (Blue Room)",
            "Revive Karaoke",
            "The venue “revive  karaoke (Blue Room)” may be a room of Revive Karaoke.",
        ),
        (
            "Revive Karaoke",
            "Revive Karaoke (Blue Room)",
            "The venue “Revive Karaoke” may be the house of Revive Karaoke (Blue Room).",
        ),
        (
            "KNITTING FACTORY (UPSTAIRS)",
            "KNITTING FACTORY (MAIN STAGE)",
            "The venues “KNITTING FACTORY (UPSTAIRS)” and KNITTING FACTORY (MAIN STAGE) may be rooms of one house, "
            "KNITTING FACTORY.",
        ),
    ],
)
def test_suggest_venues_says_what_a_name_may_mean(title, known, sentence):
    assert suggest_venues(title, venues("Somewhere Else", known)) == [sentence]


@pytest.mark.parametrize(
    ("title", "known"),
    [
        ("REEF", "REEFER"),
        ("Room 46", "Room 47 Upstairs"),
        ("The Cave", "The Word"),
        ("ROSE ROOM", "REEF"),
        ("Stage", "Main Stage"),  # five letters are part of many names
        ("Camp Turner", "Camp Frabbit"),
        ("V.I.Paradise Stage (VIP Campsite)", "UTB Manchester Campsite Stage"),
    ],
)
def test_suggest_venues_is_silent_about_other_names(title, known):
    assert suggest_venues(title, venues(known)) == []


def test_suggest_venues_looks_inside_names_of_six_letters_and_more():
    assert suggest_venues("Stages", venues("Main Stages")) == [
        "The venue “Stages” may be Main Stages (a similar name)."
    ]
    assert suggest_venues("Stage", venues("Main Stage")) == []


def test_suggest_venues_finds_slips_of_one_letter_in_nine():
    assert suggest_venues("Blue Moose", venues("Blue Mouse")) == [
        "The venue “Blue Moose” may be Blue Mouse (a similar name)."
    ]
    assert suggest_venues("Blue Moon", venues("Blue Moor")) == []  # one in eight


def test_suggest_venues_knows_rooms_by_their_house():
    house = Venue(name="Knitting Factory")
    room = Venue(name="Upstairs", parent=house)

    assert suggest_venues("Knitting Factory (Cellar)", [house, room]) == [
        "The venue “Knitting Factory (Cellar)” may be a room of Knitting Factory.",
        "The venues “Knitting Factory (Cellar)” and Knitting Factory (Upstairs) may be rooms of one house, "
        "Knitting Factory.",
    ]


def test_spellings_of_treefort_are_all_suggested():
    festival = json.loads((LINEUPS / "treefort-2015.json").read_text(encoding="utf-8"))
    known, sentences = [], []

    for name in dict.fromkeys(venue.strip() for _, venue, *_ in festival["sets"]):
        sentences += suggest_venues(name, known)
        known.append(Venue(name=name))

    assert len(known) == festival["facts"]["venues_trimmed_casefolded"] == 25
    assert sentences == [
        "The venue “GRAINEY'S” may be TOM GRAINEY'S (a similar name).",
        "The venue “GRAINEY'S BASEMENT” may be GRAINEY'S (a similar name).",
        "The venue “MAIN STAGE” may be KNITTING FACTORY (MAIN STAGE) (a similar name).",
        "The venues “KNITTING FACTORY (UPSTAIRS)” and KNITTING FACTORY (MAIN STAGE) may be rooms of one house, "
        "KNITTING FACTORY.",
        "The venue “SHREDDER” may be THE SHREDDER (the same name, spelled differently).",
    ]
