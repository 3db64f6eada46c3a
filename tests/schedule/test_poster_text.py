"""Reading posters: flyers in English and French, ranges of spreadsheets, scraped pages, anything at all."""

import json
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedule.lineup_files import UnreadableFileError
from schedule.poster_lines import visible_lines
from schedule.poster_rows import Around
from schedule.poster_text import MOST_LINES, read_poster
from tests.schedule.test_lineup_files import LINEUPS

TORONTO = ZoneInfo("America/Toronto")
SUNDAY = date(2026, 2, 15)
SATURDAY_AND_SUNDAY = [date(2026, 8, 8), date(2026, 8, 9)]
ROOMS = ["Room 47", "Prohibition Warehouse", "Revive Karaoke", "Princess Cafe"]
PM = "“{}” was taken as PM."
DOORS_AT_SEVEN = datetime(2026, 2, 16, 0, 0, tzinfo=UTC)


def around(nights=(SUNDAY,), **said):
    night = nights[0] if len(nights) == 1 else None
    return Around(**{"zone": TORONTO, "rollover": time(6), "nights": nights, "night": night, "venues": ROOMS, **said})


def read(text, nights=(SUNDAY,), **said):
    return read_poster(text, around(nights, **said))


def row(text, **said):
    """The only row that a text gives."""
    (only,) = read(text, **said).rows
    return only


def sets(file, *names):
    """Of the rows to be imported these fields."""
    names = names or ("night", "start", "end", "venue", "band")
    return [tuple(getattr(each, name) for name in names) for each in file.rows if not each.is_left_out]


def left_out(file):
    return [(each.band, each.doubts[-1]) for each in file.rows if each.is_left_out]


def real(name):
    return json.loads((LINEUPS / f"{name}.json").read_text(encoding="utf-8"))


