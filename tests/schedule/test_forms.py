"""The admin's forms: times as people type them, and every refusal where somebody can act on it.

How the text of a time is read is tested in test_typed_times.py; here, what a form makes of it.
"""

from datetime import date, datetime, timedelta

import pytest
from django.forms import inlineformset_factory

from schedule import events, lineup
from schedule.forms import DoorsForm, DoorsFormSet, EventForm, PerformanceForm, VenueForm
from schedule.models import Change, Doors, Event, Performance
from tests.factories import MADE, SATURDAY, make_band, make_event, make_public_event, make_set, make_venue, wall

pytestmark = pytest.mark.django_db

SUNDAY = SATURDAY + timedelta(days=1)
CLOCKS_GO_BACK = date(2026, 10, 31)  # in the night of this Saturday


def at(text):
    return datetime.fromisoformat(text)


def fill(form_class, instance=None, **changes):
    """The form with what stands in it, and what somebody changed; None and False leave a field out."""
    fields = list(form_class(instance=instance))
    standing = {field.html_name: field.value() for field in fields}
    standing |= {field.html_initial_name: field.value() for field in fields if field.field.show_hidden_initial}
    data = {name: value for name, value in {**standing, **changes}.items() if value is not None and value is not False}
    return form_class(data, instance=instance)


def errors_of(form):
    return {name: list(errors) for name, errors in form.errors.items()}


def add_set(event, **typed):
    return fill(PerformanceForm, event=event.pk, night=event.date, **typed)


def change_set(performance, **typed):
    return fill(PerformanceForm, Performance.objects.select_related("event").get(pk=performance.pk), **typed)


def times_of(performance):
    """Night, start and end as clocks in the event's zone show them."""
    performance = Performance.objects.select_related("event").get(pk=performance.pk)
    zone = performance.event.zone
    shown = [
        instant and f"{instant.astimezone(zone):%a %H:%M %Z}"
        for instant in (performance.starts_at, performance.ends_at)
    ]
    return (f"{performance.night:%a}", *shown)


def applied(form):
    assert form.is_valid(), form.errors
    return form.apply(**MADE)


# --- Times that are typed ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "ends", "shown"),
    [
        ("20:00", "20:30", ("Sat 20:00 EDT", "Sat 20:30 EDT")),
        ("8:30 PM", "9:10 PM", ("Sat 20:30 EDT", "Sat 21:10 EDT")),
        ("8pm", "8:30", ("Sat 20:00 EDT", "Sat 20:30 EDT")),
        ("20h30", "21h", ("Sat 20:30 EDT", "Sat 21:00 EDT")),
        (" noon ", "12:30", ("Sat 12:00 EDT", "Sat 12:30 EDT")),
        ("23:30", "00:15", ("Sat 23:30 EDT", "Sun 00:15 EDT")),
        ("11:30 PM", "midnight", ("Sat 23:30 EDT", "Sun 00:00 EDT")),
        ("24:25", "25:00", ("Sun 00:25 EDT", "Sun 01:00 EDT")),
        ("00:25", "1", ("Sun 00:25 EDT", "Sun 01:00 EDT")),
        ("05:59", "", ("Sun 05:59 EDT", None)),
        ("06:00", "", ("Sat 06:00 EDT", None)),
        ("30:30", "31:00", ("Sun 06:30 EDT", "Sun 07:00 EDT")),
        ("20:00 EDT", "", ("Sat 20:00 EDT", None)),
        ("", "", (None, None)),
    ],
)
def test_set_is_added_at_the_times_that_were_typed(starts, ends, shown):
    form = add_set(make_event(), band=make_band().pk, starts=starts, ends=ends)

    assert times_of(applied(form)) == ("Sat", *shown)


@pytest.mark.parametrize(
    ("starts", "shown"),
    [
        ("01:30", "Sun 01:30 EDT"),
        ("1:30 am EDT", "Sun 01:30 EDT"),
        ("01:30 EST", "Sun 01:30 EST"),
        ("25:30 est", "Sun 01:30 EST"),
    ],
)
def test_set_in_the_doubled_hour_is_the_one_that_was_typed(starts, shown):
    form = add_set(make_event(date=CLOCKS_GO_BACK), band=make_band().pk, starts=starts)

    assert times_of(applied(form)) == ("Sat", shown, None)


