"""What an event lacks: each kind of gap with its sentence and the place where it is mended."""

from datetime import timedelta

import pytest

from bands.library import update_band
from schedule import audience, events, lineup, readiness
from schedule.conflicts import ConflictKind
from schedule.models import Performance, Pick, Plan
from schedule.readiness import Gap, Summary
from tests.factories import MADE, SATURDAY, make_band, make_event, make_set, make_user, make_venue, wall

pytestmark = pytest.mark.django_db

SUNDAY = SATURDAY + timedelta(days=1)
KINDS = {*readiness.GapKind, *(kind.value for kind in ConflictKind)}


def gaps_of(event, kind, **how):
    checks = {check.kind: check for check in readiness.find(event, **how)}
    return list(checks[kind].gaps)


def open_kinds(event):
    return [check.kind for check in readiness.find(event) if not check.is_fine]


def make_ready_event(**fields):
    """An event without a gap, with one set."""
    event = make_event(city="Port Invented", ticket_url="https://tickets.example/3", age_rule="19+", **fields)
    anchor = make_venue("Blue Anchor", address="1 Quay", latitude=43.5, longitude=-80.5)
    band = make_band("The Harpoonist")
    type(band).objects.filter(pk=band.pk).update(photo="bands/x.jpg", photo_alt_text="Three people at sea")
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)
    return event, make_set(event, "The Harpoonist", venue=anchor.name)


# --- All of it ---------------------------------------------------------------------------------


def test_event_that_lacks_nothing_is_fine():
    event, _ = make_ready_event()

    checks = readiness.find(event)

    assert [check.kind for check in checks if not check.is_fine] == []
    assert {check.kind for check in checks} == KINDS
    assert readiness.summary(event) == Summary(fine=len(KINDS), total=len(KINDS))


def test_event_that_was_just_made_lacks_its_line_up_doors_and_facts():
    event = make_event()

    assert open_kinds(event) == ["lineup", "doors", "facts"]
    assert readiness.summary(event) == Summary(fine=len(KINDS) - 3, total=len(KINDS))
    assert readiness.summary(event).open == 3
    assert gaps_of(event, "lineup") == [Gap("lineup", "There is no set yet.", event, page="board")]


def test_ends_photos_and_announcements_are_light():
    assert [check.kind for check in readiness.find(make_event()) if check.is_light] == ["photo", "end", "unannounced"]


@pytest.mark.parametrize("count", [1, 3])
def test_readiness_takes_the_same_queries_for_one_set_and_for_three(django_assert_num_queries, count):
    event = make_event()
    for number in range(count):
        make_set(event, f"Band {number}", venue=f"Room {number}")

    with django_assert_num_queries(5):  # sets; of the conflicts sets here, sets elsewhere and hours; doors
        readiness.find(event)


# --- Sets --------------------------------------------------------------------------------------


def test_sets_lack_a_start_an_end_or_a_venue():
    event, complete = make_ready_event()
    vague = make_set(event, "Moth Choir", None, None, venue=None)
    endless = make_set(event, "Witchrot", "21:00", None)

    assert gaps_of(event, "start") == [Gap("start", "Moth Choir has no start.", vague, "starts")]
    assert gaps_of(event, "end") == [Gap("end", "Witchrot has no end.", endless, "ends")]
    assert gaps_of(event, "venue") == [Gap("venue", "Moth Choir has no venue.", vague, "venue")]
    assert complete not in [gap.row for check in readiness.find(event) for gap in check.gaps]


@pytest.mark.parametrize("end", [lineup.cancel_set, lineup.withdraw_set, lineup.postpone_set])
def test_sets_that_do_not_take_place_lack_nothing(end):
    event, _ = make_ready_event()

    end(make_set(event, "Moth Choir", None, None, venue=None), **MADE)

    assert open_kinds(event) == []


def test_slots_that_are_to_be_announced_are_open_and_activities_are_not():
    event, _ = make_ready_event(end_date=SUNDAY)
    events.set_doors(event, SUNDAY, wall(event, "18:30", night=SUNDAY), **MADE)
    slot = make_set(event, None, night=SUNDAY)
    make_set(event, None, "22:00", "22:30", billing="Silent Disco", kind=Performance.Kind.ACTIVITY)

    assert open_kinds(event) == ["placeholder"]
    assert gaps_of(event, "placeholder") == [Gap("placeholder", "TBA (October 11) is still open.", slot, "band")]


@pytest.mark.parametrize(("reveal_mode", "gaps"), [(True, 1), (False, 0)])
def test_sets_wait_to_be_announced_in_reveal_mode_alone(reveal_mode, gaps):
    event, performance = make_ready_event(reveal_mode=reveal_mode)
    Performance.objects.filter(pk=performance.pk).update(is_announced=False)

    sentence = "1 set is not announced yet: nobody sees it."
    assert gaps_of(event, "unannounced") == gaps * [Gap("unannounced", sentence, event, page="announcements")]


