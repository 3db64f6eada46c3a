"""Dates, times and links in words."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from schedule.templatetags import set_times

TORONTO = ZoneInfo("America/Toronto")


@pytest.mark.parametrize(
    ("hour", "minute", "text", "digits", "half"),
    [
        (0, 0, "12:00 AM", "12:00", "AM"),
        (0, 10, "12:10 AM", "12:10", "AM"),
        (1, 5, "1:05 AM", "1:05", "AM"),
        (11, 59, "11:59 AM", "11:59", "AM"),
        (12, 0, "12:00 PM", "12:00", "PM"),
        (12, 30, "12:30 PM", "12:30", "PM"),
        (13, 0, "1:00 PM", "1:00", "PM"),
        (20, 50, "8:50 PM", "8:50", "PM"),
        (23, 59, "11:59 PM", "11:59", "PM"),
    ],
)
def test_clock_has_twelve_hours(hour, minute, text, digits, half):
    local = datetime(2026, 10, 10, hour, minute, tzinfo=TORONTO)

    assert (set_times.clock(local), set_times.clock_digits(local), set_times.clock_half(local)) == (text, digits, half)


@pytest.mark.parametrize(
    ("language", "morning", "evening"),
    [
        ("en", "12:10 AM", "8:50 PM"),
        ("en-gb", "00:10", "20:50"),  # English for who wants twenty-four hours
        ("fr", "00:10", "20:50"),
        ("fr-ca", "12:10 AM", "8:50 PM"),  # French for who wants twelve
    ],
)
def test_clock_is_that_of_the_language(language, morning, evening):
    with translation.override(language):
        shown = [set_times.clock(datetime(2026, 10, 10, *time, tzinfo=TORONTO)) for time in ((0, 10), (20, 50))]

    assert shown == [morning, evening]


def test_clock_of_no_time_is_empty():
    assert (set_times.clock(None), set_times.clock_digits(None), set_times.clock_half(None)) == ("", "", "")


@pytest.mark.parametrize(
    ("day", "text", "weekday"),
    [
        (date(2026, 2, 15), "Sunday 15 February 2026", "Sunday"),
        (date(2026, 10, 3), "Saturday 3 October 2026", "Saturday"),
        (date(2028, 2, 29), "Tuesday 29 February 2028", "Tuesday"),
    ],
)
def test_day_is_said_in_words(day, text, weekday):
    assert (set_times.long_day(day), set_times.weekday(day)) == (text, weekday)


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(-3600, 0), (-1, 0), (0, 0), (1, 1), (59, 1), (60, 1), (61, 2), (1800, 30), (0.5, 1), (86400, 1440)],
)
def test_minutes_until_counts_begun_ones_and_never_below_nought(seconds, minutes):
    now = datetime(2026, 10, 10, 20, 0, tzinfo=UTC)

    assert set_times.minutes_until(now + timedelta(seconds=seconds), now) == minutes


def test_instant_is_shown_in_a_zone():
    instant = datetime(2026, 10, 11, 0, 0, tzinfo=UTC)

    assert set_times.in_zone(instant, TORONTO).isoformat() == "2026-10-10T20:00:00-04:00"


def test_lookups_by_variable():
    assert set_times.get({1: "one"}, 1) == "one"
    assert set_times.get({1: "one"}, 2) is None
    assert set_times.attr(date(2026, 10, 10), "year") == 2026


@pytest.mark.parametrize(
    ("links", "addresses"),
    [
        ({}, []),
        (
            {"website": "https://a.example", "bandcamp": "http://b.example"},
            [("Website", "https://a.example"), ("Bandcamp", "http://b.example")],
        ),
        ({"instagram": "@harpoonist"}, [("Instagram", "https://www.instagram.com/harpoonist")]),
        ({"instagram": "harpoonist_9.x"}, [("Instagram", "https://www.instagram.com/harpoonist_9.x")]),
        ({"facebook": "harpoonist"}, [("Facebook", "https://www.facebook.com/harpoonist")]),
        ({"instagram": "https://www.instagram.com/h/"}, [("Instagram", "https://www.instagram.com/h/")]),
        ({"instagram": "a/b", "facebook": "?x", "tiktok": "@handle", "website": "a.example"}, []),
        ({"website": "javascript:alert(1)", "bandcamp": "data:text/html,x", "spotify": "//a.example"}, []),
        ({"website": "", "bandcamp": None, "instagram": 5, "facebook": ["a"]}, []),
        (["https://a.example"], []),
        (None, []),
    ],
)
def test_web_links_are_those_that_lead_to_the_web(links, addresses):
    assert set_times.web_links(links) == addresses