# --- One line of a flyer -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "start", "end", "venue", "band"),
    [
        ("8:50PM - Witchrot", "8:50PM", "", "", "Witchrot"),
        ("8:50 p.m. Witchrot", "8:50 p.m.", "", "", "Witchrot"),
        ("20h50–21h30 Witchrot", "20h50", "21h30", "", "Witchrot"),
        ("de 20h50 à 21h30 : Witchrot", "20h50", "21h30", "", "Witchrot"),
        ("20:50 to 21:30 Witchrot", "20:50", "21:30", "", "Witchrot"),
        ("20.50 Witchrot", "20.50", "", "", "Witchrot"),
        ("9pm - late Witchrot", "9pm", "", "", "Witchrot"),
        ("Witchrot 20:50-21:30", "20:50", "21:30", "", "Witchrot"),
        ("Witchrot (8:50 pm)", "8:50 pm", "", "", "Witchrot"),
        ("Witchrot - Room 47 - 9pm", "9pm", "", "Room 47", "Witchrot"),
        ("Witchrot, Room 47, 9pm", "9pm", "", "Room 47", "Witchrot"),
        ("9pm Witchrot @ Room 47", "9pm", "", "Room 47", "Witchrot"),
        ("9pm Witchrot @ The New Hall", "9pm", "", "The New Hall", "Witchrot"),
        ("9pm Witchrot @room47", "9pm", "", "Room 47", "Witchrot"),
        ("9pm Witchrot at ROOM 47", "9pm", "", "Room 47", "Witchrot"),
        ("9pm Witchrot (Room 47)", "9pm", "", "Room 47", "Witchrot"),
        ("Room 47: Witchrot 9pm", "9pm", "", "Room 47", "Witchrot"),
        ("Room 47 – Witchrot – 9pm", "9pm", "", "Room 47", "Witchrot"),
        ("12:10am $wamp A$$", "12:10am", "", "", "$wamp A$$"),
        ("• 9pm Witchrot", "9pm", "", "", "Witchrot"),
        ("- 9pm Witchrot", "9pm", "", "", "Witchrot"),
        ("3. 9pm Witchrot", "9pm", "", "", "Witchrot"),
        ("3) Witchrot 9pm", "9pm", "", "", "Witchrot"),
        ("🕗 9pm Witchrot", "9pm", "", "", "Witchrot"),
        ("midnight – Witchrot", "midnight", "", "", "Witchrot"),
        ("Witchrot – minuit", "minuit", "", "", "Witchrot"),
        ("8-9:30pm Witchrot", "8:00 PM", "9:30pm", "", "Witchrot"),
        ("11-12:30am Witchrot", "11:00 PM", "12:30am", "", "Witchrot"),
        ("9pm-9:40 Witchrot", "9pm", "9:40 PM", "", "Witchrot"),
        ("11:30pm-12:10 Witchrot", "11:30pm", "24:10", "", "Witchrot"),
        ("Sunday Feb 15, 9pm Witchrot", "9pm", "", "", "Witchrot"),
        ("9pm Kman & the 45s, Jr.", "9pm", "", "", "Kman & the 45s, Jr."),
        ("9pm +/-", "9pm", "", "", "+/-"),
        ("9pm -(16)-", "9pm", "", "", "-(16)-"),
        ("9pm !!!", "9pm", "", "", "!!!"),
        ("9pm 54-40", "9pm", "", "", "54-40"),
        ("9pm <PIG>", "9pm", "", "", "<PIG>"),
        ("9pm <3 Band", "9pm", "", "", "<3 Band"),
        ("Midnight Oil 9pm", "9pm", "", "", "Midnight Oil"),
        ("Sunday Best 9pm", "9pm", "", "", "Sunday Best"),
        ("Blink 182 9pm", "9pm", "", "", "Blink 182"),
        ("U2 - 9pm", "9pm", "", "", "U2"),
        ("9pm AC/DC", "9pm", "", "", "AC/DC"),
        ("Witchrot, 20:50, 21:30, Room 47, doom, metal", "20:50", "21:30", "Room 47", "Witchrot"),
        ("Kate, Anna & Co, 20:50, 21:30, New Hall", "20:50", "21:30", "New Hall", "Kate, Anna & Co"),
    ],
)
def test_line_gives_times_venue_and_the_whole_name(text, start, end, venue, band):
    found = row(text)

    assert (found.start, found.end, found.venue, found.band, found.is_left_out, found.doubts) == (
        *(start, end, venue, band),
        False,
        (),
    )


@pytest.mark.parametrize(
    ("text", "band", "doubt"),
    [
        ("9pm @thebandhung", "thebandhung", "“@thebandhung” looks like a handle. Write the band's name."),
        ("9pm Witchrot @witchrot666", "Witchrot", "The handle @witchrot666 was left away."),
        ("9pm A b2b B", "A b2b B", "This may be 2 acts: A, B. Nothing was split."),
        ("9pm A / B / C", "A / B / C", "This may be 3 acts: A, B, C. Nothing was split."),
        ("9pm Witchrot - Live", "Witchrot - Live", "“Live” may be a venue, or part of the name."),
        ("Witchrot - The New Hall - 9pm", "Witchrot", "“The New Hall” was taken for the venue."),
        ("9 - Witchrot", "9 - Witchrot", "The number at the beginning may be a time, or part of the name."),
        ("9pm " + "x" * 201, "x" * 201, "This is too long for a name."),
    ],
)
def test_line_that_can_be_read_otherwise_is_doubtful(text, band, doubt):
    found = row(text)

    assert (found.band, doubt in found.doubts, found.is_left_out) == (band, True, False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Doors 7pm", "says when the doors open"),
        ("Portes à 19h", "says when the doors open"),
        ("$20 at the door", "looks like information about the event, not like an act"),
        ("www.crawl.example", "looks like information about the event, not like an act"),
        ("other ticket outlets", "looks like information about the event, not like an act"),
        ("Set times", "looks like information about the event, not like an act"),
        ("Ska", "is the name of a genre"),
        ("dronefolk", "is the name of a genre"),
        ("Come early and bring friends.", "reads like a sentence"),
        ("-----", "only a line across"),
        ("8:50 PM", "a time without a name"),
        ("Day 3", "names a night that the event does not have"),
        ("Vol. 12 on May 18 in town", "names a date, so it was not taken for an act"),
        ("x" * 501, "is too long for a set"),
    ],
)
def test_line_that_is_no_act_is_left_out_with_the_reason(text, reason):
    found = row(text, genres=["Dronefolk"])

    assert (found.is_left_out, found.doubts) == (True, (reason,))


