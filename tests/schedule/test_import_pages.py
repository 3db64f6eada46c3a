"""Pasting and uploading a line-up in the admin, looking it over, and downloading it."""

import io
import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from bands.library import add_alias, add_band, find_genre
from bands.models import BandProfile
from schedule import lineup
from schedule.admin import importing
from schedule.events import set_doors, update_event
from schedule.models import Change, Performance, Venue
from schedule.spreadsheets import write_workbook
from tests.admin_pages import form_in, messages_of, sign_in
from tests.factories import (
    MADE,
    NOW,
    SATURDAY,
    make_admin,
    make_band,
    make_event,
    make_public_event,
    make_set,
    make_user,
    make_venue,
    wall,
)
from tests.schedule.test_importing import table_contents

pytestmark = pytest.mark.django_db

CHANGED_ONE = "1 row was changed: look at it once more, then import."
HEADER = "night,venue,band,start,end\n"
FLYER = """Blue Anchor
8:00 PM - 8:30 PM The Harpoonist
9pm Witchrot
Doors 7pm
"""


@pytest.fixture
def editor(client):
    user = make_user("editor")
    sign_in(client, user)
    return user


def page_of(event, name="poster/"):
    return f"/admin/schedule/event/{event.pk}/{name}"


def paste(client, event, text="", *, file=None, **said):
    """What the page answers to a text or a file: the rows to look over, or the form again."""
    path = page_of(event)
    sent = {**form_in(client.get(path), "poster_form"), "text": text, "step": "read", **said}
    return client.post(path, {**sent, **({"file": file} if file else {})})


def send(client, event, response, step, **changes):
    """Send the rows on the page as a browser would, corrected; None unticks a box."""
    sent = {**form_in(response, "review_form"), "step": step, **changes}
    return client.post(
        page_of(event), {name: value for name, value in sent.items() if value is not None}, follow=step == "import"
    )


def rows_in(response):
    return response.context["review"].rows


def said_of(response):
    """Of each row what is said: included or not, when, action, errors."""
    return [(each.row.band, each.is_included, each.when, str(each.action), each.errors) for each in rows_in(response)]


def notices_of(response):
    return response.context["review"].notices


def upload(content, name="lineup.csv"):
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


def sets_now(event):
    zone = event.zone
    return [
        (p.title, str(p.venue or ""), f"{p.starts_at.astimezone(zone):%H:%M}" if p.starts_at else "")
        for p in event.performances.select_related("band", "venue__parent")
    ]


# --- From the text to the sets -----------------------------------------------------------------


def test_pasted_flyer_is_looked_over_and_imported(client, editor):
    event = make_event()

    response = paste(client, event, FLYER)

    assert said_of(response) == [
        ("The Harpoonist", True, "Sat 10 Oct, 8:00 PM to 8:30 PM", "create", []),
        ("Witchrot", True, "Sat 10 Oct, 9:00 PM", "create", []),
        ("Doors 7pm", False, "Sat 10 Oct, time open", "", []),
    ]
    assert (event.performances.count(), BandProfile.objects.count(), Venue.objects.count()) == (0, 0, 0)

    response = send(client, event, response, "import")

    assert response.redirect_chain == [(f"/admin/schedule/event/{event.pk}/board/", 302)]
    assert messages_of(response) == [
        "Imported: 2 sets are new, 0 changed, 0 stayed as they were, 2 new bands, 1 new venue."
    ]
    assert sets_now(event) == [("The Harpoonist", "Blue Anchor", "20:00"), ("Witchrot", "Blue Anchor", "21:00")]
    assert {change.by for change in Change.objects.filter(event=event, kind="added")} == {editor}


def test_looking_over_saves_nothing(client, editor):
    event = make_event()
    before = table_contents()

    response = paste(client, event, FLYER)
    response = send(client, event, response, "check", **{"row-0-band": "Another Band"})

    contents = table_contents()
    assert {name for name in contents if contents[name] != before[name]} <= {"accounts.AuditEntry"}
    assert [each.row.band for each in rows_in(response)] == ["Another Band", "Witchrot", "Doors 7pm"]