@pytest.mark.parametrize(
    ("doors", "starts", "shown"),
    [
        ({None: "18:30"}, "8", "Sat 20:00 EDT"),
        ({None: "18:30"}, "12:15", "Sun 00:15 EDT"),
        ({None: "11:00"}, "12:15", "Sat 12:15 EDT"),
        ({None: "18:30"}, "6:30", "Sat 18:30 EDT"),
        ({None: "18:30"}, "6:29", "Sun 06:29 EDT"),
        ({"Blue Anchor": "18:30"}, "8", "Sat 20:00 EDT"),
        ({None: "06:30", "Blue Anchor": "18:30"}, "8", "Sat 20:00 EDT"),
        ({None: "06:30", "Net Loft": "18:30"}, "8", "Sat 08:00 EDT"),
    ],
)
def test_set_is_read_from_the_doors_on_when_am_or_pm_is_open(doors, starts, shown):
    event = make_event()
    for venue, opens in doors.items():
        events.set_doors(event, SATURDAY, wall(event, opens), venue=venue and make_venue(venue), **MADE)

    form = add_set(event, band=make_band().pk, venue=make_venue("Blue Anchor").pk, starts=starts)

    assert times_of(applied(form)) == ("Sat", shown, None)


@pytest.mark.parametrize("doors_night", [None, SUNDAY])
def test_set_is_asked_for_am_or_pm_when_the_doors_of_its_night_are_not_known(doors_night):
    event = make_event(end_date=SUNDAY)
    if doors_night:
        events.set_doors(event, doors_night, wall(event, "18:30", night=doors_night), **MADE)

    assert errors_of(add_set(event, band=make_band().pk, starts="8")) == {
        "starts": ["“8” can mean morning or evening. Write 8:00am, 8:00pm or a 24-hour time such as 20:00."]
    }


@pytest.mark.parametrize(
    ("starts", "ends", "errors"),
    [
        (
            "23:30",
            "13:45",
            {
                "ends": [
                    "23:30 to 13:45 would be a set of 14 h 15 min. Probably AM and PM are mixed up: 01:45 instead of "
                    "13:45? Correct it, or accept long sets."
                ]
            },
        ),
        ("18:00", "00:01", {"ends": ["18:00 to 00:01 would be a set of 6 h 01 min. Correct it, or accept long sets."]}),
        ("20:00", "20:00", {"ends": ["Start and end are both 20:00. Correct one, or leave the end empty."]}),
        ("", "20:30", {"ends": ["There is an end but no start."]}),
        ("24:30", "24:10", {"ends": ["The end 24:10 is before the start."]}),
        (
            "late",
            "20:30",
            {"starts": ["“late” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight."]},
        ),
        (
            "20:00",
            "20:60",
            {"ends": ["“20:60” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight."]},
        ),
        (
            "20:00 EST",
            "",
            {
                "starts": [
                    "“EST” is not what clocks in America/Toronto show at 2026-10-10 20:00. Write EDT, or leave it out."
                ]
            },
        ),
    ],
)
def test_times_that_cannot_be_right_are_refused_at_their_field_and_stay_in_it(starts, ends, errors):
    form = add_set(make_event(), band=make_band().pk, starts=starts, ends=ends, notes="Acoustic.")

    assert errors_of(form) == errors
    assert (form["starts"].value(), form["ends"].value(), form["notes"].value()) == (starts, ends, "Acoustic.")
    assert Performance.objects.count() == 0


def test_time_that_the_clocks_skip_is_refused_with_the_one_that_is_meant():
    form = add_set(make_event(date=date(2027, 3, 13)), band=make_band().pk, starts="02:30")

    assert errors_of(form) == {
        "starts": [
            "02:30 does not exist on 2027-03-14 in America/Toronto: the clocks jump over it. Probably 03:30 is meant."
        ]
    }


@pytest.mark.parametrize(
    ("ends", "accept_long", "is_accepted"), [("00:00", False, True), ("00:01", False, False), ("01:00", True, True)]
)
def test_set_over_six_hours_needs_the_tick(ends, accept_long, is_accepted):
    form = add_set(make_event(), band=make_band().pk, starts="18:00", ends=ends, accept_long=accept_long)

    assert form.is_valid() is is_accepted


def test_tick_for_long_sets_does_not_let_an_equal_end_pass():
    assert list(add_set(make_event(), band=make_band().pk, starts="18:00", ends="18:00", accept_long=True).errors) == [
        "ends"
    ]