@pytest.mark.parametrize(
    "name", ["The Doors", "Doors of Perception", "Golden Tickets", "Come Early.", "Ska Punks", "Bilan"]
)
def test_names_that_look_like_information_are_acts(name):
    found = row(name)

    assert (found.band, found.is_left_out, found.doubts) == (name, False, ())


def test_rows_keep_the_number_and_text_of_their_line():
    assert [each.label for each in read("\n\n8pm Witchrot\n\n  9pm Space Pope ").rows] == [
        "line 3: 8pm Witchrot",
        "line 5: 9pm Space Pope",
    ]


# --- Morning or evening ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "read_as"),
    [("1:00", "1:00 PM"), ("8:50", "8:50 PM"), ("11:59", "11:59 PM"), ("12:00", "12:00 PM"), ("12:59", "12:59 PM")],
)
def test_bare_time_is_taken_as_pm_and_said(start, read_as):
    found = row(f"{start} Witchrot")

    assert (found.start, found.doubts) == (read_as, (PM.format(start),))


@pytest.mark.parametrize("start", ["20:50", "08:50", "13:00", "0:30", "24:10", "8h50", "8:50am"])
def test_time_that_can_mean_one_only_stays_as_typed(start):
    found = row(f"{start} Witchrot")

    assert (found.start, found.doubts) == (start, ())


@pytest.mark.parametrize(
    ("start", "read_as", "doubts"),
    [
        ("7:00", "7:00 PM", ()),
        ("8:50", "8:50 PM", ()),
        ("12:10", "24:10", ()),
        ("3:59", "27:59", ()),
        ("4:00", "4:00 PM", ("“4:00” was taken as 4:00 PM, before the doors open.",)),
        ("6:59", "6:59 PM", ("“6:59” was taken as 6:59 PM, before the doors open.",)),
    ],
)
def test_bare_time_is_read_from_the_doors_on_where_they_are_known(start, read_as, doubts):
    found = row(f"{start} Witchrot", doors={SUNDAY: DOORS_AT_SEVEN})

    assert (found.start, found.doubts) == (read_as, doubts)


def test_bare_time_after_a_later_one_at_the_same_venue_is_after_midnight():
    file = read("Room 47\n11:00 A\n12:10 B\n1:00 C\nPrincess Cafe\n8:00 D\n12:10 E")

    assert sets(file, "venue", "band", "start") == [
        ("Room 47", "A", "11:00 PM"),
        ("Room 47", "B", "24:10"),
        ("Room 47", "C", "25:00"),
        ("Princess Cafe", "D", "8:00 PM"),
        ("Princess Cafe", "E", "24:10"),
    ]
    assert file.rows[1].doubts == ("“12:10” was taken as after midnight.",)


def test_flyer_with_the_headliner_on_top_stays_in_the_evening():
    assert sets(read("11:00 A\n10:00 B\n9:00 C"), "start") == [("11:00 PM",), ("10:00 PM",), ("9:00 PM",)]


def test_order_is_followed_after_a_time_with_pm():
    assert sets(read("11pm A\n12:10 B"), "start") == [("11pm",), ("24:10",)]


# --- Headings ----------------------------------------------------------------------------------

ENGLISH = """LONG WEEKEND BAND CRAWL

SATURDAY AUG 8
Doors 6pm
ROOM 47
7:35pm Space Pope
8:50pm Witchrot

@ The New Hall
• 9pm - Kelly Spears

Sunday, August 9th, 2026
Room 47:
1. 20:15-20:45 Birdhand
"""

FRENCH = """Samedi 8 août
Le Ritz
20h Gros Mené
minuit – DJ Champion

Dimanche le 9 août
Salle : Le Ritz
21h30–22h10 Les Breastfeeders
"""