def test_page_says_in_words_what_was_understood(client, editor):
    event = make_event()
    make_set(event, "The Harpoonist", "20:00", "20:30")

    text = paste(client, event, FLYER + "8:50 Maybe\n").content.decode()

    for words in (
        "3 sets understood",
        "1 doubtful",
        "1 left out",
        "2 new bands",
        "1 is there already and stays as it is",
        "“8:50” was taken as PM.",
        "says when the doors open",
        "1 line was read as a heading or a repetition",
        "line 1: Blue Anchor → heading: venue Blue Anchor",
        "Import 3 sets",
    ):
        assert words in text


def test_rows_are_corrected_in_place_and_checked_again(client, editor):
    event = make_event()
    response = paste(client, event, "8:50 Witchrot\n9:00-9:00 Broken")
    assert [each.errors for each in rows_in(response)] == [
        [],
        ["Start and end are both 21:00. Correct one, or leave the end empty."],
    ]

    response = send(client, event, response, "check", **{"row-0-start": "20h45", "row-1-end": "9:30pm"})

    assert said_of(response) == [
        ("Witchrot", True, "Sat 10 Oct, 8:45 PM", "create", []),
        ("Broken", True, "Sat 10 Oct, 9:00 PM to 9:30 PM", "create", []),
    ]
    assert [each.row.doubts for each in rows_in(response)] == [(), ()]  # what was corrected is in doubt no more


def test_doubts_stay_with_what_was_not_corrected(client, editor):
    event = make_event()
    response = paste(client, event, "8:50 Witchrot\n9:30 Other")

    response = send(client, event, response, "check", **{"row-0-start": "20h45"})

    assert [each.row.doubts for each in rows_in(response)] == [(), ("“9:30” was taken as PM.",)]


def test_refused_rows_save_nothing_and_lose_nothing(client, editor):
    event = make_event()
    response = paste(client, event, "8pm Witchrot\n9pm Other")

    response = send(client, event, response, "import", **{"row-1-start": "quarter past", "row-0-genre": "doom"})

    assert (response.status_code, event.performances.count(), BandProfile.objects.count()) == (200, 0, 0)
    assert "Nothing was saved. 1 row needs you, see below." in response.content.decode()
    assert rows_in(response)[1].errors == [
        "“quarter past” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight."
    ]
    sent = form_in(response, "review_form")
    assert (sent["row-1-start"], sent["row-0-genre"]) == (["quarter past"], ["doom"])


def test_rows_are_taken_in_and_left_out_by_their_box(client, editor):
    event = make_event()
    response = paste(client, event, FLYER)

    response = send(
        client,
        event,
        response,
        "import",
        **{"row-0-include": None, "row-2-include": "1", "row-2-band": "The Doors", "row-2-start": "7pm"},
    )
    assert (notices_of(response), event.performances.count()) == ([CHANGED_ONE], 0)
    send(client, event, response, "import")

    assert [title for title, *_ in sets_now(event)] == ["The Doors", "Witchrot"]


def test_without_a_ticked_row_nothing_is_imported(client, editor):
    event = make_event()
    response = paste(client, event, "8pm Witchrot")

    response = send(client, event, response, "import", **{"row-0-include": None})

    assert (response.status_code, response.context["review"].errors) == (
        200,
        ["No row is to be imported. Tick those that are."],
    )


def test_importing_twice_changes_nothing(client, editor):
    event = make_event()
    send(client, event, paste(client, event, FLYER), "import")
    before = sets_now(event)

    response = paste(client, event, FLYER)
    assert [str(each.action) for each in rows_in(response)] == ["unchanged", "unchanged", ""]
    response = send(client, event, response, "import")

    assert (sets_now(event), messages_of(response)) == (
        before,
        ["Imported: 0 sets are new, 0 changed, 2 stayed as they were."],
    )


def test_sets_that_move_are_changed_and_not_doubled(client, editor):
    event = make_event()
    make_set(event, "Witchrot", "20:00", None)

    response = paste(client, event, "Blue Anchor\n9pm Witchrot\n")
    assert [(str(each.action), each.remarks[0]) for each in rows_in(response)] == [("change", "retimed")]
    send(client, event, response, "import")

    assert sets_now(event) == [("Witchrot", "Blue Anchor", "21:00")]


# --- What was not looked over ------------------------------------------------------------------


