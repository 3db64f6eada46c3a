"""Calendars: what three parsers read from them, and what no parser looks at, read from the lines themselves."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import uuid4
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from django.urls import reverse
from ical.calendar_stream import IcsCalendarStream

from bands.library import update_band
from schedule import lineup
from schedule.events import update_event
from schedule.models import Event, Performance
from schedule.models.event import PUBLIC
from schedule.outputs import ical
from schedule.publishing import archive_event, publish_event, unpublish_event
from schedule.snapshot import Programme
from tests.factories import MADE, NOW, SATURDAY, make_band, make_event, make_public_event, make_set, make_venue, wall

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
ACTION = {"by": None, "now": LATER}

# Zone, day of the change, the wall time that clocks show just before it.
CLOCK_CHANGES = [
    ("America/Toronto", date(2027, 3, 14), "02:00"),
    ("America/Toronto", date(2026, 11, 1), "02:00"),
    ("America/St_Johns", date(2027, 3, 14), "02:00"),
    ("America/St_Johns", date(2026, 11, 1), "02:00"),
    ("Europe/London", date(2027, 3, 28), "01:00"),
    ("Europe/London", date(2026, 10, 25), "02:00"),
    ("Australia/Lord_Howe", date(2026, 10, 4), "02:00"),
    ("Australia/Lord_Howe", date(2027, 4, 4), "02:00"),
]

each_change = pytest.mark.parametrize(("zone", "day", "clock"), CLOCK_CHANGES)


def calendar_of(event, *, now=NOW):
    return ical.event_calendar(Programme.load(event, PUBLIC), now=now)


def lines_of(content):
    return content.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def block_of(lines, name):
    """The lines of the first component of a name, without those of components inside it."""
    depth, own = 0, []
    for line in lines[lines.index(f"BEGIN:{name}") :]:
        depth -= line.startswith("END:")
        if depth == 1 and not line.startswith(("BEGIN:", "END:")):
            own.append(line)
        depth += line.startswith("BEGIN:")
        if not depth:
            break
    return own


def properties_of(lines, name="VEVENT"):
    return dict(line.split(":", 1) for line in block_of(lines, name))


def entry_of(content, performance):
    """The properties of a set's entry; None when the calendar does not have it."""
    text = content.decode().replace("\r\n ", "")
    entries = text.split("BEGIN:VEVENT\r\n")[1:]
    own = [entry.split("END:VEVENT")[0] for entry in entries if f"UID:{performance.uid}\r\n" in entry]
    return dict(line.split(":", 1) for line in own[0].splitlines()) if own else None


def in_utc(start, end):
    """Both as UTC: of a doubled time Python says that it equals no instant of another zone."""
    return start.astimezone(UTC), end and end.astimezone(UTC)


def read_with_icalendar(content):
    entries = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return {
        str(entry["UID"]): in_utc(entry.decoded("DTSTART"), entry.decoded("DTEND") if "DTEND" in entry else None)
        for entry in entries
    }


def read_with_ical(content):
    entries = IcsCalendarStream.calendar_from_ics(content.decode()).events
    return {entry.uid: in_utc(entry.dtstart, entry.dtend) for entry in entries}


def read_with_vobject(content):
    entries = getattr(vobject.readOne(content.decode()), "vevent_list", [])
    return {
        entry.uid.value: in_utc(entry.dtstart.value, entry.dtend.value if hasattr(entry, "dtend") else None)
        for entry in entries
    }


def read_by_zone_block_only(content):
    """As a reader without a table of zones does: the offsets come from VTIMEZONE, onsets read with TZOFFSETFROM."""
    calendar = icalendar.Calendar.from_ical(content)
    (block,) = calendar.walk("VTIMEZONE")
    onsets = sorted(
        (part["DTSTART"].dt - part["TZOFFSETFROM"].td, part["TZOFFSETTO"].td) for part in block.subcomponents
    )

    def offset_at(instant):
        return [offset for onset, offset in onsets if onset <= instant][-1]

    def instant_of(value):
        if value.params.get("TZID") is None:
            assert str(value.dt.tzinfo) == "UTC"
            return value.dt.astimezone(UTC)
        assert value.params["TZID"] == str(block["TZID"])
        wall_time = value.dt.replace(tzinfo=None)
        candidates = sorted({wall_time - offset for _, offset in onsets})
        return next(each for each in candidates if each + offset_at(each) == wall_time).replace(tzinfo=UTC)

    return {
        str(entry["UID"]): (instant_of(entry["DTSTART"]), instant_of(entry["DTEND"]) if "DTEND" in entry else None)
        for entry in calendar.walk("VEVENT")
    }