def test_english_flyer_is_read_by_night_and_venue():
    file = read(ENGLISH, SATURDAY_AND_SUNDAY, event_name="Long Weekend Band Crawl Vol. 20")

    assert sets(file) == [
        ("2026-08-08", "7:35pm", "", "Room 47", "Space Pope"),
        ("2026-08-08", "8:50pm", "", "Room 47", "Witchrot"),
        ("2026-08-08", "9pm", "", "The New Hall", "Kelly Spears"),
        ("2026-08-09", "20:15", "20:45", "Room 47", "Birdhand"),
    ]
    assert left_out(file) == [("Doors 6pm", "says when the doors open")]
    assert [(each.label, each.meaning) for each in file.other_lines] == [
        ("line 1: LONG WEEKEND BAND CRAWL", "the name of the event"),
        ("line 3: SATURDAY AUG 8", "heading: the night of Sat 8 Aug 2026"),
        ("line 5: ROOM 47", "heading: venue Room 47"),
        ("line 9: @ The New Hall", "heading: venue The New Hall"),
        ("line 12: Sunday, August 9th, 2026", "heading: the night of Sun 9 Aug 2026"),
        ("line 13: Room 47:", "heading: venue Room 47"),
    ]


def test_french_flyer_is_read_by_night_and_venue():
    assert sets(read(FRENCH, SATURDAY_AND_SUNDAY)) == [
        ("2026-08-08", "20h", "", "Le Ritz", "Gros Mené"),
        ("2026-08-08", "minuit", "", "Le Ritz", "DJ Champion"),
        ("2026-08-09", "21h30", "22h10", "Le Ritz", "Les Breastfeeders"),
    ]


@pytest.mark.parametrize(
    ("heading", "night"),
    [
        ("SATURDAY AUG 8", "2026-08-08"),
        ("Saturday, August 8", "2026-08-08"),
        ("Sat. Aug. 8th", "2026-08-08"),
        ("8 August 2026", "2026-08-08"),
        ("Samedi 8 août", "2026-08-08"),
        ("SAMEDI LE 8 AOÛT", "2026-08-08"),
        ("2026-08-08", "2026-08-08"),
        ("Day 1", "2026-08-08"),
        ("Night Two", "2026-08-09"),
        ("Jour 2", "2026-08-09"),
        ("SUNDAY", "2026-08-09"),
        ("dimanche :", "2026-08-09"),
        ("August 8 - Doors 7pm", "2026-08-08"),
        ("Sunday August 8", "2026-08-08"),  # its weekday is wrong, which is said
        ("August 15", "2026-08-15"),  # not of the event: the row is refused, not put on another night
        ("31 December 2025", "2025-12-31"),
    ],
)
def test_heading_names_the_night_of_the_lines_below(heading, night):
    assert sets(read(f"{heading}\n9pm Witchrot", SATURDAY_AND_SUNDAY), "night", "band") == [(night, "Witchrot")]


def test_heading_with_another_weekday_says_so():
    (heading,) = read("Sunday August 8\n9pm Witchrot", SATURDAY_AND_SUNDAY).other_lines

    assert heading.meaning == "heading: the night of Sat 8 Aug 2026 (its weekday is another one)"


@pytest.mark.parametrize(
    "text", ["Sunday Best", "May Fires", "Second March", "Day One Records", "Beaky Sunday", "31 June"]
)
def test_names_that_look_like_dates_are_acts(text):
    assert sets(read(text), "band") == [(text,)]


def test_heading_names_night_and_venue_at_once():
    file = read("Sunday Aug 9 @ Room 47\n9pm A\nSaturday Aug 8 – Somewhere New\n9pm B", SATURDAY_AND_SUNDAY)

    assert sets(file, "night", "venue", "band") == [("2026-08-09", "Room 47", "A"), ("2026-08-08", "Room 47", "B")]
    assert left_out(file) == [
        ("Saturday Aug 8 – Somewhere New", "names a date: the rows below were read as of Sat 8 Aug 2026"),
    ]