def test_import_does_not_undo_what_somebody_changed_meanwhile(client, editor):
    event, bo = make_event(), make_user("editor", email="bo@label.example", first_name="Bo")
    performance = make_set(event, "Witchrot", "20:00", None)
    response = paste(client, event, "Blue Anchor\n8pm Witchrot\n9pm Other")
    assert [str(each.action) for each in rows_in(response)] == ["unchanged", "create"]
    lineup.change_set(performance, starts_at=wall(event, "20:30"), by=bo, now=NOW)

    response = send(client, event, response, "import", **{"row-1-genre": "doom"})

    assert notices_of(response) == ["The running order was changed meanwhile by Bo; look over what is different now."]
    assert sets_now(event) == [("Witchrot", "Blue Anchor", "20:30")]
    assert [str(each.action) for each in rows_in(response)] == ["change", "create"]
    assert form_in(response, "review_form")["row-1-genre"] == ["doom"]

    send(client, event, response, "import")

    assert sets_now(event) == [("Witchrot", "Blue Anchor", "20:00"), ("Other", "Blue Anchor", "21:00")]


def test_checking_again_says_what_changed_meanwhile(client, editor):
    event = make_event()
    response = paste(client, event, "8pm Witchrot")
    make_set(event, "Other", "20:00", None)  # by nobody: a command

    response = send(client, event, response, "check")

    assert notices_of(response) == ["The running order was changed meanwhile; look over what is different now."]
    assert notices_of(send(client, event, response, "check")) == []


@pytest.mark.parametrize(
    "correction",
    [{"row-0-start": "8:30pm"}, {"row-0-end": "9pm"}, {"row-0-venue": "New Hall"}, {"row-0-band": "Wichrot"}],
)
def test_row_corrected_in_place_is_checked_before_it_is_imported(client, editor, correction):
    event = make_event()
    response = paste(client, event, "8pm Witchrot\n10pm Other")

    response = send(client, event, response, "import", **correction)

    assert (notices_of(response), event.performances.count(), BandProfile.objects.count()) == ([CHANGED_ONE], 0, 0)
    ((name, typed),) = correction.items()
    assert form_in(response, "review_form")[name] == [typed]
    response = send(client, event, response, "import")
    assert (response.redirect_chain[-1][1], event.performances.count()) == (302, 2)


def test_rows_corrected_in_place_are_counted(client, editor):
    event = make_event()
    response = paste(client, event, "8pm Witchrot\n10pm Other")

    response = send(client, event, response, "import", **{"row-0-band": "A", "row-1-band": "B"})

    assert notices_of(response) == ["2 rows were changed: look at them once more, then import."]


def test_band_that_became_similar_meanwhile_is_asked_about(client, editor):
    event = make_event()
    response = paste(client, event, "8pm Wichrot")
    make_band("Witchrot")

    response = send(client, event, response, "import")

    assert notices_of(response) == ["1 row may mean a band of the library: say which one, then import."]
    assert (event.performances.count(), [each.name for each in rows_in(response)[0].options]) == (
        0,
        ["Witchrot", "Wichrot"],
    )
    send(client, event, response, "import")
    assert event.performances.get().band.name == "Wichrot"


def test_rows_that_are_left_out_come_last_and_folded(client, editor):
    event = make_event()

    page = paste(client, event, "Doors 7pm\n8pm Witchrot\n$20 at the door\n9pm Other").content.decode()

    above, below = page.split('<details class="poster-left-out">')
    assert [f'name="row-{number}-band"' in above for number in range(4)] == [False, True, False, True]
    assert [f'name="row-{number}-band"' in below for number in range(4)] == [True, False, True, False]
    assert "2 rows are left out" in below


@pytest.mark.parametrize(("count", "told"), [(1, 1), (5, 5), (6, 6), (7, 6)])
def test_warnings_are_told_after_the_import(client, editor, count, told):
    event = make_event()
    text = "".join(f"@ Room {n}\n8pm-9pm One {n}\n8:30pm-9pm Two {n}\n" for n in range(count))

    response = send(client, event, paste(client, event, text), "import")

    done, *warnings = messages_of(response)
    assert (done.startswith("Imported: "), len(warnings)) == (True, told)
    assert warnings[0] == "One 0 (2026-10-10 20:00 to 21:00) overlaps Two 0 (2026-10-10 20:30 to 21:00) at Room 0."
    if count > importing.MOST_WARNINGS_SHOWN:
        assert warnings[-1] == ("1 more warning." if count == 6 else "2 more warnings.")