# --- Times that are left alone -----------------------------------------------------------------


# Sets whose times a form could lose: night, start, end, and how the form shows the times.
UNUSUAL = {
    "second 01:30": (CLOCKS_GO_BACK, "2026-11-01T01:30-05:00", "2026-11-01T02:15-05:00", "01:30 EST", "02:15"),
    "first and second": (CLOCKS_GO_BACK, "2026-11-01T01:30-04:00", "2026-11-01T01:30-05:00", "01:30 EDT", "01:30 EST"),
    "06:30 of the night before": (SATURDAY, "2026-10-11T06:30-04:00", "2026-10-11T07:15-04:00", "30:30", "31:15"),
    "05:30 before its night": (SUNDAY, "2026-10-11T05:30-04:00", "2026-10-11T05:45-04:00", "05:30", "05:45"),
    "with seconds": (SATURDAY, "2026-10-10T20:00:30-04:00", "2026-10-10T20:30:45-04:00", "20:00", "20:30"),
    "over six hours": (SATURDAY, "2026-10-10T14:00-04:00", "2026-10-11T02:00-04:00", "14:00", "02:00"),
    "open end": (SATURDAY, "2026-10-10T14:00-04:00", None, "14:00", None),
    "open": (SATURDAY, None, None, None, None),
}


def unusual_set(name):
    night, starts_at, ends_at, *_ = UNUSUAL[name]
    times = {"starts_at": starts_at and at(starts_at), "ends_at": ends_at and at(ends_at)}
    return make_set(make_event(date=night), venue=None, start=None, end=None, accept_long=True, **times)


@pytest.mark.parametrize("name", UNUSUAL)
def test_times_stay_when_something_else_is_edited(name):
    performance = unusual_set(name)

    applied(change_set(performance, notes="Acoustic.", venue=make_venue().pk))

    after = Performance.objects.get(pk=performance.pk)
    assert (after.night, after.starts_at, after.ends_at) == (
        performance.night,
        performance.starts_at,
        performance.ends_at,
    )
    assert (after.notes, str(after.venue)) == ("Acoustic.", "Blue Anchor")


@pytest.mark.parametrize("name", [name for name, (*_, ends) in UNUSUAL.items() if ends])
def test_start_stays_when_only_the_end_is_edited(name):
    performance = unusual_set(name)

    applied(change_set(performance, ends=""))

    after = Performance.objects.get(pk=performance.pk)
    assert (after.starts_at, after.ends_at) == (performance.starts_at, None)


@pytest.mark.parametrize("name", UNUSUAL)
def test_form_shows_times_as_they_would_be_typed(name):
    form = PerformanceForm(instance=unusual_set(name))

    assert (form["starts"].value(), form["ends"].value()) == UNUSUAL[name][3:]


def test_set_on_another_night_keeps_what_clocks_show():
    performance = make_set(make_event(end_date=SUNDAY), start="23:30", end="24:15")

    applied(change_set(performance, night=SUNDAY))

    assert times_of(performance) == ("Sun", "Sun 23:30 EDT", "Mon 00:15 EDT")


def test_set_far_away_on_another_night_is_moved_with_its_times():
    performance = make_set(make_event(end_date=SATURDAY + timedelta(days=7)))

    applied(change_set(performance, night=SATURDAY + timedelta(days=7)))

    assert Performance.objects.get().starts_at == at("2026-10-17T20:00-04:00")


def test_set_loses_its_times_when_they_are_emptied():
    performance = make_set(make_event())

    applied(change_set(performance, starts="", ends=""))

    assert times_of(performance) == ("Sat", None, None)


def test_set_outside_the_nights_of_its_event_is_refused_at_the_night():
    performance = make_set(make_event())

    assert errors_of(change_set(performance, night=SUNDAY, starts="", ends="")) == {
        "night": [
            "2026-10-11 is not a night of Harbour Street Crawl 3 (2026-10-10 to 2026-10-10). "
            "Change the event's dates first."
        ]
    }