@pytest.mark.parametrize(
    ("heading", "left_out_for"),
    [
        ("HARBOUR STREET CRAWL – SATURDAY NOV 21", []),
        ("Harbour Street Crawl 4, Nov 21", []),
        ("Saturday, November 21: HARBOUR STREET CRAWL", []),
        ("Another Crawl – Saturday Nov 21", ["names a date: the rows below were read as of Sat 21 Nov 2026"]),
        ("Nov 21, Another Crawl", ["names a date: the rows below were read as of Sat 21 Nov 2026"]),
    ],
)
def test_heading_of_a_day_that_is_no_night_makes_the_rows_below_doubtful(heading, left_out_for):
    file = read(f"{heading}\n9pm A\n10pm B", [date(2026, 10, 10)], event_name="Harbour Street Crawl 3")

    doubt = "The poster says Saturday 21 November; the event is on Saturday 10 October."
    assert [(each.night, each.band, each.doubts) for each in file.rows if not each.is_left_out] == [
        ("2026-11-21", "A", (doubt,)),
        ("2026-11-21", "B", (doubt,)),
    ]
    assert [reason for _text, reason in left_out(file)] == left_out_for


def test_heading_of_a_night_of_the_event_makes_nothing_doubtful():
    file = read("Harbour Street Crawl – Feb 15\n9pm A", event_name="Harbour Street Crawl")

    assert [(each.night, each.doubts) for each in file.rows] == [("2026-02-15", ())]


def test_day_without_a_year_is_of_the_year_in_which_its_weekday_fits():
    assert sets(read("SATURDAY NOV 21\n9pm A"), "night") == [("2026-11-21",)]
    assert sets(read("NOV 21\n9pm A"), "night") == [("2025-11-21",)]  # is nearer to the event


def test_day_of_another_year_is_said_with_its_year():
    (found,) = read("February 15, 2025\n9pm A", SATURDAY_AND_SUNDAY).rows

    assert found.doubts == (
        "The poster says Saturday 15 February 2025; the event is on Saturday 8 August 2026 and Sunday 9 August 2026.",
    )


def test_date_within_a_sentence_is_no_heading():
    file = read("Vol. 12 on May 18 in town\n9pm A\n10pm B")

    assert sets(file, "night") == [("2026-02-15",), ("2026-02-15",)]


def test_line_without_a_time_among_lines_with_one_is_left_out():
    file = read("Room 47\n8pm Witchrot\nheavy psych from far away\n\n9pm Space Pope")

    assert sets(file, "band") == [("Witchrot",), ("Space Pope",)]
    assert left_out(file) == [("heavy psych from far away", "has no time, while other lines do")]


@pytest.mark.parametrize(
    "text",
    ["8:50 PM\nWitchrot\n9:30 PM\nSpace Pope", "Witchrot\n8:50 PM\nSpace Pope\n9:30 PM"],
    ids=["time above", "time below"],
)
def test_times_on_lines_of_their_own_belong_to_the_names_beside(text):
    assert sets(read(text), "start", "band") == [("8:50 PM", "Witchrot"), ("9:30 PM", "Space Pope")]


# --- Tables ------------------------------------------------------------------------------------


def test_pasted_table_with_our_header_is_read_as_the_file_it_is():
    file = read("night,venue,band,start,end\n2026-02-15,Room 47,Witchrot,8:50,9:30")

    assert [(each.label, each.start, each.is_typed) for each in file.rows] == [("row 2 (set 1)", "8:50", False)]


def test_pasted_event_file_is_read_as_the_file_it_is():
    file = read('{"performances": [{"band": "Witchrot", "start_time": "20:50"}]}')

    assert [(each.label, each.band) for each in file.rows] == [("set 1", "Witchrot")]


