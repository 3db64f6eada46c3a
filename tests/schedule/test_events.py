"""Events and venues: dates, zones and addresses that change, and what changes with them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from schedule import announcing, events, publishing
from schedule.models import Change, Doors, Event, Performance, Pick, Plan, SlugRedirect, Venue
from schedule.models.event import PUBLIC
from settimes.versions import StaleError
from tests.factories import MADE, NOW, SATURDAY, make_admin, make_event, make_public_event, make_set, make_venue, wall

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
SUNDAY = SATURDAY + timedelta(days=1)
TODAY = {"by": None, "now": LATER}


def sets_of(event):
    """Night, wall start and wall end of each set."""
    event.refresh_from_db()
    return [
        (
            p.title,
            p.night,
            *(f"{i.astimezone(event.zone):%Y-%m-%d %H:%M}" if i else None for i in (p.starts_at, p.ends_at)),
        )
        for p in event.performances.all()
    ]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Harbour Street Crawl, Vol. 3", "harbour-street-crawl-vol-3"),
        ("Fête de la Musique", "fete-de-la-musique"),
        ("夜の音楽祭", "event-2026-10-10"),
        ("!!!", "event-2026-10-10"),
    ],
)
def test_create_event_makes_an_address_from_the_name(name, slug):
    assert make_event(name).slug == slug


def test_create_event_numbers_an_address_that_is_taken_or_was():
    first = make_event()
    events.update_event(first, slug="vol-3", **TODAY)

    assert [make_event().slug, make_event().slug] == ["harbour-street-crawl-3-2", "harbour-street-crawl-3-3"]


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"name": "ab"}, {"name": ["Ensure this value has at least 3 characters (it has 2)."]}),
        (
            {"slug": "Vol 18"},
            {"slug": ["Use lower-case letters, digits and single hyphens, for example vol-18."]},
        ),
        (
            {"timezone": "Canada/Waterloo"},
            {"timezone": ["“Canada/Waterloo” is not a time zone. Write an IANA name such as America/Toronto."]},
        ),
        (
            {"end_date": SATURDAY - timedelta(days=1)},
            {"__all__": ["The last night cannot be before the first one."]},
        ),
        ({"social_links": ["@crawl"]}, {"social_links": ["Write a JSON object."]}),
        ({"venue_info": {"name": "Blue Anchor"}}, {"venue_info": ["Write a JSON list."]}),
    ],
)
def test_create_event_refuses_with_the_field_and_the_remedy(fields, messages):
    with pytest.raises(ValidationError) as refusal:
        make_event(**{"name": "Harbour Street Crawl 3", **fields})

    assert refusal.value.message_dict == messages
    assert not Event.objects.exists()


def test_update_event_records_what_changed_and_nothing_when_nothing_did():
    event, ana = make_public_event(city="Waterloo"), make_admin()
    revision = event.revision

    events.update_event(event, city="Waterloo", price="", by=ana, now=LATER)
    event.refresh_from_db()
    assert event.revision == revision

    events.update_event(event, city="Kitchener", price="$20", by=ana, now=LATER)
    event.refresh_from_db()
    change = Change.objects.filter(event=event).last()
    assert (event.city, event.price, event.updated_by, event.revision) == ("Kitchener", "$20", ana, revision + 1)
    assert (change.kind, change.before, change.after, change.is_public) == (
        "event_edited",
        {"city": "Waterloo", "price": ""},
        {"city": "Kitchener", "price": "$20"},
        True,
    )


def test_update_event_to_another_date_moves_its_sets_by_nights():
    event = make_public_event()
    make_set(event, start="20:00", end="20:30")
    make_set(event, "$wamp A$$", start="23:55", end="24:25", venue="Net Loft")
    make_set(event, "Moth Choir", start=None, end=None, venue=None)

    events.update_event(event, date=date(2026, 10, 17), **TODAY)

    assert sets_of(event) == [
        ("The Harpoonist", date(2026, 10, 17), "2026-10-17 20:00", "2026-10-17 20:30"),
        ("$wamp A$$", date(2026, 10, 17), "2026-10-17 23:55", "2026-10-18 00:25"),
        ("Moth Choir", date(2026, 10, 17), None, None),
    ]
    assert [p.sequence for p in event.performances.all()] == [1, 1, 1]


def test_update_event_to_another_date_keeps_wall_times_over_the_end_of_summer_time():
    event = make_event()
    make_set(event, start="20:00", end="20:30")

    events.update_event(event, date=date(2026, 11, 7), **TODAY)

    assert sets_of(event) == [("The Harpoonist", date(2026, 11, 7), "2026-11-07 20:00", "2026-11-07 20:30")]
    assert event.performances.get().starts_at == datetime(2026, 11, 8, 1, 0, tzinfo=UTC)


def test_update_event_of_several_nights_moves_all_of_them():
    event = make_event(end_date=SUNDAY)
    make_set(event)
    make_set(event, "Moth Choir", night=SUNDAY)

    events.update_event(event, date=SUNDAY, end_date=SUNDAY + timedelta(days=1), **TODAY)

    assert [night for _, night, _, _ in sets_of(event)] == [SUNDAY, SUNDAY + timedelta(days=1)]


def test_update_event_with_another_last_night_moves_nothing():
    event = make_event()
    make_set(event)

    events.update_event(event, end_date=SUNDAY, **TODAY)

    assert [night for _, night, _, _ in sets_of(event)] == [SATURDAY]


def test_update_event_with_an_earlier_first_night_and_the_same_last_one_moves_nothing():
    event = make_event(end_date=SUNDAY)
    make_set(event, night=SUNDAY)

    events.update_event(event, date=SATURDAY - timedelta(days=1), **TODAY)

    assert [night for _, night, _, _ in sets_of(event)] == [SUNDAY]


def test_update_event_refuses_dates_that_leave_sets_outside():
    event = make_event(end_date=SUNDAY)
    make_set(event, night=SUNDAY)

    with pytest.raises(ValidationError) as refusal:
        events.update_event(event, end_date=None, **TODAY)

    assert refusal.value.message_dict == {
        "end_date": [
            "There are sets on 2026-10-11, outside 2026-10-10 to 2026-10-10. Move them first, or keep the dates."
        ]
    }
    event.refresh_from_db()
    assert event.end_date == SUNDAY


def test_update_event_to_another_zone_keeps_wall_times_and_moves_instants():
    event = make_public_event()
    performance = make_set(event, start="20:00", end="20:30")
    before = performance.starts_at

    events.update_event(event, timezone="America/Vancouver", **TODAY)

    performance.refresh_from_db()
    assert sets_of(event) == [("The Harpoonist", SATURDAY, "2026-10-10 20:00", "2026-10-10 20:30")]
    assert performance.starts_at - before == timedelta(hours=3)
    assert performance.sequence == 1


def test_update_event_moves_the_doors_along():
    event = make_event(end_date=SUNDAY)
    for night in (SATURDAY, SUNDAY):
        events.set_doors(event, night, wall(event, "18:30", night=night), **TODAY)

    events.update_event(event, date=SUNDAY, end_date=SUNDAY + timedelta(days=1), timezone="America/Vancouver", **TODAY)

    assert [(d.night, f"{d.opens_at.astimezone(event.zone):%Y-%m-%d %H:%M}") for d in event.doors.all()] == [
        (SUNDAY, "2026-10-11 18:30"),
        (SUNDAY + timedelta(days=1), "2026-10-12 18:30"),
    ]


def test_update_event_records_the_doors_that_it_moved():
    event = make_event()
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **TODAY)

    events.update_event(event, date=SUNDAY, **TODAY)

    change = Change.objects.last()
    doors = {"night": "2026-10-10", "venue": None, "opens_at": "2026-10-10T22:30:00+00:00", "curfew_at": None}
    assert change.before == {"date": "2026-10-10", "moved_doors": [doors]}
    moved = {**doors, "night": "2026-10-11", "opens_at": "2026-10-11T22:30:00+00:00"}
    assert change.after == {"date": "2026-10-11", "moved_doors": [moved]}


@pytest.mark.parametrize(("days", "minutes", "waits"), [(7, 0, True), (-7, 1, True), (-7, 0, False)])
def test_update_event_moves_the_hours_of_announcements_along_unless_they_would_have_passed(days, minutes, waits):
    event = make_event(reveal_mode=True)
    performance = make_set(event)
    hour = LATER + timedelta(days=7, minutes=minutes)
    announcing.schedule_announcement([performance], at=hour, **MADE)

    events.update_event(event, date=SATURDAY + timedelta(days=days), **TODAY)

    performance.refresh_from_db()
    assert performance.announce_at == (hour + timedelta(days=days) if waits else None)
    change = performance.changes.last()
    assert (change.kind, set(change.after), change.is_public) == ("edited", {"announce_at"}, False)


def test_doors_are_of_the_version_of_their_event():
    event = make_event()
    events.set_doors(event, SATURDAY, wall(event, "18:00"), **TODAY)

    with pytest.raises(StaleError):
        events.update_event(event, seen_version=event.version, city="Port", **TODAY)
    seen = Event.objects.get().version
    events.remove_doors(Doors.objects.get(), **TODAY)
    with pytest.raises(StaleError):
        events.update_event(event, seen_version=seen, city="Port", **TODAY)


def test_update_event_refuses_dates_that_leave_doors_outside():
    event = make_event(end_date=SUNDAY)
    events.set_doors(event, SUNDAY, wall(event, "18:30", night=SUNDAY), **TODAY)

    with pytest.raises(ValidationError) as refusal:
        events.update_event(event, end_date=None, **TODAY)

    assert refusal.value.messages == [
        "There are doors on 2026-10-11, outside 2026-10-10 to 2026-10-10. Move them first, or keep the dates."
    ]


def test_update_event_stands_on_the_row_and_not_on_an_old_copy():
    """One editor corrects the zone and publishes, the other, who opened the event before, the date."""
    event = make_event()
    performance = make_set(event, start="20:00", end="20:30")
    old_copy = Event.objects.get(pk=event.pk)
    events.update_event(event, timezone="America/Vancouver", **TODAY)
    publishing.publish_event(event, by=None, now=LATER)

    events.update_event(old_copy, date=SUNDAY, **TODAY)

    assert sets_of(old_copy) == [("The Harpoonist", SUNDAY, "2026-10-11 20:00", "2026-10-11 20:30")]
    assert (old_copy.timezone, old_copy.status, performance.changes.last().is_public) == (
        "America/Vancouver",
        "published",
        True,
    )
    assert Change.objects.filter(event=event).last().is_public is True


@pytest.mark.parametrize("name", ["status", "archived_at", "published_at", "revision", "created_by"])
def test_update_event_writes_no_field_that_is_not_its_own(name):
    with pytest.raises(ValueError, match=f"{name} cannot be edited here"):
        events.update_event(make_event(), **TODAY, **{name: None})


def test_update_event_hides_what_was_typed_before_reveal_mode_was_switched_on():
    event = make_event()
    performance = make_set(event)

    events.update_event(event, reveal_mode=True, **TODAY)
    publishing.publish_event(event, by=None, now=LATER)

    performance.refresh_from_db()
    assert (performance.is_announced, performance.announced_at) == (False, None)
    assert not Performance.objects.visible_to(PUBLIC).exists()


def test_update_event_leaves_announced_what_people_have_seen():
    event = make_public_event()
    performance = make_set(event)

    events.update_event(event, reveal_mode=True, **TODAY)

    performance.refresh_from_db()
    assert performance.is_announced is True


def test_update_venue_keeps_what_somebody_else_has_just_written():
    venue = make_venue()
    old_copy = Venue.objects.get(pk=venue.pk)
    events.update_venue(venue, address="5 Quay St", **MADE)

    events.update_venue(old_copy, capacity=120, **MADE)

    venue.refresh_from_db()
    assert (venue.address, venue.capacity) == ("5 Quay St", 120)


def test_event_addresses_redirect_in_one_hop_and_are_never_given_again(client):
    event = make_public_event(slug="vol-1")
    for slug in ("vol-one", "volume-one"):
        events.update_event(event, slug=slug, **TODAY)

    for old in ("vol-1", "vol-one"):
        response = client.get(f"/events/{old}/")
        assert (response.status_code, response["Location"]) == (301, "/events/volume-one/")
    with pytest.raises(ValidationError) as refusal:
        make_event("Another Crawl", slug="vol-1")
    assert refusal.value.message_dict == {
        "slug": ["“vol-1” was the address of another event and is not given again. Choose another one."]
    }


def test_event_may_take_its_own_former_address_back(client):
    event = make_public_event(slug="vol-1")
    events.update_event(event, slug="vol-one", **TODAY)

    events.update_event(event, slug="vol-1", **TODAY)

    assert list(SlugRedirect.objects.values_list("slug", flat=True)) == ["vol-one"]
    assert client.get("/events/vol-1/").status_code == 200
    assert client.get("/events/vol-one/")["Location"] == "/events/vol-1/"


def test_event_and_venue_may_share_an_address():
    make_event(slug="blue-anchor")

    assert make_venue("Blue Anchor").slug == "blue-anchor"


@pytest.mark.parametrize("typed", ["Harbour Street Crawl 3", "  harbour  STREET crawl 3 "])
def test_delete_event_frees_the_addresses_of_one_that_was_never_public(typed):
    draft = make_event(slug="vol-1")
    make_set(draft)
    events.update_event(draft, slug="vol-2", **TODAY)

    events.delete_event(draft, confirmed_name=typed, **MADE)

    assert (Event.objects.count(), Performance.objects.count(), SlugRedirect.objects.count()) == (0, 0, 0)
    assert [make_event(name, slug=name).slug for name in ("vol-1", "vol-2")] == ["vol-1", "vol-2"]


@pytest.mark.parametrize("step", [publishing.publish_event, publishing.unpublish_event, publishing.archive_event])
def test_delete_event_that_has_been_public_keeps_its_addresses_for_nobody(client, step):
    event = make_public_event(slug="vol-1")
    events.update_event(event, slug="vol-2", **TODAY)
    step(event, **TODAY)
    plan = Plan.objects.create(event=event, key_hash="x")
    Pick.objects.create(plan=plan, performance=make_set(event))

    events.delete_event(event, confirmed_name=event.name, **MADE)

    assert sorted(map(str, SlugRedirect.objects.all())) == ["vol-1 (deleted)", "vol-2 (deleted)"]
    assert (Event.objects.count(), Pick.objects.count()) == (0, 0)
    for slug in ("vol-1", "vol-2"):
        assert client.get(f"/events/{slug}/").status_code == 404
        with pytest.raises(ValidationError) as refusal:
            make_event(slug=slug)
        assert list(refusal.value.message_dict) == ["slug"]


@pytest.mark.parametrize("typed", ["", "Harbour Street Crawl", "Harbour Street Crawl 33", "harbour-street-crawl-3"])
def test_delete_event_needs_its_name(typed):
    event = make_event()

    with pytest.raises(ValidationError) as refusal:
        events.delete_event(event, confirmed_name=typed, **MADE)

    assert refusal.value.messages == ["To delete this event, type its name: Harbour Street Crawl 3."]
    assert Event.objects.get() == event


def test_set_doors_counts_the_last_word_and_records_it():
    event = make_public_event()
    revision = event.revision

    for opens in ("18:00", "18:30", "18:30"):
        events.set_doors(event, SATURDAY, wall(event, opens), **TODAY)
    events.set_doors(event, SATURDAY, wall(event, "20:00"), venue=make_venue(), **TODAY)

    event.refresh_from_db()
    assert list(Doors.objects.values_list("venue__name", "opens_at")) == [
        (None, wall(event, "18:30")),
        ("Blue Anchor", wall(event, "20:00")),
    ]
    assert event.revision == revision + 3
    change = Change.objects.filter(event=event)[revision + 1]
    assert (change.kind, change.before, change.after) == (
        "event_edited",
        {"doors": {"night": "2026-10-10", "venue": None, "opens_at": "2026-10-10T22:00:00+00:00"}},
        {"doors": {"night": "2026-10-10", "venue": None, "opens_at": "2026-10-10T22:30:00+00:00"}},
    )


@pytest.mark.parametrize("night", [SATURDAY - timedelta(days=1), SUNDAY])
def test_set_doors_refuses_another_night(night):
    event = make_event()

    with pytest.raises(ValidationError) as refusal:
        events.set_doors(event, night, wall(event, "18:00"), **TODAY)

    assert refusal.value.messages == [f"{night} is not a night of Harbour Street Crawl 3."]


def test_remove_doors_records_it():
    event = make_public_event()
    doors = events.set_doors(event, SATURDAY, wall(event, "18:00"), **TODAY)

    events.remove_doors(doors, **TODAY)

    assert not Doors.objects.exists()
    assert Change.objects.last().after == {"doors": {"night": "2026-10-10", "venue": None, "opens_at": None}}


def test_venue_rooms_are_named_with_their_house():
    house = make_venue("Knitting Factory")
    upstairs = events.add_venue("Upstairs", parent=house, **MADE)

    assert (str(upstairs), upstairs.slug) == ("Knitting Factory (Upstairs)", "knitting-factory-upstairs")


@pytest.mark.parametrize("name", ["Blue Anchor", "BLUE ANCHOR", " blue  anchor\r\r"])
def test_add_venue_refuses_a_name_that_is_there(name):
    make_venue("Blue Anchor")

    with pytest.raises(ValidationError) as refusal:
        events.add_venue(name, **MADE)

    assert refusal.value.messages == ["A venue of this name exists already. Use it, or make this one a room of it."]


def test_rooms_of_two_houses_may_have_one_name_and_of_one_house_not():
    one, other = make_venue("Knitting Factory"), make_venue("Customs House")
    events.add_venue("Main Stage", parent=one, **MADE)
    events.add_venue("Main Stage", parent=other, **MADE)

    with pytest.raises(ValidationError) as refusal:
        events.add_venue("main stage", parent=one, **MADE)

    assert refusal.value.messages == ["The venue has a room of this name already."]


def test_room_cannot_have_rooms():
    room = events.add_venue("Cellar", parent=make_venue("Customs House"), **MADE)

    with pytest.raises(ValidationError) as refusal:
        events.add_venue("Cupboard", parent=room, **MADE)

    assert refusal.value.message_dict == {"parent": ["A room cannot have rooms of its own."]}


def test_venues_are_ordered_along_the_street_with_rooms_behind_their_house():
    house = make_venue("Customs House", walking_order=5)
    make_venue("Alpha Bar", walking_order=1)
    make_venue("Zebra", walking_order=5)
    events.add_venue("Attic", parent=house, **MADE)

    assert [str(venue) for venue in Venue.objects.all()] == [
        "Alpha Bar",
        "Customs House",
        "Customs House (Attic)",
        "Zebra",
    ]


def test_delete_venue_in_use_is_refused_and_its_address_stays_its_own():
    event = make_event()
    make_set(event, venue="Blue Anchor")
    with pytest.raises(ProtectedError):
        events.delete_venue(make_venue("Blue Anchor"), **MADE)
    assert not SlugRedirect.objects.exists()

    events.delete_venue(make_venue("Net Loft"), **MADE)

    assert make_venue("Net Loft").slug == "net-loft-2"


def test_venue_takes_both_coordinates_or_none():
    with pytest.raises(ValidationError) as refusal:
        make_venue("Blue Anchor", latitude=43.4)

    assert refusal.value.messages == ["Give both latitude (-90 to 90) and longitude (-180 to 180), or neither."]