# --- Sets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "title", "kind"),
    [
        ({"band": True}, "The Harpoonist", "set"),
        ({"band": True, "billing": "The Harpoonist (DJ)", "kind": "activity"}, "The Harpoonist (DJ)", "set"),
        ({}, "TBA", "placeholder"),
        ({"billing": "Special guest"}, "Special guest", "placeholder"),
        ({"billing": "Silent Disco"}, "Silent Disco", "activity"),
        ({"billing": "Pottery", "kind": "activity"}, "Pottery", "activity"),
        ({"billing": "Pottery"}, "Pottery", "placeholder"),
        ({"billing": "Pottery", "kind": "set"}, "Pottery", "placeholder"),
    ],
)
def test_kind_is_what_was_chosen_else_guessed(typed, title, kind):
    band = {"band": make_band().pk} if typed.pop("band", False) else {}

    performance = applied(add_set(make_event(), **band, **typed))

    assert (performance.title, performance.kind) == (title, kind)


def test_kind_is_left_open_in_the_form_of_a_new_set():
    yoga = make_set(make_event(), None, billing="Yoga", kind="activity")

    assert [form["kind"].value() for form in (PerformanceForm(), PerformanceForm(instance=yoga))] == ["", "activity"]


def test_set_is_added_with_its_delay_and_words():
    performance = applied(
        add_set(
            make_event(), band=make_band().pk, notes="Acoustic.", crew_notes="Two DI boxes.", expected_delay_minutes=15
        )
    )

    performance.refresh_from_db()
    assert (performance.notes, performance.crew_notes, performance.expected_delay_minutes) == (
        "Acoustic.",
        "Two DI boxes.",
        15,
    )


@pytest.mark.parametrize("missing", ["event", "night", "expected_delay_minutes"])
def test_set_without_what_it_needs_is_refused(missing):
    typed = {"event": make_event().pk, "night": SATURDAY, "band": make_band().pk, "starts": "20:00", missing: ""}

    assert errors_of(fill(PerformanceForm, **typed)) == {missing: ["This field is required."]}


def test_set_with_too_many_letters_is_refused():
    form = add_set(make_event(), billing="x" * 201, kind="nonsense", band="0")

    assert set(form.errors) == {"billing", "kind", "band"}


def test_public_set_is_not_turned_into_another_band():
    performance = make_set(make_public_event())

    assert errors_of(change_set(performance, band=make_band("Moth Choir").pk)) == {
        "__all__": ["The Harpoonist is public already. Use “replace” so that people who picked it are told."]
    }


def test_rehearsal_of_a_form_leaves_nothing_behind():
    event = make_event()
    before = (Change.objects.count(), event.revision)

    assert add_set(event, band=make_band().pk, starts="20:00").is_valid()

    event.refresh_from_db()
    assert (Performance.objects.count(), Change.objects.count(), event.revision) == (0, *before)


# --- Replacements ------------------------------------------------------------------------------


def test_replacement_takes_the_slot_with_the_times_that_were_typed():
    event = make_public_event()
    replaced = make_set(event)

    form = add_set(
        event,
        replaces=replaced.pk,
        band=make_band("Moth Choir").pk,
        starts="20:15",
        ends="20:45",
        venue=make_venue("Net Loft").pk,
        expected_delay_minutes=5,
    )
    replacement = applied(form)

    replaced.refresh_from_db()
    assert (replaced.status, replacement.replaces, replaced.replaced_by) == ("cancelled", replaced, replacement)
    replacement = Performance.objects.select_related("event").get(pk=replacement.pk)
    assert times_of(replacement) == ("Sat", "Sat 20:15 EDT", "Sat 20:45 EDT")
    assert (str(replacement), str(replacement.venue), replacement.expected_delay_minutes) == (
        "Moth Choir",
        "Net Loft",
        5,
    )


def test_replacement_of_another_events_set_is_refused():
    replaced = make_set(make_public_event("Another Crawl"))

    form = add_set(make_event(), replaces=replaced.pk, band=make_band("Moth Choir").pk)

    assert errors_of(form) == {"replaces": ["The Harpoonist plays at Another Crawl."]}


def test_replacement_of_what_is_withdrawn_is_refused():
    event = make_public_event()
    replaced = make_set(event)
    lineup.withdraw_set(replaced, **MADE)

    form = add_set(event, replaces=replaced.pk, band=make_band("Moth Choir").pk)

    assert errors_of(form) == {"__all__": ["The Harpoonist is withdrawn. Restore it first."]}