@pytest.mark.parametrize(
    "text",
    [
        "Witchrot\tRoom 47\t20:50\t21:30\nSpace Pope\tRoom 47\t19:35\t20:10\nOther\tNew Hall\t22:00\t22:30",
        "20:50\t21:30\tRoom 47\tWitchrot\n19:35\t20:10\tRoom 47\tSpace Pope\n22:00\t22:30\tNew Hall\tOther",
        "Artist\tWhere\tFrom\tTo\nWitchrot\tRoom 47\t20:50\t21:30\nSpace Pope\tRoom 47\t19:35\t20:10\n"
        "Other\tNew Hall\t22:00\t22:30",
        "Salle\tHeure\tArtiste\nRoom 47\t20:50–21:30\tWitchrot\nRoom 47\t19:35–20:10\tSpace Pope\n"
        "New Hall\t22:00–22:30\tOther",
        "Sun Feb 15\tRoom 47\t20:50\t21:30\tWitchrot\n2026-02-15\tRoom 47\t19:35\t20:10\tSpace Pope\n"
        "15 February\tNew Hall\t22:00\t22:30\tOther",
    ],
    ids=["bands first", "times first", "header", "French header", "with dates"],
)
def test_pasted_range_of_a_spreadsheet_is_read_by_its_columns(text):
    assert sets(read(text)) == [
        ("2026-02-15", "20:50", "21:30", "Room 47", "Witchrot"),
        ("2026-02-15", "19:35", "20:10", "Room 47", "Space Pope"),
        ("2026-02-15", "22:00", "22:30", "New Hall", "Other"),
    ]


def test_pasted_range_says_what_it_could_not_read():
    file = read("Band\tStage\tStart\nWitchrot\tRoom 47\tlate\nSpace Pope\tRoom 47\t8:50\n\t\t9:30")

    assert [(each.band, each.start, each.doubts, each.is_left_out) for each in file.rows] == [
        ("Witchrot", "", ("“late” is no time and was left away.",), False),
        ("Space Pope", "8:50 PM", (PM.format("8:50"),), False),
        ("", "9:30", ("has no name",), True),
    ]


# --- The real thing ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "night", "nowhere", "in_two_lines"),
    [
        # Who stands in no line but the title; and a name that the source itself broke into two lines.
        ("lwbc-vol-12-2025-05-18", date(2025, 5, 18), "CATL", {"Joseph Gallo Jr": ["Joseph", "Gallo Jr"]}),
        ("lwbc-vol-13-2025-08-03", date(2025, 8, 3), "Brutal Youth", {}),
    ],
)
def test_scraped_rows_give_every_act_once_and_nothing_else(name, night, nowhere, in_two_lines):
    content = real(name)

    file = read("\n".join(content["source_rows"]), [night])

    acts = [each["band"] for each in content["performances"] if each["band"] != nowhere]
    expected = [line for act in acts for line in in_two_lines.get(act, [act])]
    assert sorted(each.band for each in file.rows if not each.is_left_out) == sorted(expected)
    marked = [each.band for each in file.rows if each.is_left_out]
    marked += [each.label.partition(": ")[2] for each in file.other_lines if each.meaning.startswith("heading")]
    no_acts = [" ".join(each.split()) for each in content["rows_that_are_not_acts"]]
    assert [each for each in no_acts if each not in marked] == []


def test_doubled_rows_are_folded_and_said():
    file = read('<a href="/x" title="KROKA">KROKA</a>\nSkatharines\nKroka')

    assert (sets(file, "band"), [(each.label, each.meaning) for each in file.other_lines]) == (
        [("Kroka",), ("Skatharines",)],
        [("line 3: Kroka", "the same set as line 1")],
    )


def test_one_band_at_two_times_plays_twice():
    assert sets(read("8pm Witchrot\n10pm Witchrot"), "start", "band") == [("8pm", "Witchrot"), ("10pm", "Witchrot")]


def test_open_slots_are_never_folded():
    assert sets(read("TBA\nTBA"), "band") == [("TBA",), ("TBA",)]


def vol_15():
    return [
        (each["start_time"], each["end_time"], each["venue"], each["band"])
        for each in real("lwbc-vol-15-2026-02-15")["performances"]
    ]


def twelve_hours(clock):
    hour, minute = clock.split(":")
    return f"{int(hour) % 12 or 12}:{minute}"


