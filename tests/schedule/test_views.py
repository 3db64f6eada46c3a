"""The pages that fans read: their words, their addresses, their pictures, and that they are whole HTML."""

import io
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from bands.library import find_genre, update_band
from bands.photos import prepare_picture
from schedule import lineup
from schedule.events import set_doors, update_event, update_venue
from schedule.models import Event
from schedule.publishing import archive_event, unpublish_event
from tests.admin_pages import sign_in
from tests.factories import (
    MADE,
    NOW,
    SATURDAY,
    make_band,
    make_event,
    make_public_event,
    make_set,
    make_user,
    make_venue,
    wall,
)

pytestmark = pytest.mark.django_db

ACTION = {"by": None, "now": NOW + timedelta(hours=1)}
SUNDAY = SATURDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def _frozen(time_machine):
    time_machine.move_to(NOW, tick=False)


# Reading a page


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list = field(default_factory=list)

    def find(self, tag, name=""):
        """Every element of a tag, and of a class, in the order of the page."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag == tag and (not name or name in child.attributes.get("class", "").split()):
                    yield child
                yield from child.find(tag, name)

    @property
    def text(self):
        return " ".join("".join(child if isinstance(child, str) else child.raw for child in self.children).split())

    @property
    def raw(self):
        inside = "".join(child if isinstance(child, str) else child.raw for child in self.children)
        return inside if self.tag in INLINE else f" {inside} "


INLINE = {"a", "s", "strong", "small", "span", "time", "em", "b", "code"}
VOID = {"meta", "link", "img", "br", "input", "hr"}


class Reader(HTMLParser):
    """Builds the tree of a page, and notes where tags do not match or an id is there twice."""

    def __init__(self, html):
        super().__init__()
        self.root = Element("document", {})
        self.stack, self.ids, self.problems = [self.root], set(), []
        self.feed(html)
        self.close()
        self.problems += [f"<{element.tag}> is never closed" for element in self.stack[1:]]

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.problems.append(f"<{tag}> has an attribute twice")
        element = Element(tag, dict(attrs))
        if (own_id := element.attributes.get("id")) is not None:
            if own_id in self.ids:
                self.problems.append(f"the id {own_id} is there twice")
            self.ids.add(own_id)
        self.stack[-1].children.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_endtag(self, tag):
        if self.stack[-1].tag == tag:
            self.stack.pop()
        else:
            self.problems.append(f"</{tag}> closes <{self.stack[-1].tag}>")

    def handle_data(self, data):
        self.stack[-1].children.append(data)


def read(response):
    return Reader(response.content.decode()).root


def get(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return read(response)


def nights_of(page):
    """The heading of each night with the text of each of its sets."""
    return {
        next(night.find("h2")).text: [each.text for each in night.find("li", "set")]
        for night in page.find("section", "night")
    }


def sections_of(page):
    """The heading of each list with the text of each of its items."""
    return {
        next(section.find("h2")).text: [item.text for item in section.find("li")]
        for section in page.find("section", "events")
    }


def test_reader_sees_what_is_wrong():
    problems = Reader('<p id="a"><b>x</p></b><i id="a" class="c" class="d"><img><div>').problems

    assert problems == [
        "</p> closes <b>",
        "<i> has an attribute twice",
        "the id a is there twice",
        "<p> is never closed",
        "<i> is never closed",
        "<div> is never closed",
    ]


# The list of events


def test_home_has_tonights_upcoming_and_past_events(client, time_machine):
    tonight = make_public_event("Tonight", city="Waterloo")
    make_public_event("Series", date=date(2026, 10, 9), end_date=date(2026, 10, 23))
    make_public_event("Next", date=date(2026, 10, 17))
    make_public_event("Past", date=date(2026, 10, 3))
    archive_event(make_public_event("Archived", date=date(2026, 10, 4)), **ACTION)
    make_event("Draft")
    time_machine.move_to(wall(tonight, "24:01"), tick=False)

    page = get(client, "/")

    assert sections_of(page) == {
        "Tonight": ["Tonight Saturday 10 October 2026 · Waterloo"],
        "Upcoming": [
            "Next Saturday 17 October 2026",
            "Series Friday 9 October 2026 to Friday 23 October 2026",
        ],
        "Past": ["Archived Sunday 4 October 2026", "Past Saturday 3 October 2026"],
    }
    assert [link.attributes["href"] for link in next(page.find("section", "tonight")).find("a")] == ["/events/tonight/"]


def test_home_without_coming_events_says_so(client):
    assert [each.text for each in get(client, "/").find("p", "empty")] == [
        "No event is announced right now. Look again soon."
    ]

    make_public_event("Past", date=date(2026, 9, 1))

    page = get(client, "/")
    assert len(list(page.find("p", "empty"))) == 1
    assert sections_of(page) == {"Past": ["Past Tuesday 1 September 2026"]}

    make_public_event("Coming")

    assert list(get(client, "/").find("p", "empty")) == []


# An event


def test_event_lists_its_sets_by_night_and_time_with_those_after_midnight_last(client):
    event = make_public_event(end_date=SUNDAY)
    make_band("Moth Choir", origin="Guelph, ON")
    make_set(event, "On Sunday", "19:00", None, night=SUNDAY)
    make_set(event, "Moth Choir", "24:10", "24:40")
    make_set(event, "No Time", None, None)
    make_set(event, "The Harpoonist", "20:00", "20:30", notes="Seated.")
    make_set(event, None, "23:30", "24:15", venue=None)
    set_doors(event, SATURDAY, wall(event, "19:00"), **ACTION)

    page = get(client, event.get_absolute_url())

    assert nights_of(page) == {
        "Saturday 10 October 2026 doors 7:00 PM": [
            "8:00PM The Harpoonist Blue Anchor · to 8:30 PM · 30 min Seated.",
            "11:30PM TBA Venue to be announced · to 12:15 AM · 45 min",
            "12:10AM Moth Choir Blue Anchor · to 12:40 AM · 30 min · Guelph, ON After midnight, still Saturday night",
            "TBA No Time Blue Anchor · time to be announced",
        ],
        "Sunday 11 October 2026": ["7:00PM On Sunday Blue Anchor"],
    }
    times = [each.attributes["datetime"] for each in page.find("time")]
    assert times == [
        "2026-10-10T20:00:00-04:00",
        "2026-10-10T23:30:00-04:00",
        "2026-10-11T00:10:00-04:00",
        "2026-10-11T19:00:00-04:00",
    ]
    assert [each.text for each in page.find("p", "foot")] == ["All times are local, in America/Toronto."]


def test_event_says_what_it_is(client):
    event = make_public_event(
        city="Waterloo",
        end_date=SUNDAY,
        age_rule="19+",
        price="Pay what you can",
        presented_by="Ana",
        presented_by_url="https://ana.example",
        ticket_url="https://tickets.example/hs3",
        description="Twenty *bands*.",
    )
    make_set(event)

    page = get(client, event.get_absolute_url())

    poster = next(page.find("header", "poster"))
    assert poster.text == (
        "Harbour Street Crawl 3 Saturday 10 October 2026 to Sunday 11 October 2026 · Waterloo · 19+ · "
        "Pay what you can Presented by Ana Twenty bands. TicketsCalendar"
    )
    assert [link.attributes["href"] for link in poster.find("a")] == [
        "https://ana.example",
        "https://tickets.example/hs3",
        "/events/harbour-street-crawl-3/schedule.ics",
    ]
    assert [link.attributes["href"] for link in page.find("link") if link.attributes["rel"] == "alternate"] == [
        "/events/harbour-street-crawl-3/schedule.ics"
    ]


def test_sets_that_do_not_take_place_are_struck_and_named(client):
    event = make_public_event()
    lineup.cancel_set(make_set(event, "Cancelled Band"), **ACTION)
    lineup.postpone_set(make_set(event, "Postponed Band", "21:00", "21:30"), **ACTION)
    make_set(event, "Playing Band", "22:00", "22:30")

    page = get(client, event.get_absolute_url())

    assert nights_of(page)["Saturday 10 October 2026"] == [
        "8:00PM Cancelled Band Cancelled Blue Anchor · to 8:30 PM · 30 min",
        "9:00PM Postponed Band Postponed Blue Anchor · to 9:30 PM · 30 min A new date is still to be announced",
        "10:00PM Playing Band Blue Anchor · to 10:30 PM · 30 min",
    ]
    assert [each.text for each in page.find("s")] == ["Cancelled Band", "Postponed Band"]
    assert [each.text for each in page.find("strong", "label")] == ["Cancelled", "Postponed"]
    assert ["off" in each.attributes["class"].split() for each in page.find("li", "set")] == [True, True, False]


def test_replaced_set_and_its_replacement_name_each_other(client):
    event = make_public_event()
    original = make_set(event)
    replacement = lineup.replace_set(original, band=make_band("Moth Choir"), **ACTION)

    page = get(client, event.get_absolute_url())

    assert nights_of(page)["Saturday 10 October 2026"] == [
        "8:00PM The Harpoonist Cancelled Blue Anchor · to 8:30 PM · 30 min Moth Choir plays instead",
        "8:00PM Moth Choir Blue Anchor · to 8:30 PM · 30 min Replaces The Harpoonist",
    ]
    note = next(page.find("p", "note"))
    assert next(note.find("a")).attributes["href"] == f"#set-{replacement.pk}"


def test_set_that_came_back_is_not_called_replaced(client):
    event = make_public_event()
    original = make_set(event)
    replacement = lineup.replace_set(original, band=make_band("Moth Choir"), **ACTION)
    lineup.cancel_set(replacement, **ACTION)
    lineup.restore_set(original, **ACTION)

    page = get(client, event.get_absolute_url())

    assert nights_of(page)["Saturday 10 October 2026"] == [
        "8:00PM The Harpoonist Blue Anchor · to 8:30 PM · 30 min",
        "8:00PM Moth Choir Cancelled Blue Anchor · to 8:30 PM · 30 min",
    ]


def test_set_can_be_put_into_a_calendar_when_it_plays_at_a_time(client):
    event = make_public_event()
    performance = make_set(event)
    make_set(event, "No Time", None, None)
    lineup.cancel_set(make_set(event, "Cancelled Band"), **ACTION)

    links = list(get(client, event.get_absolute_url()).find("a", "calendar"))

    assert [(link.attributes["href"], link.attributes["aria-label"]) for link in links] == [
        (f"/events/harbour-street-crawl-3/sets/{performance.uid}.ics", "The Harpoonist to my calendar")
    ]
    assert client.get(links[0].attributes["href"]).status_code == 200


def test_names_and_venues_lead_to_their_pages(client):
    event = make_public_event()
    room = make_venue("Upstairs", parent=make_venue("Knitting Factory"))
    make_set(event, venue="Upstairs", billing="The Harpoonist (DJ)")
    make_set(event, None, "22:00", None, venue=None)

    page = get(client, event.get_absolute_url())

    links = [(link.text, link.attributes["href"]) for item in page.find("li", "set") for link in item.find("a")]
    assert [link for link in links if link[0]] == [
        ("The Harpoonist (DJ)", "/bands/the-harpoonist/"),
        ("Knitting Factory (Upstairs)", f"/venues/{room.slug}/"),
    ]
    assert {client.get(href).status_code for _, href in links} == {200}


def test_line_up_comes_before_its_times(client):
    event = make_public_event(times_public=False)
    make_set(event, "Moth Choir", "20:07", "20:41")
    make_set(event, "alice", "22:00", "22:30")

    page = get(client, event.get_absolute_url())

    assert nights_of(page)["Saturday 10 October 2026"] == [
        "TBA alice Blue Anchor · time to be announced",
        "TBA Moth Choir Blue Anchor · time to be announced",
    ]
    assert "Set times come later." in [each.text for each in page.find("p", "quiet")]
    assert list(page.find("a", "calendar")) == []


def test_event_without_sets_says_that_they_are_to_come(client):
    event = make_public_event()

    page = get(client, event.get_absolute_url())

    assert nights_of(page) == {}
    assert [each.text for each in page.find("p", "empty")] == ["The line-up is still to be announced. Look again soon."]
    assert list(page.find("a", "button")) == []


def test_archived_event_says_that_it_is_over(client):
    event = make_public_event()
    make_set(event)
    archive_event(event, **ACTION)

    page = get(client, event.get_absolute_url())

    assert "This event is over. This is how it went." in [each.text for each in page.find("p", "quiet")]
    assert len(nights_of(page)["Saturday 10 October 2026"]) == 1


@pytest.mark.parametrize(
    ("clock", "cards"),
    [
        ("05:59", []),
        ("07:59", []),
        (
            "19:45",
            ["Blue Anchor The Harpoonist next, in 15 min · 8:00 PM", "Moth Club Moth Choir next, in 45 min · 8:30 PM"],
        ),
        (
            "20:10",
            ["Blue Anchor The Harpoonist playing now · 20 min left", "Moth Club Moth Choir next, in 20 min · 8:30 PM"],
        ),
        ("20:40", ["Moth Club Moth Choir playing now", "Blue Anchor Late Fee next, in 210 min · 12:10 AM"]),
        ("24:20", ["Blue Anchor Late Fee playing now · 20 min left"]),
        ("24:41", []),
    ],
)
def test_event_has_what_is_on_and_what_is_next_on_top(client, time_machine, clock, cards):
    event = make_public_event()
    make_set(event)
    make_set(event, "Moth Choir", "20:30", None, venue="Moth Club")
    make_set(event, "Late Fee", "24:10", "24:40")
    time_machine.move_to(wall(event, clock), tick=False)

    page = get(client, event.get_absolute_url())

    assert [
        " ".join(part.text for part in card.children if not isinstance(part, str)) for card in page.find("a", "card")
    ] == cards


@pytest.mark.parametrize(("clock", "cards"), [("05:59", 0), ("06:00", 1)])
def test_what_is_next_is_told_from_the_beginning_of_its_day(client, time_machine, clock, cards):
    event = make_public_event()
    make_set(event, start="12:00", end="12:30")
    time_machine.move_to(wall(event, clock), tick=False)

    assert len(list(get(client, event.get_absolute_url()).find("a", "card"))) == cards


def test_hidden_sets_are_not_on_the_page(client):
    event = make_public_event(reveal_mode=True)
    shown = make_set(event, "Shown", is_announced=True)
    hidden = lineup.replace_set(shown, band=make_band("Canary"), **ACTION)
    lineup.hide_set(hidden, **ACTION)
    lineup.withdraw_set(make_set(event, "Canary Too", venue="Canary Hall", is_announced=True), **ACTION)

    response = client.get(event.get_absolute_url())

    assert nights_of(read(response))["Saturday 10 October 2026"] == [
        "8:00PM Shown Cancelled Blue Anchor · to 8:30 PM · 30 min"
    ]
    assert b"Canary" not in response.content


@pytest.mark.parametrize("item_count", [1, 3, 120])
def test_event_takes_three_queries(client, django_assert_num_queries, item_count):
    event = make_public_event()
    for number in range(item_count):
        make_set(
            event, f"Band {number}", f"{12 + number // 10}:{number % 10 * 6:02}", None, venue=f"Venue {number % 8}"
        )

    with django_assert_num_queries(3):  # the event; its sets with band and venue; its doors
        page = get(client, event.get_absolute_url())

    assert len(nights_of(page)["Saturday 10 October 2026"]) == item_count


# Bands


def test_bands_are_listed_by_name(client):
    event = make_public_event()
    make_band("zebra", origin_city="Guelph", origin_region="ON")
    for name in ("zebra", "Ärzte", "abba", "Moth Choir"):
        make_set(event, name)
    make_band("Not Playing")

    page = get(client, "/bands/")

    items = list(next(page.find("ul", "bands")).find("li"))
    assert sorted(item.text for item in items) == ["Moth Choir", "abba", "zebra Guelph, ON", "Ärzte"]
    assert [item.text for item in items][:2] == ["abba", "Moth Choir"]
    assert next(items[0].find("a")).attributes["href"] == "/bands/abba/"


def test_list_of_bands_without_any_says_so(client):
    make_set(make_event())

    page = get(client, "/bands/")

    assert [each.text for each in page.find("p", "empty")] == ["No band is announced yet. Look again soon."]
    assert list(page.find("ul", "bands")) == []


def test_band_shows_itself_and_its_sets(client):
    band = make_band(
        "Björk",
        disambiguation="tribute",
        origin="Reykjavík",
        genres=[find_genre("Pop", **MADE), find_genre("Art", **MADE)],
        description="She *sings*.",
        social_links={"website": "https://bjork.example", "instagram": "@bjork", "tiktok": "javascript:alert(1)"},
        contact_email="private@bjork.example",
    )
    past = make_public_event("Past Crawl", date=date(2026, 9, 5))
    coming = make_public_event("Coming Crawl")
    make_set(past, "Björk")
    make_set(coming, "Björk", "24:10", "24:40")
    make_set(coming, "Björk", None, None, venue=None)
    lineup.cancel_set(make_set(coming, "Björk", "20:00", "20:30"), **ACTION)

    response = client.get(band.get_absolute_url())

    page = read(response)
    assert next(page.find("header", "poster")).text == (
        "Björk (tribute) Art, Pop · Reykjavík She sings. WebsiteInstagram"
    )
    assert [link.attributes["href"] for link in page.find("a", "button")] == [
        "https://bjork.example",
        "https://www.instagram.com/bjork",
    ]
    assert sections_of(page) == {
        "Upcoming": [
            "Coming Crawl Saturday 10 October 2026, 8:00 PM · Blue Anchor · Cancelled",
            "Coming Crawl Saturday 10 October 2026, 12:10 AM after midnight · Blue Anchor",
            "Coming Crawl Saturday 10 October 2026, time to be announced",
        ],
        "Past": ["Past Crawl Saturday 5 September 2026, 8:00 PM · Blue Anchor"],
    }
    assert b"private" not in response.content


@pytest.mark.parametrize("links", [[], ["https://a.example"], "https://a.example", {"website": 5}, None])
def test_band_whose_links_are_malformed_has_a_page(client, links):
    band = make_band()
    make_set(make_public_event())
    type(band).objects.filter(pk=band.pk).update(social_links=links if links is not None else {})

    assert list(get(client, band.get_absolute_url()).find("a", "button")) == []


@pytest.mark.parametrize(
    ("clock", "upcoming", "past"),
    [
        ("20:29", ["Timed", "Endless", "Untimed"], []),
        ("20:30", ["Endless", "Untimed"], ["Timed"]),
        ("21:01", ["Endless", "Untimed"], ["Timed"]),
        ("29:59", ["Endless", "Untimed"], ["Timed"]),
        ("30:00", [], ["Untimed", "Endless", "Timed"]),
    ],
)
def test_set_is_past_when_it_has_ended_and_without_an_end_when_its_night_has(
    client, time_machine, clock, upcoming, past
):
    for name, start, end in [("Timed", "20:00", "20:30"), ("Endless", "21:00", None), ("Untimed", None, None)]:
        event = make_public_event(name)
        make_set(event, start=start, end=end)
    time_machine.move_to(wall(event, clock), tick=False)

    sections = sections_of(get(client, "/bands/the-harpoonist/"))

    def names(heading):
        return [text.split()[0] for text in sections.get(heading, [])]

    assert (names("Upcoming"), names("Past")) == (upcoming, past)


# Venues


def test_venue_shows_itself_its_rooms_and_their_sets(client):
    house = make_venue(
        "Knitting Factory",
        address="361 Metropolitan Ave",
        access_notes="Three steps.\nNo lift.",
        website="https://factory.example",
        phone="+1 519 555 0101",
        contact_email="door@factory.example",
    )
    make_venue("Upstairs", parent=house)
    make_venue("Never Used", parent=house)
    event = make_public_event()
    make_set(event, venue="Knitting Factory")
    make_set(event, "Moth Choir", "21:00", "21:30", venue="Upstairs")
    make_set(event, "Elsewhere")

    response = client.get("/venues/knitting-factory/")

    page = read(response)
    assert next(page.find("header", "poster")).text == (
        "Knitting Factory 361 Metropolitan Ave Rooms: Upstairs Three steps. No lift. Website"
    )
    assert sections_of(page) == {
        "Upcoming": [
            "The Harpoonist Saturday 10 October 2026, 8:00 PM · Knitting Factory · Harbour Street Crawl 3",
            "Moth Choir Saturday 10 October 2026, 9:00 PM · Knitting Factory (Upstairs) · Harbour Street Crawl 3",
        ]
    }
    assert b"555 0101" not in response.content
    assert b"door@" not in response.content


def test_room_names_its_house_and_shows_its_own_sets(client):
    house = make_venue("Knitting Factory")
    room = make_venue("Upstairs", parent=house)
    event = make_public_event()
    make_set(event, venue="Knitting Factory")
    make_set(event, "Moth Choir", "21:00", "21:30", venue="Upstairs")

    page = get(client, room.get_absolute_url())

    assert next(page.find("header", "poster")).text == "Knitting Factory (Upstairs) A room of Knitting Factory"
    assert [text.split(" Saturday")[0] for text in sections_of(page)["Upcoming"]] == ["Moth Choir"]


@pytest.mark.parametrize("item_count", [1, 3])
def test_lists_take_the_same_number_of_queries_whatever_they_hold(client, item_count):
    house = make_venue("Knitting Factory")
    for number in range(item_count):
        make_venue(f"Room {number}", parent=house)
        event = make_public_event(f"Event {number}", date=SATURDAY + timedelta(days=number))
        make_band("Everywhere", genres=[find_genre("Rock", **MADE)])
        make_set(event, "Everywhere", venue=f"Room {number}")
        make_set(event, f"Band {number}", venue="Knitting Factory")

    counts = {}
    for address in ("/", "/bands/", "/bands/everywhere/", "/venues/knitting-factory/"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            get(client, address)
        counts[address] = len(queries)

    assert counts == {"/": 1, "/bands/": 1, "/bands/everywhere/": 3, "/venues/knitting-factory/": 3}


# Addresses


def redirect_of(client, address):
    response = client.get(address)
    return response.status_code, response.headers.get("Location")


def test_former_addresses_lead_to_the_present_one_in_one_hop(client):
    event, band, venue = make_public_event(slug="crawl-1"), make_band("One"), make_venue("One Hall")
    make_set(event, "One", venue="One Hall")
    for number in ("2", "3"):
        update_event(event, slug=f"crawl-{number}", **ACTION)
        update_band(band, slug=f"band-{number}", **MADE)
        update_venue(venue, slug=f"hall-{number}", **MADE)

    assert {
        old: redirect_of(client, old)
        for old in (
            "/events/crawl-1/",
            "/events/crawl-2/",
            "/bands/one/",
            "/bands/band-2/",
            "/venues/one-hall/",
            "/venues/hall-2/",
        )
    } == {
        "/events/crawl-1/": (301, "/events/crawl-3/"),
        "/events/crawl-2/": (301, "/events/crawl-3/"),
        "/bands/one/": (301, "/bands/band-3/"),
        "/bands/band-2/": (301, "/bands/band-3/"),
        "/venues/one-hall/": (301, "/venues/hall-3/"),
        "/venues/hall-2/": (301, "/venues/hall-3/"),
    }


def test_address_that_was_taken_back_answers_again_and_redirects_are_not_kept_for_ever(client):
    event = make_public_event(slug="crawl-1")
    update_event(event, slug="crawl-2", **ACTION)
    assert client.get("/events/crawl-1/")["Cache-Control"] == "public, max-age=60"

    update_event(event, slug="crawl-1", **ACTION)

    assert client.get("/events/crawl-1/").status_code == 200
    assert redirect_of(client, "/events/crawl-2/") == (301, "/events/crawl-1/")


def test_predecessors_address_of_an_event_leads_to_ours(client):
    event = make_public_event(slug="harbour-street-2")
    update_event(event, slug="harbour-street-3", **ACTION)

    assert [
        redirect_of(client, address)
        for address in ("/event/harbour-street-3", "/event/harbour-street-3/", "/event/harbour-street-2")
    ] == [(301, "/events/harbour-street-3/")] * 3


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("The Harpoonist", "the-harpoonist"),
        ("The Harpoonist", "The%20Harpoonist"),
        ("Björk", "bj-rk"),
        ("Björk", "bjork"),  # our own address
        ("Björk", "Bj%C3%B6rk"),
        ("AC/DC", "ac-dc"),
        ("Motörhead & Friends", "mot-rhead-friends"),
        ("Sigur Rós", "sigur-r-s"),
        ("İstanbul Trio", "i-stanbul-trio"),
        ("R.E.M.", "r-e-m-"),
        ("$wamp A$$", "-wamp-a-"),
        ("blink-182", "blink-182"),
    ],
)
def test_predecessors_address_of_a_band_is_understood_as_its_clients_made_it(client, name, asked):
    band = make_band(name)
    make_set(make_public_event(), name)

    assert redirect_of(client, f"/band/{asked}") == (301, band.get_absolute_url())
    assert redirect_of(client, f"/band/{asked}/") == (301, band.get_absolute_url())


def test_predecessors_address_of_a_band_by_number_and_by_former_address(client):
    band, number = make_band("The Harpoonist"), make_band("311")
    event = make_public_event()
    make_set(event)
    make_set(event, "311")
    update_band(band, slug="harpoonist", name="Harpoonist", **MADE)

    assert redirect_of(client, f"/band/{band.pk}") == (301, "/bands/harpoonist/")
    assert redirect_of(client, f"/band/{number.pk}") == (301, "/bands/311/")
    assert redirect_of(client, "/band/the-harpoonist") == (301, "/bands/harpoonist/")


def test_predecessors_address_prefers_the_band_whose_own_it_is_or_was(client):
    event = make_public_event()
    make_band("Bj Rk", slug="another")
    band = make_band("Björk", slug="bj-rk")
    make_set(event, "Bj Rk")
    make_set(event, "Björk")

    own = redirect_of(client, "/band/bj-rk")
    update_band(band, slug="bjork", **MADE)
    former = redirect_of(client, "/band/bj-rk")
    by_key = redirect_of(client, "/band/bj--rk")

    assert (own, former, by_key) == ((301, "/bands/bj-rk/"), (301, "/bands/bjork/"), (301, "/bands/another/"))


UNKNOWN = [
    "/events/unknown/",
    "/event/unknown",
    "/event/a%00b",
    "/event/%C3%BC",
    "/bands/unknown/",
    "/band/unknown",
    "/band/999999",
    "/band/0",
    f"/band/{2**63}",
    f"/band/{'9' * 5000}",
    "/band/a%00b",
    "/band/---",
    "/band/%E6%9D%B1",
    "/venues/unknown/",
    "/venues/",
]


@pytest.mark.parametrize("address", UNKNOWN)
def test_unknown_address_is_not_found(client, address):
    make_band("!!!")
    make_set(make_public_event(), "!!!")

    response = client.get(address)

    assert response.status_code == 404
    assert next(read(response).find("h1")).text == "Nothing here"


def test_hidden_addresses_are_not_found_like_unknown_ones(client, admin_client):
    draft = make_event("Draft", slug="draft")
    make_set(draft, "Draft Band", venue="Draft Hall")
    taken_back = make_public_event("Taken Back", slug="taken-back")
    make_set(taken_back, "Taken Back Band", venue="Taken Back Hall")
    update_event(taken_back, slug="taken-back-2", **ACTION)
    unpublish_event(taken_back, **ACTION)
    secret = make_public_event("Secret", reveal_mode=True)
    band = make_set(secret, "Secret Band", venue="Secret Hall").band
    update_band(band, slug="secret-2", **MADE)
    update_venue(make_venue("Secret Hall"), slug="secret-hall-2", **MADE)
    make_band("Idle Band")
    make_venue("Idle Hall")
    addresses = [
        *("/events/draft/", "/event/draft", "/bands/draft-band/", "/venues/draft-hall/"),
        *("/events/taken-back/", "/events/taken-back-2/", "/event/taken-back", "/event/taken-back-2"),
        *("/bands/secret-band/", "/bands/secret-2/", "/band/secret-band", "/band/secret-2", f"/band/{band.pk}"),
        *("/venues/secret-hall/", "/venues/secret-hall-2/", "/bands/idle-band/", "/venues/idle-hall/"),
    ]

    unknown = client.get("/events/unknown/").content

    for somebody in (client, admin_client):
        answers = {address: somebody.get(address) for address in addresses}
        assert {address: answer.status_code for address, answer in answers.items()} == dict.fromkeys(addresses, 404)
        assert {answer.content for answer in answers.values()} == {unknown}


def test_address_without_its_slash_leads_to_the_one_with_it(client):
    make_public_event(slug="crawl")

    assert redirect_of(client, "/events/crawl") == (301, "/events/crawl/")


# HTML

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</title></main>&amp;",
]


def build_world(*, name="{}", slug="{}"):
    """Something of everything, with names and slugs made of a pattern; answers the addresses."""
    house = make_venue(name.format("House"), address=name.format("5 Quay St"), access_notes=name.format("Steps"))
    make_venue(name.format("Room"), parent=house)
    first = make_public_event(
        name.format("First"),
        slug=slug.format("first"),
        end_date=SUNDAY,
        city=name.format("Waterloo"),
        age_rule=name.format("19+"),
        price=name.format("$20"),
        presented_by=name.format("Ana"),
        presented_by_url="https://ana.example/?a=1&b=2",
        ticket_url="https://tickets.example/?a=1&b='x'",
        description=name.format("Loud"),
        poster=f"posters/{'0' * 32}.jpg",
        poster_alt_text=name.format("Boats"),
    )
    band = make_band(
        name.format("Band"),
        slug=slug.format("band"),
        origin=name.format("Guelph"),
        genres=[find_genre(name.format("Blues"), **MADE)],
        description=name.format("Duo"),
        social_links={"website": f"https://band.example/{name.format('')}", "instagram": "@h"},
        photo=f"bands/{'0' * 32}.jpg",
        photo_alt_text=name.format("Two people"),
        photo_credit=name.format("Bo"),
    )
    make_set(first, band.name, venue=name.format("Room"), notes=name.format("Seated"))
    lineup.cancel_set(make_set(first, band.name, "24:10", "24:40", venue=name.format("House")), **ACTION)
    lineup.postpone_set(make_set(first, band.name, None, None, venue=None), **ACTION)
    lineup.replace_set(make_set(first, band.name, "21:00", None), billing=name.format("Open Mic"), **ACTION)
    make_set(first, None, billing=name.format("TBA"), night=SUNDAY, venue=None)
    set_doors(first, SATURDAY, wall(first, "19:00"), **ACTION)
    past = make_public_event(name.format("Past"), slug=slug.format("past"), date=date(2026, 9, 5))
    make_set(past, band.name, venue=name.format("House"))
    archive_event(past, **ACTION)
    empty = make_public_event(name.format("Empty"), slug=slug.format("empty"), date=date(2026, 10, 30))
    return [each.get_absolute_url() for each in (first, past, empty, band, house, house.rooms.get())]


@pytest.mark.parametrize("clock", ["12:00", "20:10", "24:20"])
def test_pages_are_well_formed(client, time_machine, clock):
    lists = ["/", "/bands/", "/nothing/"]
    when_empty = {address: Reader(client.get(address).content.decode()) for address in lists}
    details = build_world()
    time_machine.move_to(wall(Event.objects.get(slug="first"), clock), tick=False)

    pages = {address: Reader(client.get(address).content.decode()) for address in [*lists, *details]}

    for page in (*when_empty.values(), *pages.values()):
        assert page.problems == []
        assert [each.attributes.get("lang") for each in page.root.find("html")] == ["en"]
        assert [len(list(page.root.find(tag))) for tag in ("title", "main", "h1")] == [1, 1, 1]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_type_is_text_and_never_markup(client, time_machine, hostile):
    plain_addresses = build_world()
    addresses = build_world(name="{} " + hostile, slug="hostile-{}")
    time_machine.move_to(wall(Event.objects.get(slug="first"), "20:10"), tick=False)

    plain, pages = ([get(client, address) for address in each] for each in (plain_addresses, addresses))

    assert [shape_of(page) for page in pages] == [shape_of(page) for page in plain]
    assert [next(page.find("h1")).text for page in pages] == [
        *(f"{name} {hostile}" for name in ("First", "Past", "Empty", "Band", "House")),
        f"House {hostile} (Room {hostile})",
    ]
    for address in ("/", "/bands/"):
        page = get(client, address)
        assert [list(page.find(tag)) for tag in ("script", "svg", "img")] == [[], [], []]
        assert f"{hostile}" in " ".join(each.text for each in page.find("strong"))


def shape_of(page):
    """The tags of a page with the names of their attributes, the text of Markdown left out."""
    return [
        (child.tag, sorted(child.attributes), [] if "prose" in child.attributes.get("class", "") else shape_of(child))
        for child in page.children
        if isinstance(child, Element)
    ]


# Pictures


@pytest.fixture
def picture(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    encoded = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(encoded, "PNG")
    return prepare_picture(SimpleUploadedFile("boat.png", encoded.getvalue()))


def fetch(client, address):
    response = client.get(address)
    return response, b"".join(response)


def test_photo_of_a_public_band_is_a_picture_and_nothing_else(client, picture):
    band = make_band("The Harpoonist", photo=picture)
    make_set(make_public_event())

    response, content = fetch(client, band.photo.url)

    assert response.status_code == 200
    assert Image.open(io.BytesIO(content)).format == "JPEG"
    assert {name: response.headers.get(name) for name in PICTURE_HEADERS} == PICTURE_HEADERS
    assert "Vary" not in response
    assert not response.cookies


PICTURE_HEADERS = {
    "Content-Type": "image/jpeg",
    "Cache-Control": "public, max-age=60",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


def test_photo_of_a_hidden_band_is_for_people_who_may_see_the_band(client, picture):
    band = make_band("The Harpoonist", photo=picture)
    make_set(make_event())
    anonymous, _ = fetch(client, band.photo.url)
    unknown, _ = fetch(client, f"/media/bands/{'0' * 32}.jpg")
    sign_in(client, make_user("viewer"))
    allowed, content = fetch(client, band.photo.url)

    assert (anonymous.status_code, allowed.status_code) == (404, 200)
    assert anonymous.content == unknown.content
    assert Image.open(io.BytesIO(content)).format == "JPEG"
    assert {name: allowed.headers.get(name) for name in PICTURE_HEADERS} == {
        **PICTURE_HEADERS,
        "Cache-Control": "private, no-store",
    }


@pytest.mark.parametrize("status", ["unannounced", "withdrawn"])
def test_photo_is_hidden_with_the_sets_of_its_band(client, picture, status):
    band = make_band("The Harpoonist", photo=picture)
    performance = make_set(make_public_event(reveal_mode=True), is_announced=True)
    assert fetch(client, band.photo.url)[0].status_code == 200

    {"unannounced": lineup.hide_set, "withdrawn": lineup.withdraw_set}[status](performance, **ACTION)

    assert client.get(band.photo.url).status_code == 404


def test_poster_is_public_with_its_event(client, admin_client, picture):
    event = make_event(poster=picture)

    hidden = client.get(event.poster.url)
    private, _ = fetch(admin_client, event.poster.url)
    Event.objects.update(status=Event.Status.PUBLISHED, published_at=NOW)
    public, content = fetch(client, event.poster.url)

    assert (hidden.status_code, private.status_code, public.status_code) == (404, 200, 200)
    assert (private["Cache-Control"], public["Cache-Control"]) == ("private, no-store", "public, max-age=60")
    assert Image.open(io.BytesIO(content)).format == "JPEG"
    assert {name: public.headers.get(name) for name in PICTURE_HEADERS} == PICTURE_HEADERS


def test_picture_whose_file_is_gone_is_not_found(client, picture):
    band = make_band("The Harpoonist", photo=picture)
    make_set(make_public_event())
    band.photo.storage.delete(band.photo.name)

    assert client.get(band.photo.url).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/media/bands/../settimes.sqlite3",
        "/media/bands/%2e%2e/settimes.sqlite3",
        f"/media/bands/{'0' * 32}.svg",
        f"/media/bands/{'0' * 31}.jpg",
        f"/media/bands/{'0' * 32}.jpg/",
        "/media/",
        "/media/bands/",
    ],
)
def test_nothing_else_is_served_as_media(client, address):
    assert client.get(address).status_code == 404