def test_replacement_of_what_is_replaced_is_refused():
    event = make_public_event()
    replaced = make_set(event)
    lineup.replace_set(replaced, band=make_band("Moth Choir"), **MADE)

    form = add_set(event, replaces=replaced.pk, band=make_band("Dog Ferry").pk)

    assert list(form.errors) == ["replaces"]
    assert Performance.objects.count() == 2


# --- Events ------------------------------------------------------------------------------------


def add_event(**typed):
    return fill(EventForm, **{"name": "Harbour Street Crawl 3", "date": SATURDAY, **typed})


def test_event_is_proposed_in_the_time_zone_of_the_settings(settings):
    settings.TIME_ZONE = "Europe/London"

    assert applied(add_event()).timezone == "Europe/London"


def test_event_gets_a_slug_from_its_name():
    assert applied(add_event()).slug == "harbour-street-crawl-3"
    assert applied(add_event(slug="hsc-three")).slug == "hsc-three"


def test_event_keeps_its_slug_when_the_field_is_emptied():
    event = make_event(slug="hsc3")

    applied(fill(EventForm, event, slug="", city="Port Invented"))

    event.refresh_from_db()
    assert (event.slug, event.city) == ("hsc3", "Port Invented")


JSON = {
    "social_links": {"instagram": "hsc", "mastodon": "@hsc@port.example"},
    "theme_colors": {"accent": "#f00", "background": "black", "ink": "#000000"},
    "venue_info": [
        {"name": "Loft", "address": "1 Quay | rear", "note": "cash\nonly", "googleMaps": "x"},
        {"name": "Pier"},
    ],
}
TYPED = {
    "link_instagram": "hsc",
    "color_accent": "#ff0000",
    "color_background": "#111013",
    "color_background_as_site": True,
    "venue_lines": "Loft | 1 Quay / rear | cash only\nPier",
}


def json_of(event):
    event.refresh_from_db()
    return {name: getattr(event, name) for name in JSON}


def test_event_shows_what_it_keeps_as_json_in_fields_of_their_own():
    form = EventForm(instance=make_event(**JSON))

    assert {name: form[name].value() for name in TYPED} == TYPED
    assert (form["color_accent_as_site"].value(), form["link_website"].value()) == (False, "")


def test_event_keeps_its_json_as_it_is_while_something_else_is_edited():
    event = make_event(**JSON)

    applied(fill(EventForm, event, city="Port Invented"))

    assert json_of(event) == JSON


def test_event_colour_that_the_form_cannot_show_stays_while_another_is_chosen():
    event = make_event(**JSON)

    applied(fill(EventForm, event, color_accent="#00ff00"))

    assert json_of(event) == {**JSON, "theme_colors": {**JSON["theme_colors"], "accent": "#00ff00"}}


def test_event_links_colours_and_places_are_typed_and_others_kept():
    event = make_event(**JSON)
    lines = "Pier | 2 Quay\nLoft | 1 Quay | cash only\n\nCafé"

    applied(
        fill(
            EventForm,
            event,
            link_website="hsc.example",
            link_instagram="",
            color_accent_as_site="on",
            color_background="#222222",
            color_background_as_site=None,
            venue_lines=lines,
        )
    )

    assert json_of(event) == {
        "social_links": {"website": "https://hsc.example", "mastodon": "@hsc@port.example"},
        "theme_colors": {"background": "#222222", "ink": "#000000"},
        "venue_info": [
            {"name": "Pier", "address": "2 Quay"},
            {"name": "Loft", "address": "1 Quay", "note": "cash only", "googleMaps": "x"},
            {"name": "Café"},
        ],
    }


def test_event_links_and_colours_may_be_emptied():
    event = make_event(
        social_links={"instagram": "hsc"}, theme_colors={"accent": "#000000"}, venue_info=[{"name": "Loft"}]
    )

    applied(fill(EventForm, event, link_instagram="", color_accent_as_site="on", venue_lines=""))

    assert json_of(event) == {"social_links": {}, "theme_colors": {}, "venue_info": []}


def test_event_offers_the_zones_by_region():
    choices = dict(EventForm().fields["timezone"].widget.choices)

    assert ("America/St_Johns", "America/St Johns") in choices["America"]