READERS = [read_with_icalendar, read_with_ical, read_with_vobject, read_by_zone_block_only]


def read_with_all(content):
    return {read.__name__: read(content) for read in READERS}


def the_same_for_all(entries):
    return {read.__name__: entries for read in READERS}


# What is in it


def test_calendar_of_an_event_says_what_it_is():
    event = make_public_event()

    lines = lines_of(calendar_of(event))

    assert properties_of(lines, "VCALENDAR") == {
        "PRODID": "-//SetTimes//Set times//EN",
        "VERSION": "2.0",
        "METHOD": "PUBLISH",
        "X-WR-CALNAME": "Harbour Street Crawl 3",
        "X-WR-TIMEZONE": "America/Toronto",
        "REFRESH-INTERVAL;VALUE=DURATION": "PT1H",
        "X-PUBLISHED-TTL": "PT1H",
    }


def test_entry_has_every_property():
    event = make_public_event()
    make_venue("Blue Anchor", address="5 Quay St, Waterloo", latitude=43.46, longitude=-80.52)
    performance = make_set(event, notes="Acoustic.")

    entry = entry_of(calendar_of(event), performance)

    assert entry == {
        "UID": str(performance.uid),
        "DTSTAMP": "20261001T120000Z",
        "LAST-MODIFIED": "20261001T120000Z",
        "SEQUENCE": "0",
        "DTSTART;TZID=America/Toronto": "20261010T200000",
        "DTEND;TZID=America/Toronto": "20261010T203000",
        "SUMMARY": "The Harpoonist",
        "STATUS": "CONFIRMED",
        "LOCATION": r"Blue Anchor\, 5 Quay St\, Waterloo",
        "GEO": "43.46;-80.52",
        "DESCRIPTION": "Acoustic.",
        "URL": f"http://testserver/events/harbour-street-crawl-3/#set-{performance.pk}",
    }


def test_entry_of_a_slot_of_which_little_is_known_invents_nothing():
    event = make_public_event()
    performance = make_set(event, None, "20:00", None, venue=None)

    entry = entry_of(calendar_of(event), performance)

    assert entry == {
        "UID": str(performance.uid),
        "DTSTAMP": "20261001T120000Z",
        "LAST-MODIFIED": "20261001T120000Z",
        "SEQUENCE": "0",
        "DTSTART;TZID=America/Toronto": "20261010T200000",
        "SUMMARY": "TBA",
        "STATUS": "CONFIRMED",
        "URL": f"http://testserver/events/harbour-street-crawl-3/#set-{performance.pk}",
    }


def test_zone_block_gives_each_onset_as_clocks_show_it_before_the_change():
    event = make_public_event()

    lines = lines_of(calendar_of(event))

    onsets = [
        ("STANDARD", "20241231T190000", "EST", "-0500", "-0500"),
        ("DAYLIGHT", "20250309T020000", "EDT", "-0500", "-0400"),
        ("STANDARD", "20251102T020000", "EST", "-0400", "-0500"),
        ("DAYLIGHT", "20260308T020000", "EDT", "-0500", "-0400"),
        ("STANDARD", "20261101T020000", "EST", "-0400", "-0500"),
        ("DAYLIGHT", "20270314T020000", "EDT", "-0500", "-0400"),
        ("STANDARD", "20271107T020000", "EST", "-0400", "-0500"),
    ]
    block = lines[lines.index("BEGIN:VTIMEZONE") : lines.index("END:VTIMEZONE")]
    assert block == [
        "BEGIN:VTIMEZONE",
        "TZID:America/Toronto",
        *(
            line
            for kind, onset, name, before, after in onsets
            for line in [
                f"BEGIN:{kind}",
                f"DTSTART:{onset}",
                f"TZNAME:{name}",
                f"TZOFFSETFROM:{before}",
                f"TZOFFSETTO:{after}",
                f"END:{kind}",
            ]
        ),
    ]