def test_overlaps_are_told_once_with_the_way_to_the_board():
    event, _ = make_ready_event()
    make_set(event, "Moth Choir", "20:29", "21:00", night=SATURDAY)

    (gap,) = gaps_of(event, "venue_overlap")

    assert (gap.page, gap.row.event, gap.field) == ("board", event, "starts")
    assert "overlaps" in gap.sentence


def test_sets_back_to_back_do_not_overlap():
    event, _ = make_ready_event()
    make_set(event, "Moth Choir", "20:30", "21:00")

    assert gaps_of(event, "venue_overlap") == []


@pytest.mark.parametrize(("curfew", "is_late"), [("20:29", True), ("20:30", False)])
def test_sets_beyond_the_curfew_are_told(curfew, is_late):
    event, performance = make_ready_event()
    events.set_hours(event, SATURDAY, curfew_at=wall(event, curfew), **MADE)

    assert [gap.row for gap in gaps_of(event, "curfew")] == is_late * [performance]


def test_event_that_is_not_open_to_the_reader_is_not_told():
    event, _ = make_ready_event()
    secret = make_event("Secret Crawl", slug="secret")
    make_set(secret, "Moth Choir", "20:10", "20:40")
    tara = make_user("editor", event, email="tara@label.example")

    (gap,) = gaps_of(event, "venue_overlap", reader=tara)

    assert "Moth Choir" not in gap.sentence
    assert gap.row.event_id == event.pk


# --- Venues, doors, facts ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("house", "room", "missing"),
    [
        ({}, {}, ["Customs House has no address.", "Customs House has no place on the map."]),
        ({"address": "1 Quay"}, {}, ["Customs House has no place on the map."]),
        ({"latitude": 0.0, "longitude": 0.0}, {"address": "rear"}, []),
        ({}, {"city": "Port", "latitude": 1.0, "longitude": 1.0}, []),
    ],
)
def test_room_is_found_by_its_own_address_or_by_its_house(house, room, missing):
    event, _ = make_ready_event()
    customs = make_venue("Customs House", **house)
    for name in ("Cellar", "Attic"):
        make_venue(name, parent=customs, **room)
        make_set(event, f"Band of the {name}", venue=name)

    gaps = gaps_of(event, "address")

    assert [(gap.sentence, gap.row) for gap in gaps] == [(sentence, customs) for sentence in missing]


def test_every_night_with_sets_needs_doors_that_open():
    event, _ = make_ready_event(end_date=SUNDAY + timedelta(days=1))
    make_set(event, "Moth Choir", night=SUNDAY)
    events.set_hours(event, SUNDAY, curfew_at=wall(event, "23:00", night=SUNDAY), **MADE)

    assert gaps_of(event, "doors") == [Gap("doors", "No doors are set for October 11.", event, "doors-group")]


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({}, ["city", "ticket_url", "age_rule"]),
        ({"city": "Port", "price": "$20 at the door"}, ["age_rule"]),
        ({"city": "Port", "ticket_url": "https://x.example", "age_rule": "19+"}, []),
    ],
)
def test_facts_are_missing_one_by_one(fields, missing):
    assert [gap.field for gap in gaps_of(make_event(**fields), "facts")] == missing


def test_pictures_need_words_and_bands_photos():
    event, performance = make_ready_event()
    update_band(performance.band, photo_alt_text="", **MADE)
    plain = make_set(event, "Moth Choir", "21:00", "21:30").band
    type(event).objects.filter(pk=event.pk).update(poster="posters/x.jpg")
    event.refresh_from_db()

    assert gaps_of(event, "picture_text") == [
        Gap("picture_text", "The poster has no text for who cannot see it.", event, "poster_alt_text"),
        Gap(
            "picture_text",
            "The photo of The Harpoonist has no text for who cannot see it.",
            performance.band,
            "photo_alt_text",
        ),
    ]
    assert gaps_of(event, "photo") == [Gap("photo", "Moth Choir has no photo.", plain, "photo")]


# --- Who will be told --------------------------------------------------------------------------


class Fans:
    def people_to_tell(self, event):
        return 7

    def followers_of(self, bands):
        return dict.fromkeys(list(bands)[:1], 3)


def test_audience_is_empty_while_nobody_counts_followers(monkeypatch):
    monkeypatch.setattr(audience, "_counters", [])

    assert (audience.is_known(), audience.people_to_tell(make_event())) == (False, 0)
    assert audience.followers_of([4, 5]) == {4: 0, 5: 0}


def test_audience_asks_who_registered_once(monkeypatch):
    monkeypatch.setattr(audience, "_counters", [])
    fans = Fans()
    audience.register(fans)
    audience.register(fans)

    assert (audience.is_known(), audience.people_to_tell(make_event())) == (True, 7)
    assert audience.followers_of([4, 5]) == {4: 3, 5: 0}


def test_plans_are_counted_once_and_only_with_sets():
    event = make_event()
    sets = [make_set(event, f"Band {number}") for number in range(2)]
    plan, _empty = (Plan.objects.create(event=event, key_hash=key) for key in "ab")
    for performance in sets:
        Pick.objects.create(plan=plan, performance=performance)

    assert audience.plans_holding_sets(event) == 1