def test_long_sets_are_asked_about(client, editor):
    event = make_event()
    response = paste(client, event, "12:00-21:00 Marathon")
    assert "would be a set of 9 h 00 min" in rows_in(response)[0].errors[0]

    send(client, event, response, "import", accept_long="1")

    assert sets_now(event) == [("Marathon", "", "12:00")]


# --- Nights and dates --------------------------------------------------------------------------


def test_rows_that_name_no_night_belong_to_the_chosen_one(client, editor):
    event = make_event(end_date=SATURDAY + timedelta(days=1))

    response = paste(client, event, "8pm Witchrot\nSaturday Oct 10\n9pm Other", night="2026-10-11")

    assert [each.row.night for each in rows_in(response)] == ["2026-10-11", "2026-10-10"]


def test_row_without_a_night_is_asked_for_it(client, editor):
    event = make_event(end_date=SATURDAY + timedelta(days=1))
    response = paste(client, event, "8pm Witchrot", night="")
    assert rows_in(response)[0].errors[0].startswith("No night.")

    response = send(client, event, response, "import", **{"row-0-night": "2026-10-11"})
    send(client, event, response, "import")

    assert event.performances.get().night == SATURDAY + timedelta(days=1)


def test_night_that_is_not_of_the_event_stays_to_be_seen(client, editor):
    event = make_event()

    response = paste(client, event, "October 17\n8pm Witchrot")

    (error,) = rows_in(response)[0].errors
    assert error.startswith("night: 2026-10-17 is not a night of Harbour Street Crawl 3")
    assert response.context["nights"] == [
        ("2026-10-10", "Sat 10 Oct"),
        ("2026-10-17", "Sat 17 Oct 2026 (not a night of the event)"),
    ]


@pytest.mark.parametrize(
    ("dates", "start", "when"),
    [
        ("calendar", "2026-10-11 00:25", "Sun 11 Oct, 12:25 AM (night of Sat 10 Oct)"),
        ("night", "2026-10-10 00:25", "Sun 11 Oct, 12:25 AM (night of Sat 10 Oct)"),
    ],
)
def test_what_dates_mean_is_asked_and_shown(client, editor, dates, start, when):
    event = make_event()

    response = paste(client, event, f"{HEADER},Blue Anchor,Witchrot,{start},", dates=dates)

    assert [each.when for each in rows_in(response)] == [when]
    assert f"The date in “{start}” is" in response.content.decode()
    assert form_in(response, "review_form")["dates"] == [dates]


def test_doors_make_bare_times_certain(client, editor):
    event = make_event()
    set_doors(event, SATURDAY, wall(event, "19:00"), by=None, now=NOW)

    response = paste(client, event, "8:50 Witchrot\n12:10 Other")

    assert [(each.row.start, each.row.doubts) for each in rows_in(response)] == [("8:50 PM", ()), ("24:10", ())]


# --- Which band, which venue -------------------------------------------------------------------


def options_of(row):
    return [(option.name, option.note) for option in row.options]


def test_known_band_is_shown_with_where_it_played_last(client, editor):
    event = make_event()
    make_set(make_event("Crawl 1", date=SATURDAY - timedelta(days=200)), "Witchrot")
    make_set(make_event("Crawl 2", date=SATURDAY - timedelta(days=100)), "Witchrot")

    response = paste(client, event, "8pm WITCHROT\n9pm New One")

    known, new = rows_in(response)
    assert (known.band.name, known.band.note, known.is_new_band) == ("Witchrot", "played Crawl 2", False)
    assert (new.band, new.is_new_band) == (None, True)


def test_where_a_band_played_is_not_told_of_events_that_are_closed_to_who_asks(client):
    event = make_event()
    make_set(make_event("Secret Crawl"), "Witchrot")
    sign_in(client, make_user("editor", event))

    response = paste(client, event, "8pm Witchrot")

    assert rows_in(response)[0].band.note == ""
    assert "Secret" not in response.content.decode()