def test_event_with_the_address_that_was_proposed_gets_the_next_free_one():
    make_event("Harbour Street Crawl", slug="harbour-street-crawl")

    proposed = applied(add_event(name="Harbour Street Crawl", slug="harbour-street-crawl"))

    assert proposed.slug == "harbour-street-crawl-2"


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"name": ""}, {"name": ["This field is required."]}),
        ({"name": "AB"}, {"name": ["Ensure this value has at least 3 characters (it has 2)."]}),
        ({"date": "soon"}, {"date": ["Enter a valid date."]}),
        ({"end_date": date(2026, 10, 9)}, {"__all__": ["The last night cannot be before the first one."]}),
        (
            {"timezone": "Toronto"},
            {"timezone": ["“Toronto” is not a time zone. Write an IANA name such as America/Toronto."]},
        ),
        ({"timezone": ""}, {"timezone": ["This field is required."]}),
        ({"rollover": "six"}, {"rollover": ["Enter a valid time."]}),
        ({"slug": "Vol 18"}, {"slug": ["Use lower-case letters, digits and single hyphens, for example vol-18."]}),
        ({"slug": "taken"}, {"slug": ["Event with this Slug already exists."]}),
        (
            {"slug": "former"},
            {"slug": ["“former” was the address of another event and is not given again. Choose another one."]},
        ),
        (
            {"link_tiktok": "javascript:alert(1)"},
            {
                "link_tiktok": [
                    "“javascript:alert(1)” is no address. Write one that begins with https://, or the handle alone."
                ]
            },
        ),
        ({"link_website": "no address"}, {"link_website": ["Enter a valid URL."]}),
        ({"color_accent": "red"}, {"color_accent": ["Enter a valid value."]}),
        (
            {"venue_lines": "Pier\n | 2 Quay"},
            {"venue_lines": ["Line 2 names no place. Write it as “name | address | note”."]},
        ),
        ({"default_set_minutes": 0}, {"default_set_minutes": ["Ensure this value is greater than or equal to 1."]}),
        ({"ticket_url": "javascript:alert(1)"}, {"ticket_url": ["Enter a valid URL."]}),
    ],
)
@pytest.mark.parametrize("is_new", [True, False])
def test_event_that_cannot_be_saved_says_why_in_the_form(typed, errors, is_new):
    make_event("Taken Crawl", slug="taken")
    events.update_event(make_event("Renamed Crawl", slug="former"), slug="renamed", **MADE)
    event = None if is_new else make_event()
    before = list(Event.objects.values())

    form = add_event(**typed) if is_new else fill(EventForm, event, **typed)

    assert errors_of(form) == errors
    assert list(Event.objects.values()) == before


def test_event_dates_that_would_leave_sets_outside_are_refused():
    event = make_event(end_date=SUNDAY)
    make_set(event, night=SUNDAY)

    assert errors_of(fill(EventForm, event, end_date="")) == {
        "end_date": [
            "There are sets on 2026-10-11, outside 2026-10-10 to 2026-10-10. Move them first, or keep the dates."
        ]
    }


def test_event_address_without_a_scheme_is_taken_for_https():
    assert applied(add_event(ticket_url="tickets.example/hsc3")).ticket_url == "https://tickets.example/hsc3"


# --- Venues ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        (
            {"name": "blue ANCHOR"},
            {"__all__": ["A venue of this name exists already. Use it, or make this one a room of it."]},
        ),
        (
            {"latitude": "43.4"},
            {"__all__": ["Give both latitude (-90 to 90) and longitude (-180 to 180), or neither."]},
        ),
        ({"phone": "call me"}, {"phone": ["Write 7 to 20 digits, blanks, brackets, dots or hyphens."]}),
        (
            {"slug": "former"},
            {"slug": ["“former” was the address of another venue and is not given again. Choose another one."]},
        ),
    ],
)
def test_venue_that_cannot_be_saved_says_why_in_the_form(typed, errors):
    make_venue("Blue Anchor")
    events.update_venue(make_venue("Renamed", slug="former"), slug="renamed", **MADE)

    assert errors_of(fill(VenueForm, **{"name": "Net Loft", **typed})) == errors
    assert errors_of(fill(VenueForm, make_venue("Chandlery"), **typed)) == errors


def test_room_is_added_to_its_house():
    house = make_venue("Customs House")

    room = applied(fill(VenueForm, name="Cellar", parent=house.pk))

    assert (str(room), room.slug, room.parent) == ("Customs House (Cellar)", "customs-house-cellar", house)


def test_room_of_a_room_is_refused():
    room = make_venue("Cellar", parent=make_venue("Customs House"))

    assert errors_of(fill(VenueForm, name="Cupboard", parent=room.pk)) == {
        "parent": ["A room cannot have rooms of its own."]
    }


