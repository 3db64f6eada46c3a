"""What a billing says: a band, an open slot or an activity; and names that are never taken apart."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedule.billing import kind_of, possible_credits
from schedule.models import Performance

LINEUPS = Path(__file__).resolve().parent.parent / "data" / "lineups"
Kind = Performance.Kind


@pytest.mark.parametrize(
    "billing",
    [
        *("TBA", "TBC", "tbd", " tba ", "TBA.", "TBC!", "tba?", "T.B.A.", "To Be Announced", "to be confirmed"),
        *("?", "???", "TBA (secret set)", "TBC - 22:30", "À annoncer", "À confirmer"),
        *("Special Guest", "special guests", "Very Special Guest", "Secret Set", "Surprise Guest", "Mystery Act"),
        *("Special Guest TBA", "Special Guest: TBC", "Secret guest (TBA)", "Guest", "Guests TBA", "Headliner"),
        *("DJ", "DJs", "DJ set", "DJ TBA", "House DJ", "Resident DJs"),
        *("Local Openers", "local support", "Opener", "Openers", "Support", "Support TBC", "Opening act"),
        *("Band TBA", "Artist TBC", "Line-up TBA", "2 bands TBC", "3 more bands TBA", "More acts to be announced"),
        *("Artist/band schedule to follow", "Line-up to follow", "Invité surprise", "Artistes à confirmer"),
    ],
)
def test_kind_of_an_open_slot_is_placeholder(billing):
    assert kind_of(billing) == Kind.PLACEHOLDER


@pytest.mark.parametrize(
    "billing",
    [
        *("Silent Disco", "SILENT DISCO", "Silent Disco (late)", "Yoga", "Kids Yoga", "Morning Yoga Class"),
        *("Solid Gold Fitness", "Solid Gold Fitness - Kids", "New Act Showcase", "Karaoke", "Karaoke Night"),
        *("Open Mic", "Pub Quiz", "Raffle", "Drum Workshop", "Changeover", "Doors", "Doors open", "Soundcheck"),
    ],
)
def test_kind_of_an_activity_is_activity(billing):
    assert kind_of(billing) == Kind.ACTIVITY


@pytest.mark.parametrize(
    "billing",
    [
        *("Witchrot", "$wamp A$$", "!!!", "+/-", "-(16)-", "311", "A", "?uestlove", "? and the Mysterians"),
        *("The Doors", "The Special Guests", "Special Interest", "Secret Machines", "Mystery Jets", "Local Natives"),
        *("DJ Shadow", "2 Many DJs", "TBC Sound System", "Fugazi TBC", "Support Lesbiens", "Other Lives"),
        *("Haggard Cat (Silent Disco Live)", "Thrill Collins (silent disco set)", "Richard Massara - MC"),
        *("Holistic Meditation & Emcee Monkey D.", "Parade Of Bad Guys", "The Dark Room", "Where's Shane?"),
        *("Stbath", "Atba", ""),
    ],
)
def test_kind_of_a_band_is_set(billing):
    assert kind_of(billing) == Kind.SET


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("treefort-2015", {"set": 269}),
        ("2000trees-2026", {"set": 167, "placeholder": 75, "activity": 20}),
    ],
)
def test_kinds_of_real_festivals_are_what_their_facts_count(name, counts):
    festival = json.loads((LINEUPS / f"{name}.json").read_text(encoding="utf-8"))

    kinds = Counter(str(kind_of(act)) for _, _, act, _, _ in festival["sets"])

    assert kinds == counts
    assert kinds["placeholder"] == festival["facts"]["placeholder_sets"]


@pytest.mark.parametrize(
    ("billing", "acts"),
    [
        ("Four Tet b2b Floating Points", ["Four Tet", "Floating Points"]),
        ("A B2B B b2b C", ["A", "B", "C"]),
        ("Gaffa x Ravioli", ["Gaffa", "Ravioli"]),
        ("Kepi Ghoulie w/ The Accident", ["Kepi Ghoulie", "The Accident"]),
        ("Witchrot feat. Birdhand", ["Witchrot", "Birdhand"]),
        ("Witchrot ft Birdhand", ["Witchrot", "Birdhand"]),
        ("The Earthlings + The Armada ID", ["The Earthlings", "The Armada ID"]),
    ],
)
def test_possible_credits_are_suggested(billing, acts):
    assert possible_credits(billing) == acts


@pytest.mark.parametrize(
    "billing",
    [
        *("Crosby, Stills, Nash & Young", "2 Promoters, 1 Pod", "Yes Chef", "Hank & Cupcakes", "+/-", "Malcolm X"),
        *("Fat Scheid & the Merry Melodies", "Marv Ellis & WE Tribe", "paper/upper/cuts", "Alexis x", "x Factor"),
        *(
            "Kera and The Lesbians",
            "Curtis/Sutton & The Scavengers",
            "C+C Music Factory",
            "Feat. Nobody",
            "Softfeather",
        ),
    ],
)
def test_possible_credits_never_come_from_commas_and_ampersands(billing):
    assert possible_credits(billing) == []


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text(st.sampled_from("tbac ?.!-()/0dj")))
def test_every_text_is_of_some_kind(billing):
    assert kind_of(billing) in Kind
    assert all(part and part in billing for part in possible_credits(billing))


def test_long_billings_are_read_at_once():
    assert kind_of("special " * 10_000) == Kind.SET
    assert kind_of("more " * 10_000 + "bands TBA") == Kind.PLACEHOLDER
    assert len(possible_credits("A " + "b2b A " * 5_000)) == 5_001