def test_similar_band_can_be_taken_instead_of_making_a_new_one(client, editor):
    event, band = make_event(), make_band("The Harpoonist")
    response = paste(client, event, "8pm Harpoonist")
    (row,) = rows_in(response)
    assert (options_of(row), row.choice) == (
        [("The Harpoonist", "the same name, spelled differently"), ("Harpoonist", "")],
        "new",
    )

    send(client, event, response, "import", **{"row-0-choice": str(band.pk)})

    assert [(each.band, each.billing) for each in event.performances.all()] == [(band, "Harpoonist")]
    assert BandProfile.objects.count() == 1


def test_new_band_is_made_although_it_is_similar(client, editor):
    event = make_event()
    make_band("The Harpoonist")

    send(client, event, paste(client, event, "8pm Harpoonist"), "import")

    assert sorted(band.name for band in BandProfile.objects.all()) == ["Harpoonist", "The Harpoonist"]


def test_one_of_several_bands_of_a_name_has_to_be_chosen(client, editor):
    event = make_event()
    add_band("Dusk", disambiguation="Berlin", **MADE)
    guelph = add_band("Dusk", disambiguation="Guelph", **MADE)
    response = paste(client, event, "8pm Dusk")
    (row,) = rows_in(response)
    assert (sorted(options_of(row)), row.choice) == ([("Dusk (Berlin)", ""), ("Dusk (Guelph)", "")], "")
    assert row.errors[0].startswith("Several bands are called “Dusk”")

    send(client, event, response, "import", **{"row-0-choice": str(guelph.pk)})

    assert event.performances.get().band == guelph


def test_choice_of_a_band_that_was_not_offered_is_not_taken(client, editor):
    event, other = make_event(), make_band("Somebody Else")
    response = paste(client, event, "8pm Witchrot")

    send(client, event, response, "import", **{"row-0-choice": str(other.pk)})

    assert [each.band.name for each in event.performances.all()] == ["Witchrot"]


def test_alias_finds_its_band(client, editor):
    event = make_event()
    add_alias(make_band("Worrywart"), "WW", **MADE)

    assert rows_in(paste(client, event, "8pm WW"))[0].band.name == "Worrywart"


def test_new_venue_is_marked_with_what_it_may_be(client, editor):
    event = make_event()
    make_venue("Princess Cafe")

    known, new = rows_in(paste(client, event, "8pm A @ PRINCESS CAFE\n9pm B @ The Princess Café"))

    assert (known.is_new_venue, new.is_new_venue) == (False, False)  # the spelling alone makes no other venue
    (row,) = rows_in(paste(client, event, "9pm B @ Princess Cafe Patio"))
    assert (row.is_new_venue, row.venue_hints) == (
        True,
        ["The venue “Princess Cafe Patio” may be Princess Cafe (a similar name)."],
    )


def test_open_slots_and_activities_are_no_bands(client, editor):
    event = make_event()

    response = paste(client, event, "8pm TBA\n9pm Silent Disco")

    assert [(each.band, each.is_new_band, each.options) for each in rows_in(response)] == [(None, False, [])] * 2


# --- Files -------------------------------------------------------------------------------------


def excel(*rows):
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (HEADER + "2026-10-10,Blue Anchor,Witchrot,20:50,21:30", "lineup.csv"),
        ("\ufeff" + HEADER.replace(",", ";") + "2026-10-10;Blue Anchor;Witchrot;20:50;21:30", "lineup.CSV"),
        ("Witchrot\tBlue Anchor\t20:50\t21:30", "lineup.tsv"),
        ("Blue Anchor\n20:50–21:30 Witchrot", "flyer.txt"),
        (excel(HEADER.strip().split(","), [None, "Blue Anchor", "Witchrot", "20:50", "21:30"]), "lineup.xlsx"),
        (excel(["Groupe", "Salle", "Début", "Fin"], ["Witchrot", "Blue Anchor", "20:50", "21:30"]), "lineup.xlsx"),
        (
            json.dumps(
                {
                    "event": {"name": "Another Name", "city": "Waterloo"},
                    "performances": [
                        {"band": "Witchrot", "venue": "Blue Anchor", "start_time": "20:50", "end_time": "21:30"}
                    ],
                }
            ),
            "lineup.json",
        ),
    ],
    ids=["csv", "csv of Excel", "tsv", "txt", "xlsx", "xlsx with a header of its own", "json"],
)
def test_file_is_looked_over_and_imported(client, editor, content, name):
    event = make_event()
    make_venue("Blue Anchor")

    response = paste(client, event, file=upload(content, name))
    assert said_of(response) == [("Witchrot", True, "Sat 10 Oct, 8:50 PM to 9:30 PM", "create", [])]
    send(client, event, response, "import")

    assert sets_now(event) == [("Witchrot", "Blue Anchor", "20:50")]
    event.refresh_from_db()
    assert (event.name, event.city) == ("Harbour Street Crawl 3", "")


