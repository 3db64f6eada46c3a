"""The history of rows of which every version is kept, bands and venues: in sentences, and back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from bands import row_history
from bands.library import add_alias, add_band, delete_genre, find_genre, update_band
from bands.models import BandProfile
from bands.row_history import HISTORIES, VersionHistory
from schedule.events import delete_venue, update_venue
from schedule.models import Venue
from settimes.versions import StaleError
from tests.factories import MADE, NOW, make_admin, make_band, make_user, make_venue

pytestmark = pytest.mark.django_db

BANDS, VENUES = HISTORIES[BandProfile], VersionHistory(Venue, update_venue)
NOT_STATE = {"id", "version", "updated_at", "updated_by_id"}


@pytest.fixture
def bea():
    return make_user("editor", first_name="Bea")


def later(minutes=1):
    return NOW + timedelta(minutes=minutes)


def moments_of(row):
    return (BANDS if isinstance(row, BandProfile) else VENUES).page(type(row).objects.get(pk=row.pk), 1)[1]


def told(row):
    return [sentence for moment in moments_of(row) for part in moment.parts for sentence in part.sentences]


def entries(row):
    """The numbers of all versions, newest first."""
    return list(row.history.order_by("-history_id").values_list("history_id", flat=True))


def state(row):
    values = {k: v for k, v in type(row).objects.filter(pk=row.pk).values().get().items() if k not in NOT_STATE}
    return values | ({"genres": set(row.genres.all())} if isinstance(row, BandProfile) else {})


def restore(row, entry, *, by=None):
    row = type(row).objects.get(pk=row.pk)
    reader = BANDS if isinstance(row, BandProfile) else VENUES
    reader.restore(row, entry, seen_version=row.version, by=by, now=later(60))


def genre(name):
    return find_genre(name, **MADE)


def test_band_is_told_in_sentences(bea):
    band = add_band("Moth Choir", genres=[genre("Folk"), genre("Punk")], by=None, now=NOW)
    update_band(band, name="Moth Chorus", origin_city="Guelph", genres=[genre("Jazz")], by=bea, now=later(1))
    update_band(
        band, origin_city="", is_active=False, social_links={"website": "https://a.example"}, by=bea, now=later(2)
    )

    assert told(band) == [
        "Bea emptied the city; it was “Guelph”.",
        "Bea set the links to “website: https://a.example”.",
        "Bea unticked “active”.",
        "Bea changed the name from “Moth Choir” to “Moth Chorus”.",
        "Bea set the city to “Guelph”.",
        "Bea changed the genres from “Folk, Punk” to “Jazz”.",
        "Somebody added Moth Choir.",
    ]
    assert [(moment.who, moment.when) for moment in moments_of(band)] == [
        ("Bea", "Thu 1 Oct 2026, 8:02 AM"),
        ("Bea", "Thu 1 Oct 2026, 8:01 AM"),
        ("Somebody", "Thu 1 Oct 2026, 8:00 AM"),
    ]


def test_band_without_a_latin_letter_is_added_once():
    assert told(make_band("夜の蛾")) == ["Somebody added 夜の蛾."]


def test_venue_is_told_in_sentences(bea):
    house, other = make_venue("Knitting Factory"), make_venue("Old Mill")
    room = make_venue("Upstairs", parent=house)
    update_venue(room, parent=other, capacity=90, by=bea, now=later(1))
    update_venue(room, parent=None, capacity=None, by=bea, now=later(2))

    assert told(room) == [
        "Bea emptied the house; it was “Old Mill”.",
        "Bea emptied the capacity; it was “90”.",
        "Bea changed the house from “Knitting Factory” to “Old Mill”.",
        "Bea set the capacity to “90”.",
        "Somebody added Upstairs.",
    ]


def test_what_is_private_and_what_is_not_different_makes_no_entry(bea):
    band, venue = make_band("Moth Choir"), make_venue("Old Mill")
    update_band(band, contact_email="moth@choir.example", by=bea, now=later(1))
    update_band(band, name="Moth Choir", by=bea, now=later(2))
    update_venue(venue, phone="+1 519 555 0100", contact_email="mill@old.example", by=bea, now=later(1))
    add_alias(band, "The Moths", by=bea, now=later(3))

    assert (told(band), told(venue)) == (["Somebody added Moth Choir."], ["Somebody added Old Mill."])
    assert [moment.parts[0].entry for row in (band, venue) for moment in moments_of(row)] == [None, None]


def test_long_values_are_shortened_in_sentences():
    band = make_band("Moth Choir")
    update_band(band, description="x" * 81, **MADE)
    update_band(band, description="y" * 80, by=None, now=later())

    assert told(band)[0] == f"Somebody changed the bio from “{'x' * 79}…” to “{'y' * 80}”."


def test_versions_whose_beginning_was_not_kept_say_so():
    band = make_band("Moth Choir")
    update_band(band, origin_city="Guelph", by=None, now=later())
    band.history.filter(history_type="+").delete()

    assert told(band) == ["Somebody changed it; what it was before was not kept."]


def test_history_is_told_in_pages_without_a_gap(monkeypatch):
    monkeypatch.setattr(row_history, "PAGE_SIZE", 2)
    band = make_band("A")
    for number, name in enumerate("BCDE", start=1):
        update_band(band, name=name, by=None, now=later(number))

    pages = [BANDS.page(band, number)[1] for number in (1, 2, 3)]

    assert [[moment.parts[0].sentences[0] for moment in moments] for moments in pages] == [
        ["Somebody changed the name from “D” to “E”.", "Somebody changed the name from “C” to “D”."],
        ["Somebody changed the name from “B” to “C”.", "Somebody changed the name from “A” to “B”."],
        ["Somebody added A."],
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_history_takes_as_many_queries_for_many_versions(django_assert_num_queries, count):
    band, venue = make_band("Moth Choir"), make_venue("Upstairs", parent=make_venue("Old Mill"))
    for number in range(count):
        update_band(band, genres=[genre(f"G{number}")], by=None, now=later(number + 1))
        update_venue(venue, capacity=number, by=None, now=later(number + 1))

    with django_assert_num_queries(6):  # how many; versions; those before; their genres in two; genres now
        BANDS.page(band, 1)
    with django_assert_num_queries(4):  # how many; versions with their houses; those before; its house now
        VENUES.page(venue, 1)


CHANGES = {
    "name": {"name": "Moth Chorus", "disambiguation": "Guelph"},
    "address": {"slug": "the-moths"},
    "words": {"description": "Loud", "origin": "Guelph", "photo_credit": "Bea", "is_active": False},
    "links": {"social_links": {"website": "https://a.example"}},
}


@pytest.mark.parametrize("name", CHANGES)
def test_band_is_restored_to_each_of_its_states(bea, name):
    band = add_band("Moth Choir", genres=[genre("Folk")], **MADE)
    states = [(entries(band)[0], state(band))]
    update_band(band, genres=[genre("Punk"), genre("Jazz")], **CHANGES[name], by=None, now=later())
    states.append((entries(band)[0], state(band)))

    for entry, expected in (states[0], states[1], states[0]):
        restore(band, entry, by=bea)
        assert state(band) == expected

    assert moments_of(band)[0].who == "Bea"
    assert moments_of(band)[0].parts[0].reason == "restored the state of Thu 1 Oct 2026, 8:00 AM"


def test_venue_is_restored_to_each_of_its_states(bea):
    venue = make_venue("Upstairs", parent=make_venue("Old Mill"))
    states = [(entries(venue)[0], state(venue))]
    update_venue(
        venue, name="Loft", slug="loft", parent=None, latitude=43.5, longitude=-80.2, capacity=80, by=None, now=later()
    )
    states.append((entries(venue)[0], state(venue)))

    for entry, expected in (states[0], states[1], states[0]):
        restore(venue, entry, by=bea)
        assert state(venue) == expected


def test_contact_data_stays_as_it_is_now(bea):
    band = make_band("Moth Choir", contact_email="old@choir.example")
    entry = entries(band)[0]
    update_band(band, contact_email="new@choir.example", origin_city="Guelph", **MADE)

    restore(band, entry, by=bea)

    band.refresh_from_db()
    assert (band.contact_email, band.origin_city) == ("new@choir.example", "")


def test_what_is_gone_stays_out_and_is_said(bea):
    folk = genre("Folk")
    band = add_band("Moth Choir", genres=[folk], photo="bands/gone.jpg", **MADE)
    venue = make_venue("Upstairs", parent=make_venue("Old Mill"))
    of_band, of_venue = entries(band)[0], entries(venue)[0]
    update_band(band, genres=[], photo="", origin_city="Guelph", **MADE)
    update_venue(venue, parent=None, **MADE)
    delete_genre(folk, **MADE)
    delete_venue(make_venue("Old Mill"), **MADE)

    plans = BANDS.restoring(band, of_band), VENUES.restoring(venue, of_venue)

    assert [plan.stays for plan in plans] == [
        [
            "Not brought back: photo. The file is gone.",
            "Not brought back: genres. What it was is no longer there.",
        ],
        ["Not brought back: house. What it was is no longer there."],
    ]
    assert [plan.fields for plan in plans] == [{"origin_city": ""}, {}]


def test_photo_that_is_still_there_is_restored(bea, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    band = make_band("Moth Choir", photo=ContentFile(b"jpeg", "moth.jpg"))
    name, entry = BandProfile.objects.get(pk=band.pk).photo.name, entries(band)[0]
    update_band(band, photo="", **MADE)

    restore(band, entry, by=bea)

    assert BandProfile.objects.get(pk=band.pk).photo.name == name


def test_restoring_what_somebody_else_has_changed_meanwhile_is_refused(bea):
    band = make_band("Moth Choir")
    entry, seen = entries(band)[0], band.version
    update_band(band, name="Moth Chorus", **MADE)

    with pytest.raises(StaleError):
        BANDS.restore(band, entry, seen_version=seen, by=bea, now=later())

    assert BandProfile.objects.get(pk=band.pk).name == "Moth Chorus"


def test_name_that_another_band_has_taken_is_refused_with_a_sentence(bea):
    band = make_band("Moth Choir")
    entry = entries(band)[0]
    update_band(band, name="Moth Chorus", **MADE)
    make_band("Moth Choir")

    with pytest.raises(ValidationError, match="A band of this name is in the library already"):
        restore(band, entry, by=bea)


def test_entry_of_another_row_is_none_of_a_row():
    one, other = make_band("A"), make_band("B")

    assert BANDS.restoring(one, entries(other)[0]) is None


def test_who_changed_it_last_is_known(bea):
    band = make_band("Moth Choir")
    update_band(band, name="Moth Chorus", by=make_admin(), now=later(1))
    update_band(band, origin_city="Guelph", by=bea, now=later(2))

    assert BANDS.latest(band) == ("Bea", later(2))