@pytest.mark.parametrize(("zone", "offset"), [("America/Regina", "-0600"), ("Asia/Kolkata", "+0530")])
def test_zone_block_of_a_zone_whose_clocks_do_not_change_has_one_offset(zone, offset):
    event = make_public_event(timezone=zone)
    performance = make_set(event)

    content = calendar_of(event)

    lines = lines_of(content)
    assert [line for line in lines if line.startswith("TZOFFSET")] == [f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}"]
    assert f"DTSTART;TZID={zone}" in entry_of(content, performance)


@pytest.mark.parametrize("zone", ["UTC", "America/Toronto", "Asia/Kathmandu", "Pacific/Kiritimati"])
def test_parsers_read_the_instants_of_the_running_order(zone):
    event = make_public_event(timezone=zone, end_date=SATURDAY + timedelta(days=1))
    sets = [
        make_set(event, "The Harpoonist", "20:00", "20:30"),
        make_set(event, "Moth Choir", "23:45", "24:30"),
        make_set(event, "Dog Bus", "24:10", None),
        make_set(event, "Ripcordz", "29:00", "30:30"),
        make_set(event, "Björk 東京", "19:00", "19:30", night=SATURDAY + timedelta(days=1)),
        make_set(event, "Late Fee", "21:00", "21:30"),
        make_set(event, "No Time", None, None),
    ]
    lineup.cancel_set(sets[5], **ACTION)

    read_back = read_with_all(calendar_of(event))

    assert read_back == the_same_for_all(
        {str(each.uid): (each.starts_at, each.ends_at) for each in sets if each.starts_at}
    )


@each_change
def test_parsers_read_every_instant_around_a_change_of_the_clocks(zone, day, clock):
    event = make_public_event(date=day - timedelta(days=1), timezone=zone)
    make_set(event)
    programme = Programme.load(event, PUBLIC)
    change = datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    starts = [change + timedelta(minutes=15 * step) for step in range(-20, 21)]
    rows = [
        replace(programme.rows[0], uid=uuid4(), starts_at=start, ends_at=start + timedelta(minutes=75))
        for start in starts
    ]

    content = ical.event_calendar(Programme(event, tuple(rows), ()), now=NOW)

    assert read_with_all(content) == the_same_for_all({str(row.uid): (row.starts_at, row.ends_at) for row in rows})