def test_what_a_file_says_of_bands_and_venues_comes_along(client, editor):
    event = make_event()
    content = {
        "venues": [{"name": "Blue Anchor", "city": "Waterloo"}],
        "bands": [{"name": "Witchrot", "origin": "Toronto, ON"}, {"name": "Left Out", "origin": "Nowhere"}],
        "performances": [{"band": "Witchrot", "venue": "Blue Anchor", "notes": "Acoustic."}, {"band": "Left Out"}],
    }
    response = paste(client, event, file=upload(json.dumps(content), "lineup.json"))

    send(client, event, response, "import", **{"row-1-include": None})

    performance = event.performances.get()
    assert (performance.band.origin, performance.venue.city, performance.notes) == (
        "Toronto, ON",
        "Waterloo",
        "Acoustic.",
    )
    assert BandProfile.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            {"slug": "another-crawl"},
            "The file is of another event (another-crawl). Open that event, or take “slug” out of the file.",
        ),
        (
            {"timezone": "Europe/London"},
            "The times of the file are in Europe/London, those of the event in America/Toronto. Correct one of them.",
        ),
    ],
)
def test_file_of_another_event_is_refused(client, editor, said, message):
    event = make_event()
    content = json.dumps({"event": said, "performances": [{"band": "Witchrot"}]})

    response = paste(client, event, file=upload(content, "lineup.json"))

    assert response.context["form"].errors == {"file": [message]}


def test_file_that_names_the_event_by_its_former_address_is_read(client, editor):
    event = make_event()
    update_event(event, slug="new-address", by=None, now=NOW)
    content = json.dumps({"event": {"slug": "harbour-street-crawl-3"}, "performances": [{"band": "Witchrot"}]})

    assert len(rows_in(paste(client, event, file=upload(content, "lineup.json")))) == 1


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (
            b"x",
            "lineup.exe",
            "“lineup.exe” is no file that can be read here. Choose one of .txt, .csv, .tsv, .xlsx, .json.",
        ),
        (b"\xff\xfe", "lineup.csv", "The file is not UTF-8 text. Save it as “CSV UTF-8”."),
        (
            b"x",
            "lineup.xlsx",
            "The file is no Excel workbook (.xlsx). Save it as .xlsx or as CSV in your spreadsheet program.",
        ),
        (b"{}", "lineup.json", 'The file is no event file: it needs a list called "performances".'),
        (
            b"x" * (importing.MOST_BYTES + 1),
            "lineup.txt",
            "The file is larger than 1 MB; a running order is not. Save the sheet alone.",
        ),
        (b"\n", "lineup.txt", "No set was found in it."),
    ],
    ids=["ending", "encoding", "no workbook", "no event file", "size", "nothing"],
)
def test_file_that_cannot_be_read_is_refused_with_the_reason(client, editor, content, name, message):
    event = make_event()

    response = paste(client, event, "what was typed", file=upload(content, name))

    assert response.context["form"].errors == {"file": [message]}
    assert form_in(response, "poster_form")["text"] == ["what was typed"]


def test_nothing_pasted_is_asked_for(client, editor):
    assert paste(client, make_event(), " \n").context["form"].errors == {
        "text": ["Paste the line-up here, or choose a file."]
    }


def test_too_many_rows_are_refused(client, editor, monkeypatch):
    monkeypatch.setattr(importing, "MOST_ROWS", 3)
    event = make_event()

    assert len(rows_in(paste(client, event, "8pm A\n8pm B\n8pm C"))) == 3
    assert paste(client, event, "8pm A\n8pm B\n8pm C\n8pm D").context["form"].errors == {
        "text": ["4 rows are too many at once; 3 fit. Bring them in parts, for example by night."]
    }