def minutes_of(text):
    """Minutes into the night of a time such as 8:50 PM or 24:10."""
    clock, _, half = text.partition(" ")
    hour, minute = (int(part) for part in clock.split(":"))
    return (hour % 12 + 12 * (half == "PM") if half else hour) * 60 + minute


def in_night(clock):
    hour, minute = (int(part) for part in clock.split(":"))
    return (hour + 24 * (hour < 12)) * 60 + minute


def expected_minutes():
    return sorted((venue, band, in_night(start), in_night(end)) for start, end, venue, band in vol_15())


def minutes_read(file):
    return sorted(
        (each.venue, each.band, minutes_of(each.start), minutes_of(each.end))
        for each in file.rows
        if not each.is_left_out
    )


def test_running_order_as_a_flyer_by_venue_is_read_to_the_minute():
    lines = ["LONG WEEKEND BAND CRAWL - VOL. 15", "Sunday, February 15", ""]
    for room in ROOMS:
        here = sorted((in_night(start), start, end, band) for start, end, venue, band in vol_15() if venue == room)
        lines += [room.upper(), *(f"{twelve_hours(s)}-{twelve_hours(e)} {band}" for _, s, e, band in here), ""]

    file = read("\n".join(lines), event_name="Long Weekend Band Crawl - Vol. 15")

    assert minutes_read(file) == expected_minutes()


def test_running_order_as_a_flyer_by_time_is_read_to_the_minute():
    ordered = sorted(vol_15(), key=lambda each: in_night(each[0]))
    lines = [f"{twelve_hours(s)} – {twelve_hours(e)}  {band} ({venue})" for s, e, venue, band in ordered]

    file = read("\n".join(lines), doors={SUNDAY: datetime(2026, 2, 15, 23, 30, tzinfo=UTC)})

    assert minutes_read(file) == expected_minutes()
    assert [each.doubts for each in file.rows] == [()] * 14


# --- Anything at all ---------------------------------------------------------------------------

PIECES = [
    *("8:50", " - ", "Witchrot", "@", "Room 47", ":", "\n", "\n\n", "\t", "9pm", "<p>", "</p>", "&amp;", "May 18"),
    *("Sunday", "Day 1", "20h30", "(", ")", ",", "12:10", "AM", "-", "doors ", "+/-", "é", "<br>", "$", "31 June"),
    *("24:10", "99:99", "midnight", "venue,band,start,end", "{", "35:00", "11-1am", "\u2028", "2:30"),
]
TEXTS = st.text(max_size=60) | st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join)


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.booleans())
def test_any_text_is_read_and_no_line_is_lost(text, has_doors):
    # 2026-03-08 has an hour that clocks jump over.
    night = date(2026, 3, 7)
    doors = {night: datetime(2026, 3, 7, 23, 0, tzinfo=UTC)} if has_doors else {}

    file = read(text, [night], doors=doors, event_name="Harbour Street Crawl")

    assert all(each.doubts for each in file.rows if each.is_left_out)
    if not any(each.label.startswith(("row ", "set ")) for each in file.rows) and "venue,band" not in text:
        lines = [each.label for each in visible_lines(text.removeprefix("\ufeff"))]
        assert sorted([each.label for each in (*file.rows, *file.other_lines)]) == sorted(lines)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_the_same_text_is_always_read_the_same_way(text):
    assert read(text) == read(text)


def test_lines_in_any_order_give_the_same_bands():
    lines = [f"{start} {band}" for start, _, _, band in vol_15()]
    shuffled = sorted(lines, key=lambda line: line[::-1])

    assert sorted(sets(read("\n".join(shuffled)), "band")) == sorted((band,) for _, _, _, band in vol_15())


def test_text_of_too_many_lines_is_refused():
    assert len(read("x\n" * MOST_LINES).rows) == 1

    with pytest.raises(UnreadableFileError) as refusal:
        read("x\n" * (MOST_LINES + 1))

    assert str(refusal.value) == "The text has 2001 lines; a running order has not. Paste only the running order."