@pytest.mark.parametrize(
    "zone", [*sorted({zone for zone, _, _ in CLOCK_CHANGES}), "Europe/Dublin", "Africa/Casablanca"]
)
def test_zone_block_changes_at_the_instants_at_which_the_zone_does(zone):
    event = make_public_event(timezone=zone)
    here, first, end = ZoneInfo(zone), datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    steps = [first + timedelta(minutes=30) * step for step in range((end - first) // timedelta(minutes=30))]
    offsets = {first: first.astimezone(here).utcoffset()}
    for before, step in pairwise(steps):
        if before.astimezone(here).utcoffset() != step.astimezone(here).utcoffset():
            offsets[step] = step.astimezone(here).utcoffset()

    (block,) = icalendar.Calendar.from_ical(calendar_of(event)).walk("VTIMEZONE")

    onsets = [
        ((part["DTSTART"].dt - part["TZOFFSETFROM"].td).replace(tzinfo=UTC), part["TZOFFSETTO"].td)
        for part in block.subcomponents
    ]
    assert onsets == list(offsets.items())


TORONTO_DOUBLES_0130 = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 01:30 EDT; an hour later it is 01:30 EST


@pytest.mark.parametrize(
    ("minutes_later", "length", "start", "end"),
    [
        (0, 15, ("DTSTART", "20261101T053000Z"), ("DTEND", "20261101T054500Z")),
        (60, 15, ("DTSTART", "20261101T063000Z"), ("DTEND", "20261101T064500Z")),
        (0, 60, ("DTSTART", "20261101T053000Z"), ("DTEND", "20261101T063000Z")),
        (-60, 30, ("DTSTART", "20261101T043000Z"), ("DTEND", "20261101T050000Z")),
        (60, 30, ("DTSTART", "20261101T063000Z"), ("DTEND", "20261101T070000Z")),
        (
            -60,
            29,
            ("DTSTART;TZID=America/Toronto", "20261101T003000"),
            ("DTEND;TZID=America/Toronto", "20261101T005900"),
        ),
        (
            90,
            30,
            ("DTSTART;TZID=America/Toronto", "20261101T020000"),
            ("DTEND;TZID=America/Toronto", "20261101T023000"),
        ),
    ],
)
def test_doubled_time_is_said_in_utc(minutes_later, length, start, end):
    event = make_public_event(date=date(2026, 10, 31))
    performance = make_set(event)
    starts_at = TORONTO_DOUBLES_0130 + timedelta(minutes=minutes_later)
    lineup.retime_set(performance, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=length), **ACTION)

    entry = entry_of(calendar_of(event), performance)

    times = [(key, value) for key, value in entry.items() if key.startswith(("DTSTART", "DTEND"))]
    assert sorted(times) == sorted([start, end])


def test_set_that_plays_past_midnight_ends_on_the_next_date():
    event = make_public_event()
    performance = make_set(event, "Moth Choir", "23:30", "24:15")

    entry = entry_of(calendar_of(event), performance)

    assert entry["DTSTART;TZID=America/Toronto"] == "20261010T233000"
    assert entry["DTEND;TZID=America/Toronto"] == "20261011T001500"


def test_sets_without_a_start_are_counted_and_left_out():
    event = make_public_event()
    timed = make_set(event)
    untimed = make_set(event, "Moth Choir", None, None)

    content = calendar_of(event)

    assert (entry_of(content, timed) is None, entry_of(content, untimed)) == (False, None)
    assert (
        properties_of(lines_of(content), "VCALENDAR")["X-WR-CALDESC"]
        == r"Sets without a time\, and so not in this calendar: 1 of 2."
    )


def test_times_that_are_not_public_are_not_in_the_calendar():
    event = make_public_event(times_public=False)
    performance = make_set(event, start="20:07", end="20:51")

    content = calendar_of(event)

    assert entry_of(content, performance) is None
    assert b"2007" not in content
    assert b"2051" not in content
    assert (
        properties_of(lines_of(content), "VCALENDAR")["X-WR-CALDESC"]
        == r"Sets without a time\, and so not in this calendar: 1 of 1."
    )


def test_calendar_of_an_event_without_sets_is_valid_and_empty():
    event = make_public_event()

    content = calendar_of(event)

    assert read_with_all(content) == the_same_for_all({})
    assert lines_of(content)[0] == "BEGIN:VCALENDAR"
    assert lines_of(content)[-1] == "END:VCALENDAR"
    assert lines_of(content).count("BEGIN:VTIMEZONE") == 1


@pytest.mark.parametrize(
    ("act", "status", "words"),
    [
        (lambda performance: None, "CONFIRMED", None),
        (lambda performance: lineup.cancel_set(performance, **ACTION), "CANCELLED", "Cancelled."),
        (lambda performance: lineup.postpone_set(performance, **ACTION), "TENTATIVE", "Postponed."),
    ],
)
def test_status_of_an_entry_says_whether_the_set_takes_place(act, status, words):
    event = make_public_event()
    performance = make_set(event)

    act(performance)

    entry = entry_of(calendar_of(event), performance)
    assert (entry["STATUS"], entry.get("DESCRIPTION")) == (status, words)


def test_replaced_set_and_its_replacement_name_each_other():
    event = make_public_event()
    performance = make_set(event)
    replacement = lineup.replace_set(performance, band=make_band("Moth Choir"), **ACTION)

    content = calendar_of(event)

    replaced_entry, entry = entry_of(content, performance), entry_of(content, replacement)
    assert (replaced_entry["STATUS"], replaced_entry["DESCRIPTION"]) == (
        "CANCELLED",
        r"Cancelled.\nMoth Choir plays instead.",
    )
    assert (entry["STATUS"], entry["DESCRIPTION"]) == ("CONFIRMED", "Replaces The Harpoonist.")


def test_set_that_came_back_does_not_say_that_another_one_plays_instead():
    event = make_public_event()
    performance = make_set(event)
    replacement = lineup.replace_set(performance, band=make_band("Moth Choir"), **ACTION)
    lineup.cancel_set(replacement, **ACTION)
    lineup.restore_set(performance, **ACTION)

    content = calendar_of(event)

    assert "DESCRIPTION" not in entry_of(content, performance)
    assert entry_of(content, replacement)["DESCRIPTION"] == "Cancelled."


def test_unannounced_replacement_is_not_named():
    event = make_public_event(reveal_mode=True)
    performance = make_set(event, is_announced=True)
    replacement = lineup.replace_set(performance, band=make_band("Moth Choir"), **ACTION)
    lineup.hide_set(replacement, **ACTION)

    content = calendar_of(event)

    assert entry_of(content, performance)["DESCRIPTION"] == "Cancelled."
    assert b"Moth" not in content


# How it is written


def test_line_ends_are_crlf_only():
    event = make_public_event("Harbour\nStreet", description="Two\r\nlines")
    make_set(event, notes="One\nTwo\r\nThree\rFour")

    content = calendar_of(event)

    assert content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\r\n\r\n" not in content


@pytest.mark.parametrize("sign", ["a", "é", "東", "🎸"])
def test_lines_have_at_most_75_octets_and_cut_no_character(sign):
    event = make_public_event(sign * 190)
    make_set(event)
    row = Programme.load(event, PUBLIC).rows[0]
    names = [sign * length for length in range(55, 80)]
    rows = tuple(replace(row, uid=uuid4(), billing=name) for name in names)

    content = ical.event_calendar(Programme(event, rows, ()), now=NOW)

    physical = content.split(b"\r\n")
    assert max(len(line) for line in physical) <= 75
    assert [line.decode() for line in physical]  # each line alone is whole UTF-8
    entries = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert sorted(str(entry["SUMMARY"]) for entry in entries) == names


@pytest.mark.parametrize(
    ("typed", "written", "read_back"),
    [
        (r"back\slash", r"back\\slash", r"back\slash"),
        ("a;b,c", r"a\;b\,c", "a;b,c"),
        (r"\n is no line break", r"\\n is no line break", r"\n is no line break"),
        ("one\ntwo", r"one\ntwo", "one\ntwo"),
        ("one\r\ntwo\rthree", r"one\ntwo\nthree", "one\ntwo\nthree"),
        ("one\u2028two\x85three\x0bfour", r"one\ntwo\nthree\nfour", "one\ntwo\nthree\nfour"),
        ("bell\x07 and \x1b[31mred and \x7f", "bell and [31mred and ", "bell and [31mred and "),
        ('"quoted": colon', '"quoted": colon', '"quoted": colon'),
        ("BEGIN:VEVENT\r\nUID:1", r"BEGIN:VEVENT\nUID:1", "BEGIN:VEVENT\nUID:1"),
    ],
)
def test_text_is_escaped_once(typed, written, read_back):
    event = make_public_event()
    make_venue("Blue Anchor", address=typed)
    performance = make_set(event, None, billing=typed, notes=typed)

    content = calendar_of(event)

    entry = entry_of(content, performance)
    assert entry["SUMMARY"] == written
    assert entry["DESCRIPTION"] == written
    assert entry["LOCATION"] == rf"Blue Anchor\, {written}"
    (parsed,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert str(parsed["SUMMARY"]) == read_back
    assert IcsCalendarStream.calendar_from_ics(content.decode()).events[0].summary == read_back
    assert vobject.readOne(content.decode()).vevent.summary.value == read_back


def test_name_of_the_event_is_escaped_once():
    event = make_public_event("Rock; Roll, \\ more\x07")

    assert properties_of(lines_of(calendar_of(event)), "VCALENDAR")["X-WR-CALNAME"] == r"Rock\; Roll\, \\ more"


# What stays and what moves when something changes


def test_calendar_is_the_same_bytes_while_nothing_changed():
    event = make_public_event()
    performance = make_set(event)
    make_set(event, "Moth Choir", None, None)
    before = calendar_of(event)

    lineup.change_set(performance, crew_notes="Two vocals, one DI.", **ACTION)

    assert Performance.objects.get(pk=performance.pk).crew_notes == "Two vocals, one DI."
    assert calendar_of(event, now=LATER + timedelta(days=1)) == before


def _retime(performance):
    lineup.retime_set(performance, starts_at=wall(performance.event, "21:00"), ends_at=None, **ACTION)


def _move(performance):
    lineup.move_set(performance, venue=make_venue("Moth Club"), **ACTION)


def _cancel(performance):
    lineup.cancel_set(performance, **ACTION)


def _postpone(performance):
    lineup.postpone_set(performance, **ACTION)


def _restore(performance):
    lineup.cancel_set(performance, by=None, now=NOW)
    lineup.restore_set(performance, **ACTION)


def _withdraw_and_restore(performance):
    lineup.withdraw_set(performance, by=None, now=NOW)
    lineup.restore_set(performance, **ACTION)


def _replace(performance):
    lineup.replace_set(performance, band=make_band("Moth Choir"), **ACTION)


def _rebill(performance):
    lineup.change_set(performance, billing="The Harpoonist (acoustic)", **ACTION)


@pytest.mark.parametrize(
    ("act", "sequence"),
    [
        (_retime, "1"),
        (_move, "1"),
        (_cancel, "1"),
        (_postpone, "1"),
        (_restore, "2"),
        (_withdraw_and_restore, "2"),
        (_replace, "1"),
        (_rebill, "0"),
    ],
)
def test_public_change_raises_sequence_and_keeps_the_uid(act, sequence):
    event = make_public_event()
    performance = make_set(event)
    before = entry_of(calendar_of(event), performance)

    act(performance)

    entry = entry_of(calendar_of(event), performance)
    assert (before["UID"], before["SEQUENCE"], before["LAST-MODIFIED"]) == (
        str(performance.uid),
        "0",
        "20261001T120000Z",
    )
    assert (entry["UID"], entry["SEQUENCE"], entry["LAST-MODIFIED"], entry["DTSTAMP"]) == (
        str(performance.uid),
        sequence,
        "20261001T130000Z",
        "20261001T130000Z",
    )


@pytest.mark.parametrize("act", [_retime, _move, _cancel, _postpone, _restore])
def test_change_of_a_draft_raises_no_sequence(act):
    event = make_event()
    performance = make_set(event)

    act(performance)
    publish_event(event, by=None, now=LATER)

    assert entry_of(calendar_of(event), performance)["SEQUENCE"] == "0"


def test_replacement_is_an_entry_of_its_own():
    event = make_public_event()
    performance = make_set(event)

    replacement = lineup.replace_set(performance, band=make_band("Moth Choir"), **ACTION)

    entry = entry_of(calendar_of(event), replacement)
    assert replacement.uid != performance.uid
    assert (entry["UID"], entry["SEQUENCE"], entry["SUMMARY"]) == (str(replacement.uid), "0", "Moth Choir")


def test_uid_survives_another_date_and_another_name_and_address_of_the_event():
    event = make_public_event()
    performance = make_set(event)

    update_event(event, date=SATURDAY + timedelta(days=7), name="Harbour Street Crawl", slug="harbour", **ACTION)

    entry = entry_of(calendar_of(event), performance)
    assert (entry["UID"], entry["SEQUENCE"], entry["DTSTART;TZID=America/Toronto"]) == (
        str(performance.uid),
        "1",
        "20261017T200000",
    )


# What is not in it


def test_withdrawn_and_unannounced_sets_and_their_names_are_not_in_the_calendar():
    event = make_public_event(reveal_mode=True)
    shown = make_set(event, "Shown", is_announced=True)
    make_set(event, "Canary One", notes="canary two", venue="Canary Three")
    make_set(event, "Canary Four", None, None)
    lineup.withdraw_set(make_set(event, "Canary Five", is_announced=True), **ACTION)

    content = calendar_of(event)

    assert list(read_with_icalendar(content)) == [str(shown.uid)]
    assert b"anary" not in content
    assert "X-WR-CALDESC" not in properties_of(lines_of(content), "VCALENDAR")


@pytest.mark.parametrize(
    ("now", "is_kept"),
    [
        ("2026-10-11 20:00-04:00", True),
        ("2026-11-09 20:00-05:00", True),  # the thirtieth night after it
        ("2026-11-10 05:59-05:00", True),
        ("2026-11-10 06:00-05:00", False),
        ("2027-10-10 20:00-04:00", False),
    ],
)
def test_cancelled_set_stays_for_thirty_days_after_its_night(now, is_kept):
    event = make_public_event()
    played = make_set(event)
    cancelled = make_set(event, "Moth Choir", "24:30", "25:00")
    lineup.cancel_set(cancelled, **ACTION)

    content = calendar_of(event, now=datetime.fromisoformat(now))

    assert entry_of(content, played) is not None
    assert (entry_of(content, cancelled) is not None) == is_kept


def test_cancelled_set_stays_by_the_events_own_zone_and_rollover():
    event = make_public_event(timezone="Pacific/Kiritimati", rollover="04:00")
    cancelled = make_set(event)
    lineup.cancel_set(cancelled, **ACTION)

    last, gone = (wall(event, f"{hour}:{minute}") + timedelta(days=30) for hour, minute in [(27, 59), (28, "00")])

    assert entry_of(calendar_of(event, now=last), cancelled) is not None
    assert entry_of(calendar_of(event, now=gone), cancelled) is None


# Over HTTP


@pytest.fixture
def _frozen(time_machine):
    time_machine.move_to(NOW, tick=False)


def schedule_url(event):
    return reverse("schedule:event_calendar", args=[event.slug])


def set_url(event, performance):
    return reverse("schedule:set_calendar", args=[event.slug, performance.uid])


@pytest.mark.usefixtures("_frozen")
def test_event_calendar_is_served_with_its_headers(client):
    event = make_public_event()
    make_set(event)

    response = client.get("/events/harbour-street-crawl-3/schedule.ics")

    assert response.status_code == 200
    assert response.content == calendar_of(event)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'inline; filename="harbour-street-crawl-3.ics"'
    assert response["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("address", [schedule_url, lambda event: set_url(event, event.performances.get())])
def test_calendar_is_not_sent_again_while_nothing_changed(client, time_machine, address):
    event = make_public_event()
    performance = make_set(event)
    time_machine.move_to(NOW, tick=False)
    first = client.get(address(event))
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    lineup.change_set(performance, crew_notes="Two vocals.", **ACTION)

    second = client.get(address(event), headers={"If-None-Match": first["ETag"]})
    _retime(performance)
    third = client.get(address(event), headers={"If-None-Match": first["ETag"]})

    assert (second.status_code, second.content, second["ETag"]) == (304, b"", first["ETag"])
    assert second["Cache-Control"] == "public, max-age=60"
    assert third.status_code == 200
    assert third["ETag"] != first["ETag"]


@pytest.mark.parametrize("item_count", [1, 3])
@pytest.mark.usefixtures("_frozen")
def test_event_calendar_takes_three_queries(client, django_assert_num_queries, item_count):
    event = make_public_event()
    for number in range(item_count):
        make_set(event, f"Band {number}", venue=f"Venue {number}")

    with django_assert_num_queries(3):  # the event; its sets with venue and band; its doors
        content = client.get(schedule_url(event)).content

    assert content.count(b"BEGIN:VEVENT") == item_count


@pytest.mark.usefixtures("_frozen")
def test_set_calendar_has_that_set_only(client):
    event = make_public_event()
    performance, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30")
    make_set(event, "No Time", None, None)

    response = client.get(set_url(event, performance))

    assert read_by_zone_block_only(response.content) == {
        str(performance.uid): (performance.starts_at, performance.ends_at)
    }
    assert entry_of(response.content, performance) == entry_of(calendar_of(event), performance)
    assert properties_of(lines_of(response.content), "VCALENDAR") == {
        **properties_of(lines_of(client.get(set_url(event, other)).content), "VCALENDAR"),
        "X-WR-CALNAME": r"The Harpoonist\, Harbour Street Crawl 3",
    }
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == f'inline; filename="harbour-street-crawl-3-{performance.pk}.ics"'


def test_set_calendar_of_a_set_without_a_time_is_refused():
    event = make_public_event()
    make_set(event, start=None, end=None)
    programme = Programme.load(event, PUBLIC)

    with pytest.raises(ValueError, match="has no calendar"):
        ical.set_calendar(programme, programme.rows[0])


def _is_of_a_draft(event, performance):
    unpublish_event(event, by=None, now=NOW)


def _is_unannounced(event, performance):
    update_event(event, reveal_mode=True, by=None, now=NOW)
    lineup.hide_set(performance, by=None, now=NOW)


def _is_withdrawn(event, performance):
    lineup.withdraw_set(performance, by=None, now=NOW)


def _has_no_time(event, performance):
    lineup.retime_set(performance, starts_at=None, ends_at=None, by=None, now=NOW)


def _has_no_public_time(event, performance):
    update_event(event, times_public=False, by=None, now=NOW)


@pytest.mark.parametrize("hide", [_is_of_a_draft, _is_unannounced, _is_withdrawn, _has_no_time, _has_no_public_time])
def test_set_calendar_of_a_hidden_set_is_not_found(client, admin_client, hide):
    event = make_public_event()
    performance = make_set(event)
    address = set_url(event, performance)
    assert client.get(address).status_code == 200

    hide(event, performance)

    unknown = client.get(set_url(event, Performance(uid=uuid4())))
    assert (client.get(address).status_code, admin_client.get(address).status_code) == (404, 404)
    assert client.get(address).content == unknown.content


def test_set_calendar_of_a_set_of_another_event_is_not_found(client):
    event, other = make_public_event(), make_public_event("Another Crawl")
    performance = make_set(event)

    assert client.get(set_url(other, performance)).status_code == 404
    assert client.get(set_url(event, performance)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/events/unknown/schedule.ics", "/events/unknown/sets/5bbabe32-52b3-4ba7-813c-ba082537914f.ics"]
)
def test_calendar_of_an_unknown_event_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_calendar_of_a_draft_is_not_found(client):
    event = make_event()
    make_set(event)

    assert client.get(schedule_url(event)).status_code == 404


@pytest.mark.usefixtures("_frozen")
def test_calendar_of_an_archived_event_stays(client):
    event = make_public_event()
    performance = make_set(event)
    archive_event(event, by=None, now=NOW)

    response = client.get(schedule_url(event))

    assert entry_of(response.content, performance)["STATUS"] == "CONFIRMED"


def test_subscribed_address_leads_to_the_calendar_after_the_event_was_renamed(client):
    event = make_public_event()
    performance = make_set(event)
    old = [schedule_url(event), set_url(event, performance)]
    update_event(event, slug="harbour", **ACTION)
    update_event(event, slug="harbour-street", **ACTION)

    responses = [client.get(address) for address in [*old, "/events/harbour/schedule.ics"]]

    event = Event.objects.get()
    assert [(response.status_code, response["Location"]) for response in responses] == [
        (301, schedule_url(event)),
        (301, set_url(event, performance)),
        (301, schedule_url(event)),
    ]
    assert [client.get(response["Location"]).status_code for response in responses] == [200, 200, 200]


def test_band_renamed_is_renamed_in_the_calendar():
    event = make_public_event()
    performance = make_set(event)

    update_band(performance.band, name="The Harpoonists", **MADE)

    assert entry_of(calendar_of(event), performance)["SUMMARY"] == "The Harpoonists"