def test_as_many_rows_as_are_let_in_come_back_in_the_form(client, editor):
    event = make_event()
    make_band("Witchrot")

    sent = form_in(paste(client, event, "8pm Wichrot\n9pm Other"), "review_form")

    of_a_row = [name for name in sent if name.startswith("row-0-")]
    beside = [name for name in sent if not name.startswith("row-")]
    assert (importing.MOST_ROWS, len(of_a_row)) == (500, importing.FIELDS_PER_ROW)
    assert len(beside) + 3 < importing.FIELDS_BESIDE_ROWS  # the token, the button, long sets
    fields = importing.MOST_ROWS * importing.FIELDS_PER_ROW + importing.FIELDS_BESIDE_ROWS
    assert fields <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


# --- Forms that somebody tampered with ---------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": "-1"},
        {"rows": "x"},
        {"rows": "²"},
        {"rows": "9" * 30},
        {"rows": "9" * 5000},
        {"revision": "9" * 5000},
        {"revision": "x"},
        {"row-0-kept": '{"checked": 5}'},
        {"dates": "never"},
        {"facts": "{"},
        {"facts": '{"performances": [], "bands": [{"name": 1e999}]}'},
        {"row-0-kept": "["},
        {"row-0-kept": "[" * 100_000},
        {"row-0-kept": '{"was": 1, "doubts": {}}'},
        {"row-0-kept": '{"was": [1], "doubts": [null], "label": 5, "kind": "king", "is_announced": "yes"}'},
        {"row-0-kept": '{"notes": "a\\u0000b\\ud800"}'},
        {"row-0-choice": "9" * 40},
        {"row-0-choice": "²"},
        {"row-0-band": "a\0b"},
        {"row-0-night": "never"},
        {"row-0-start": "\0"},
        {"row-0-band": "x" * 6000},
        {"row-0-genre": "g" * 300},
    ],
)
def test_tampered_forms_are_answered(client, editor, changes):
    event = make_event()
    response = paste(client, event, "8pm Witchrot")

    assert send(client, event, response, "import", **changes).status_code == 200


def test_what_was_pasted_is_escaped(client, editor):
    event = make_event()

    text = paste(
        client, event, "8pm <marquee>Witch'\"rot</marquee>\n9pm <img src=x onerror=alert(1)>X"
    ).content.decode()

    assert "<marquee>" not in text
    assert "onerror" not in text


# --- Who may -----------------------------------------------------------------------------------


def test_page_is_offered_to_editors_and_refused_to_viewers(client):
    event = make_event()
    sign_in(client, make_user("viewer"))

    tabs = client.get(page_of(event, "export/")).content.decode()
    assert (page_of(event) in tabs, page_of(event, "export.csv") in tabs) == (False, True)
    assert client.get(page_of(event)).status_code == 403
    assert client.post(page_of(event), {"step": "import", "rows": "1", "row-0-band": "X"}).status_code == 403
    assert Performance.objects.count() == 0


@pytest.mark.parametrize("name", ["poster/", "export/", "export.csv"])
def test_pages_of_a_closed_event_are_not_there(client, name):
    event, other = make_event(), make_event("Secret Crawl")
    sign_in(client, make_user("editor", event))

    assert (client.get(page_of(event, name)).status_code, client.get(page_of(other, name)).status_code) == (200, 404)


def test_import_goes_into_the_event_of_the_address_alone(client):
    event, other = make_event(), make_event("Secret Crawl")
    sign_in(client, make_user("editor", event))
    response = paste(client, event, "8pm Witchrot")

    send(client, event, response, "import", event_slug=other.slug, facts='{"event": {"slug": "secret-crawl"}}')
    send(client, event, response, "import", event_slug=other.slug)

    assert (event.performances.count(), other.performances.count()) == (1, 0)