# --- Doors -------------------------------------------------------------------------------------

Rows = inlineformset_factory(Event, Doors, form=DoorsForm, formset=DoorsFormSet, extra=0)


def fill_doors(event, *rows, **sent):
    """Rows of doors as (night, opens) or (night, opens, venue), those that are there first."""
    standing = list(event.doors.all()) if event.pk else []
    data = {"doors-TOTAL_FORMS": max(len(rows), len(standing)), "doors-INITIAL_FORMS": len(standing)}
    for number, doors in enumerate(standing):
        data |= {f"doors-{number}-id": doors.pk, f"doors-{number}-event": event.pk}
        opens = doors.opens_at.astimezone(Event.objects.get(pk=event.pk).zone)
        data |= {f"initial-doors-{number}-night": doors.night, f"initial-doors-{number}-opens": f"{opens:%H:%M}"}
    for number, (night, opens, *venue) in enumerate(rows):
        data |= {f"doors-{number}-night": night, f"doors-{number}-opens": opens}
        data |= {f"doors-{number}-venue": each.pk for each in venue if each}
    return Rows(data | sent, instance=event)


def row_errors(formset):
    formset.is_valid()
    return [errors_of(form) for form in formset.forms]


@pytest.mark.parametrize(
    ("zone", "opens", "instant"),
    [
        ("America/Toronto", "18:30", "2026-10-10T18:30-04:00"),
        ("America/St_Johns", "6:30 PM", "2026-10-10T18:30-02:30"),
        ("Europe/London", "24:30", "2026-10-11T00:30+01:00"),
    ],
)
def test_doors_open_in_the_zone_of_their_event(zone, opens, instant):
    formset = fill_doors(make_event(timezone=zone), (SATURDAY, opens))

    assert formset.is_valid()
    assert formset.forms[0].instance.opens_at == at(instant)


@pytest.mark.parametrize(
    ("row", "errors"),
    [
        ((SATURDAY, ""), {"opens": ["Say when the doors open, when the curfew is, or both."]}),
        (
            (SATURDAY, "soon"),
            {"opens": ["“soon” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight."]},
        ),
        (
            (SATURDAY, "7"),
            {"opens": ["“7” can mean morning or evening. Write 7:00am, 7:00pm or a 24-hour time such as 20:00."]},
        ),
        ((date(2026, 10, 17), "18:30"), {"night": ["2026-10-17 is not a night of Harbour Street Crawl 3."]}),
        (("", "18:30"), {"night": ["This field is required."]}),
    ],
)
@pytest.mark.parametrize("event_is_new", [True, False])
def test_doors_that_cannot_be_right_are_refused_in_their_row(row, errors, event_is_new):
    event = make_event()
    if event_is_new:
        event = Event(name="Harbour Street Crawl 3", date=SATURDAY, timezone="America/Toronto")

    assert row_errors(fill_doors(event, row)) == [errors]


def test_doors_of_one_night_are_refused_twice():
    event = make_event(end_date=SUNDAY)
    loft = make_venue("Net Loft")
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)
    refusal = {"night": ["The doors of this night are set already; only venues may have other ones."]}

    assert row_errors(fill_doors(event, (SATURDAY, "18:30"), (SATURDAY, "19:00"))) == [{}, refusal]
    assert row_errors(fill_doors(event, (SATURDAY, "18:30"), (SUNDAY, "19:00"), (SUNDAY, "20:00"))) == [{}, {}, refusal]
    assert row_errors(fill_doors(event, (SATURDAY, "18:30"), (SATURDAY, "19:00", loft), (SUNDAY, "19:00"))) == [
        {},
        {},
        {},
    ]


def test_doors_moved_far_with_a_slip_are_refused_in_their_row():
    event = make_event(end_date=date(2026, 10, 17))
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)

    assert row_errors(fill_doors(event, (date(2026, 10, 17), "soon"))) == [
        {"opens": ["“soon” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight."]}
    ]


def test_doors_that_are_left_alone_do_not_stand_in_the_way_of_a_new_date():
    event = make_event()
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)
    event.date, event.timezone = date(2026, 10, 17), "America/Vancouver"  # as the event's form has just read them

    assert row_errors(fill_doors(event, (SATURDAY, "18:30"))) == [{}]