@pytest.mark.parametrize("row_count", [1, 3])
def test_looking_over_asks_the_database_the_same_for_more_known_rows(
    client, editor, row_count, django_assert_max_num_queries
):
    event = make_event()
    for number in range(row_count):
        make_set(event, f"Band {number}", f"{18 + number}:00", None)
        make_set(make_event(f"Crawl {number}"), f"Band {number}", f"{18 + number}:00", None)
    response = paste(client, event, "Blue Anchor\n" + "\n".join(f"{18 + n}:00 Band {n}" for n in range(row_count)))
    assert [str(each.action) for each in rows_in(response)] == ["unchanged"] * row_count

    with django_assert_max_num_queries(45 + row_count):  # the importer reads each band of the library once
        send(client, event, response, "check")


# --- Export ------------------------------------------------------------------------------------


def make_odd_set():
    event = make_public_event("Odd Crawl")
    performance = make_set(event, "+/-", "20:00", "20:30", notes="=cmd()", crew_notes="the code is 1234")
    make_venue("Blue Anchor")
    lineup.change_set(performance, crew_notes="the code is 1234", by=None, now=NOW)
    Venue.objects.update(phone="519 555 0100", contact_email="bar@anchor.example")
    find_genre("punk", **MADE)
    return event


@pytest.mark.parametrize(
    ("file_format", "content_type"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("json", "application/json"),
    ],
)
def test_viewers_download_the_running_order_without_private_data(client, file_format, content_type):
    event = make_odd_set()
    sign_in(client, make_user("viewer"))

    response = client.get(page_of(event, f"export.{file_format}"))

    assert (response.status_code, response["Content-Type"], response["Content-Disposition"]) == (
        200,
        content_type,
        f'attachment; filename="odd-crawl.{file_format}"',
    )
    content = response.content
    if file_format == "xlsx":
        sheet = load_workbook(io.BytesIO(content)).active
        content = repr([[cell.value for cell in row] for row in sheet.iter_rows()]).encode()
    assert b"+/-" in content
    for private in (b"1234", b"555 0100", b"bar@anchor"):
        assert private not in content


def test_table_of_the_download_is_for_excel_and_harmless(client):
    event = make_odd_set()
    sign_in(client, make_admin())

    content = client.get(page_of(event, "export.csv")).content.decode()

    assert content == (
        "\ufeffnight,venue,band,start,end,genre,notes\r\n"
        "2026-10-10,Blue Anchor,'+/-,2026-10-10 20:00,2026-10-10 20:30,,'=cmd()\r\n"
    )


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_download_comes_back_by_the_page_and_changes_nothing(client, editor, file_format):
    event = make_odd_set()
    before = sets_now(event)
    content = client.get(page_of(event, f"export.{file_format}")).content

    response = paste(client, event, file=upload(content, f"lineup.{file_format}"))

    assert [(str(each.action), each.errors) for each in rows_in(response)] == [("unchanged", [])]
    send(client, event, response, "import")
    assert sets_now(event) == before
    assert Change.objects.filter(event=event, by=editor).count() == 0


@pytest.mark.parametrize("address", ["export.exe", "export.CSV"])
def test_other_formats_are_not_there(client, editor, address):
    assert client.get(page_of(make_event(), address)).status_code == 404


@pytest.mark.parametrize("address", ["export/", "export.csv"])
def test_export_is_for_reading_only(client, editor, address):
    assert client.post(page_of(make_event(), address)).status_code == 405


@pytest.mark.parametrize("set_count", [1, 3])
def test_export_asks_the_database_the_same_for_more_sets(client, editor, set_count, django_assert_num_queries):
    event = make_event()
    for number in range(set_count):
        make_set(event, f"Band {number}", f"{18 + number}:00", None, venue=f"Room {number}")
    client.get(page_of(event, "export.csv"))

    with django_assert_num_queries(EXPORT_QUERIES):
        client.get(page_of(event, "export.csv"))


EXPORT_QUERIES = 6  # who is there and what she may; the event; its sets; their genres


def test_workbook_that_was_made_by_hand_and_ours_are_read_alike(client, editor):
    event = make_event()
    make_venue("Blue Anchor")
    ours = write_workbook(HEADER.strip().split(","), [["2026-10-10", "Blue Anchor", "A", "20:00", ""]], title="x")

    response = paste(client, event, file=upload(ours, "a.xlsx"))

    assert [(each.row.band, each.when) for each in rows_in(response)] == [("A", "Sat 10 Oct, 8:00 PM")]
