"""The pages on which a set is cancelled, postponed, replaced, withdrawn, hidden, deleted and restored; and its form."""

from datetime import timedelta

import pytest

from schedule import announcing, events, lineup, publishing
from schedule.admin.endings import MOST_REASON_CHARACTERS, state_of
from schedule.models import Change, Performance, Pick, Plan
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

pytestmark = pytest.mark.django_db

SUNDAY = SATURDAY + timedelta(days=1)
PAGES = ("endings", "cancel", "postpone", "replace", "withdraw", "hide", "remove", "restore")


@pytest.fixture
def ana():
    return make_admin()


@pytest.fixture
def admin_client(client, ana):
    sign_in(client, ana)
    return client


def page_of(performance, page="endings"):
    return f"/admin/schedule/performance/{performance.pk}/{page}/"


def text_of(response):
    return " ".join(response.content.decode().split())


def offered_in(response):
    return [ending.name for ending, _ in response.context["offered"]]


def pick(performance):
    plan = Plan.objects.create(event=performance.event, key_hash="x")
    Pick.objects.create(plan=plan, performance=performance)


def public_text(client, event):
    return text_of(client.get(event.get_absolute_url()))


@pytest.mark.parametrize(
    ("is_public", "prepare", "offered"),
    [
        (True, None, ["cancel", "postpone", "replace", "withdraw"]),
        (False, None, ["cancel", "postpone", "replace", "withdraw", "remove"]),
        (True, lineup.cancel_set, ["replace", "withdraw", "restore"]),
        (True, lineup.postpone_set, ["cancel", "postpone", "replace", "withdraw", "restore"]),
        (True, lineup.withdraw_set, ["restore"]),
    ],
)
def test_what_can_be_done_follows_from_how_the_set_stands(admin_client, is_public, prepare, offered):
    performance = make_set(make_public_event() if is_public else make_event())
    if prepare:
        prepare(performance, **MADE)

    assert offered_in(admin_client.get(page_of(performance))) == offered


@pytest.mark.parametrize(
    ("page", "prepare", "state", "change", "said"),
    [
        ("cancel", None, ("cancelled", True), "cancelled", "The Harpoonist is cancelled."),
        ("postpone", None, ("postponed", True), "postponed", "The Harpoonist is postponed."),
        ("withdraw", None, ("withdrawn", False), "withdrawn", "The Harpoonist is withdrawn."),
        ("hide", None, ("scheduled", False), "hidden", "The Harpoonist is no longer announced."),
        ("restore", lineup.cancel_set, ("scheduled", True), "restored", "The Harpoonist is on again."),
    ],
)
def test_ending_is_brought_about_with_its_reason(admin_client, ana, page, prepare, state, change, said):
    event = make_public_event(reveal_mode=True)
    performance = make_set(event, is_announced=True)
    if prepare:
        prepare(performance, **MADE)

    asked = admin_client.get(page_of(performance, page))
    answer = admin_client.post(page_of(performance, page), {"reason": "The singer is ill."}, follow=True)

    assert asked.status_code == 200
    performance.refresh_from_db()
    assert (performance.status, performance.is_announced) == state
    last = Change.objects.filter(performance=performance, kind=change).get()
    assert (last.by, last.reason, last.is_public) == (ana, "The singer is ill.", True)
    assert messages_of(answer) == [said]


def test_pages_say_what_fans_will_see_and_who_holds_the_set(admin_client):
    performance = make_set(make_public_event(reveal_mode=True), is_announced=True)
    pick(performance)

    said = {page: admin_client.get(page_of(performance, page)).context["sentences"] for page in ("cancel", "hide")}

    assert said == {
        "cancel": [
            "It stays listed, struck through, with the word “Cancelled”; calendars strike it too.",
            "1 plan holds it; it stays there, struck through.",
        ],
        "hide": [
            "In reveal mode it is hidden from now on, on every page, in feeds and in calendars.",
            "1 plan holds it, and keeps a grey entry: no longer listed.",
            "Feeds and calendars that were fetched already cannot be unread.",
            "Followers who were mailed cannot be unmailed, and are not mailed again when you announce it once more.",
        ],
    }


def test_set_is_postponed_to_another_night_and_says_from_when(admin_client, client):
    event = make_public_event(end_date=SUNDAY)
    performance = make_set(event)

    admin_client.post(page_of(performance, "postpone"), {"night": "2026-10-11", "starts": "9pm", "ends": "9:45 PM"})

    performance.refresh_from_db()
    assert (performance.status, performance.night, performance.starts_at, performance.sequence) == (
        "scheduled",
        SUNDAY,
        wall(event, "21:00", night=SUNDAY),
        1,
    )
    assert "Postponed from <s>Saturday 10 October 2026, 8:00 PM</s>" in public_text(client, event)
    calendar = client.get(f"{event.get_absolute_url()}schedule.ics").content.decode()
    assert "Postponed from 2026-10-10 20:00." in calendar.replace("\r\n ", "")


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"night": "2026-10-12"}, "Select a valid choice. 2026-10-12 is not one of the available choices."),
        ({"night": "2026-10-11", "starts": "late"}, "“late” is not a time."),
        ({"night": "2026-10-11", "ends": "9pm"}, "There is an end but no start."),
    ],
)
def test_date_that_cannot_be_is_refused_and_nothing_lost(admin_client, typed, error):
    performance = make_set(make_public_event(end_date=SUNDAY))

    page = admin_client.post(page_of(performance, "postpone"), {**typed, "reason": "Rain."})

    assert error in text_of(page).replace("&quot;", '"')
    assert "Rain." in text_of(page)
    performance.refresh_from_db()
    assert (performance.status, performance.night) == ("scheduled", SATURDAY)


def test_former_date_is_not_told_while_nobody_could_know_it(admin_client, client):
    event = make_public_event(end_date=SUNDAY, times_public=False)
    moved, hours = make_set(event), make_set(event, "Moth Choir")
    lineup.postpone_set(moved, night=SUNDAY, starts_at=wall(event, "44:00"), **MADE)
    lineup.postpone_set(hours, night=SATURDAY, starts_at=wall(event, "22:13"), **MADE)

    text = public_text(client, event)

    assert "Postponed from <s>Saturday 10 October 2026</s>" in text
    assert (text.count("Postponed from"), text.count(":00 PM"), text.count("10:13")) == (1, 0, 0)


def test_set_is_replaced_by_a_band_or_by_words(admin_client, client):
    event = make_public_event()
    first, second = make_set(event, "Dog Ferry"), make_set(event, "Gull Parade", "21:00", "21:30")

    by_band = admin_client.post(page_of(first, "replace"), {"band": make_band("Moth Choir").pk}, follow=True)
    by_words = admin_client.post(page_of(second, "replace"), {"billing": "Secret guest"}, follow=True)

    assert messages_of(by_band) == ["Moth Choir replaces Dog Ferry."]
    assert messages_of(by_words) == ["Secret guest replaces Gull Parade."]
    new = Performance.objects.get(band__name="Moth Choir")
    assert by_band.redirect_chain[-1][0] == page_of(new)
    assert "Replaces Dog Ferry" in text_of(by_band)
    page = public_text(client, event)
    assert ("Replaces Dog Ferry" in page, "</a> plays instead" in page) == (True, True)


def test_band_does_not_replace_itself(admin_client):
    performance = make_set(make_public_event())

    page = admin_client.post(page_of(performance, "replace"), {"band": performance.band_id})

    assert "The Harpoonist plays already. Choose another band." in text_of(page)
    assert Performance.objects.count() == 1


def test_replaced_set_is_not_restored_while_its_replacement_stands(admin_client):
    performance = make_set(make_public_event())
    lineup.replace_set(performance, band=make_band("Moth Choir"), **MADE)

    page = admin_client.post(page_of(performance, "restore"), {"reason": ""})

    assert "Moth Choir plays instead of The Harpoonist." in text_of(page)


def test_withdrawn_replacement_does_not_count(admin_client):
    performance = make_set(make_public_event())
    mistaken = lineup.replace_set(performance, band=make_band("Moth Chior"), **MADE)
    lineup.withdraw_set(mistaken, **MADE)

    page = admin_client.get(page_of(performance, "endings"))

    assert (page.context["state"], page.context["replacement"]) == (("Cancelled", "bad"), None)
    assert {"replace", "restore"} <= {ending.name for ending, _ in page.context["offered"]}


def test_set_of_a_draft_is_deleted_and_one_that_was_public_never(admin_client):
    draft, public = make_event(), make_public_event("Another Crawl")
    mistake, known = make_set(draft), make_set(public, "Moth Choir")
    publishing.unpublish_event(public, **MADE)

    admin_client.post(page_of(mistake, "remove"), {"reason": "twice"})
    page = admin_client.get(page_of(known, "remove"))
    refused = admin_client.post(page_of(known, "remove"), {})

    assert list(Performance.objects.all()) == [known]
    assert "it cannot be deleted any more" in text_of(page)
    assert [address for _, address in page.context["instead"]] == [page_of(known, "cancel"), page_of(known, "withdraw")]
    assert refused.status_code == 200
    assert Change.objects.get(kind="deleted").reason == "twice"


def test_viewer_sees_how_the_set_stands_and_may_do_nothing(client):
    performance = make_set(make_event())
    sign_in(client, make_user("viewer"))

    answers = {page: client.get(page_of(performance, page)) for page in PAGES}

    assert [answer.status_code for answer in answers.values()] == [200] + [403] * 7
    assert offered_in(answers["endings"]) == []
    assert [client.post(page_of(performance, page), {}).status_code for page in PAGES[1:]] == [403] * 7


def test_set_of_another_event_than_hers_is_not_found(client):
    performance = make_set(make_event())
    sign_in(client, make_user("editor", make_event("Another Crawl")))

    assert [client.get(page_of(performance, page)).status_code for page in PAGES] == [404] * 8


def test_states_are_told_apart_in_words():
    event = make_public_event(reveal_mode=True)
    sets = {name: make_set(event, name, is_announced=name != "waiting") for name in "abcdef"}
    sets["waiting"] = make_set(event, "waiting", is_announced=False)
    sets["hidden"] = make_set(event, "hidden", is_announced=False)
    lineup.cancel_set(sets["b"], **MADE)
    lineup.postpone_set(sets["c"], **MADE)
    lineup.withdraw_set(sets["d"], **MADE)
    lineup.replace_set(sets["e"], band=make_band("New"), **MADE)
    announcing.schedule_announcement([sets["waiting"]], at=NOW + timedelta(hours=1), **MADE)

    words = [str(state_of(each)[0]) for each in Performance.objects.order_by("pk")]

    assert words == [
        *("Scheduled", "Cancelled", "Postponed", "Withdrawn", "Replaced", "Scheduled"),
        *("Waiting to be announced", "Not announced", "Scheduled"),
    ]


@pytest.mark.parametrize("set_count", [1, 3])
def test_page_takes_the_same_number_of_queries(admin_client, django_assert_num_queries, set_count):
    event = make_public_event()
    sets = [make_set(event, name) for name in ("A", "B", "C")[:set_count]]
    admin_client.get(page_of(sets[0]))

    with django_assert_num_queries(4):
        admin_client.get(page_of(sets[0]))


# --- The list and its actions ------------------------------------------------------------------


def test_action_asks_for_a_reason_once_for_all(admin_client, ana):
    event = make_public_event()
    chosen = [make_set(event), make_set(event, "Moth Choir")]
    sent = {"action": "cancel", "_selected_action": [each.pk for each in chosen]}

    asked = admin_client.post("/admin/schedule/performance/", sent)
    assert {each.status for each in Performance.objects.all()} == {"scheduled"}
    assert [each for each, _ in asked.context["chosen"]] == chosen
    answer = admin_client.post("/admin/schedule/performance/", {**sent, "post": "yes", "reason": "Flood."}, follow=True)

    assert messages_of(answer) == ["2 cancelled."]
    changes = Change.objects.filter(kind="cancelled")
    assert {(change.by, change.reason) for change in changes} == {(ana, "Flood.")}


@pytest.mark.parametrize("set_count", [1, 3])
def test_list_takes_the_same_number_of_queries(admin_client, django_assert_num_queries, set_count):
    event = make_public_event()
    for name in ("A", "B", "C")[:set_count]:
        lineup.replace_set(make_set(event, name), band=make_band(f"{name} Two"), **MADE)
    admin_client.get("/admin/schedule/performance/")

    with django_assert_num_queries(9):
        admin_client.get("/admin/schedule/performance/")


def test_reason_is_read_as_on_the_pages_of_one_set(admin_client):
    chosen = make_set(make_public_event())
    sent = {"action": "cancel", "_selected_action": [chosen.pk], "post": "yes"}

    answers = [
        admin_client.post("/admin/schedule/performance/", {**sent, "reason": reason})
        for reason in ("Flood.\0", "x" * (MOST_REASON_CHARACTERS + 1))
    ]

    assert [list(answer.context["form"].errors) for answer in answers] == [["reason"], ["reason"]]
    assert f">\n{'x' * (MOST_REASON_CHARACTERS + 1)}</textarea>" in answers[1].content.decode()
    chosen.refresh_from_db()
    assert chosen.status == "scheduled"


def test_list_begins_with_the_current_event_in_its_running_order(admin_client, time_machine):
    time_machine.move_to(NOW, tick=False)
    this = make_public_event()
    for name, days in (("Older News", -728), ("Old News", -364), ("To Come", 364)):
        make_set(make_event(name, date=SATURDAY + timedelta(days=days)), name)
    for name, start, end in (("Moth Choir", "22:00", "22:30"), ("The Harpoonist", "21:00", "21:30")):
        make_set(this, name, start, end)
    make_set(this, "Dog Ferry", None, None)

    listed = admin_client.get("/admin/schedule/performance/").context["cl"].result_list

    assert [str(each) for each in listed] == [
        *("The Harpoonist", "Moth Choir", "Dog Ferry"),
        *("To Come", "Old News", "Older News"),
    ]


@pytest.mark.parametrize(
    ("event", "board"),
    [("7", "/admin/schedule/event/7/board/"), ("٣", "/admin/schedule/event/now/board/")],
)
def test_list_leads_to_the_board_of_its_event(admin_client, event, board):
    page = admin_client.get("/admin/schedule/performance/", {"event__id__exact": event})

    assert (page.status_code, page.context["board"]) == (200, board)


# --- The form ----------------------------------------------------------------------------------


def test_form_has_the_slot_of_the_address_in_it_and_offers_the_events_nights(admin_client):
    event, venue = make_event(end_date=SUNDAY), make_venue()

    page = admin_client.get(f"/admin/schedule/performance/add/?event={event.pk}&night=2026-10-11&venue={venue.pk}")

    typed = form_in(page, "performance_form")
    assert {name: typed[name] for name in ("event", "night", "venue")} == {
        "event": [str(event.pk)],
        "night": ["2026-10-11"],
        "venue": [str(venue.pk)],
    }
    assert [value for value, _ in page.context["adminform"].form.fields["night"].widget.choices] == [
        "",
        "2026-10-10",
        "2026-10-11",
    ]


def test_form_of_a_new_set_begins_with_the_event_that_comes_next(admin_client, time_machine):
    time_machine.move_to(NOW, tick=False)
    make_event("Later Crawl", date=SATURDAY + timedelta(days=30))
    event = make_event()

    typed = form_in(admin_client.get("/admin/schedule/performance/add/"), "performance_form")

    assert (typed["event"], typed["night"]) == ([str(event.pk)], ["2026-10-10"])


@pytest.mark.parametrize("text", ["abc", "²", "٣", "9" * 40, "-1", "\0"])
@pytest.mark.parametrize("name", ["event", "venue", "band", "replaces"])
def test_form_leaves_out_what_no_row_of_the_address_is_called(admin_client, name, text):
    event = make_event()

    page = admin_client.get("/admin/schedule/performance/add/", {name: text})

    typed = form_in(page, "performance_form")
    assert {each: typed[each] for each in ("event", "venue", "band", "replaces")} == {
        "event": [str(event.pk)],
        "venue": [""],
        "band": [""],
        "replaces": [""],
    }


@pytest.mark.parametrize(
    ("night", "errors"),
    [
        ("9999-12-31", ["The year of 9999-12-31 cannot be right. Write a date such as 2026-02-15."]),
        ("0001-01-01", ["The year of 0001-01-01 cannot be right. Write a date such as 2026-02-15."]),
    ],
)
def test_night_that_cannot_be_is_refused(admin_client, night, errors):
    add = "/admin/schedule/performance/add/"
    make_event()
    typed = form_in(admin_client.get(add), "performance_form")

    page = admin_client.post(add, {**typed, "night": night, "starts": "20:00"})

    assert page.context["adminform"].form.errors == {"night": errors}
    assert Performance.objects.count() == 0


def test_next_set_begins_after_the_changeover_on_the_same_stage(admin_client):
    event, venue = make_event(changeover_minutes=10), make_venue(changeover_minutes=15)
    add = "/admin/schedule/performance/add/"
    typed = form_in(admin_client.get(f"{add}?event={event.pk}&venue={venue.pk}"), "performance_form")
    slot = {"band": make_band().pk, "night": "2026-10-10", "starts": "23:30", "ends": "24:10", "_addanother": "1"}

    answer = admin_client.post(add, {**typed, **slot})

    again = form_in(admin_client.get(answer["Location"]), "performance_form")
    assert {name: again[name] for name in ("event", "night", "venue", "starts", "ends", "band")} == {
        "event": [str(event.pk)],
        "night": ["2026-10-10"],
        "venue": [str(venue.pk)],
        "starts": ["00:25"],
        "ends": [""],
        "band": [""],
    }


@pytest.mark.parametrize(
    ("typed", "slot", "error"),
    [
        ({"starts": "20:50", "ends": "9:30"}, "Sat 10 Oct, 8:50 PM to 9:30 PM", ""),
        ({"starts": "00:10", "ends": ""}, "Sat 10 Oct, 12:10 AM (Sun), end open", ""),
        ({"starts": "8"}, "Sat 10 Oct, 8:00 PM, end open", ""),
        ({"starts": ""}, "", ""),
        ({"starts": "20:50", "night": ""}, "", ""),
        (
            {"starts": "20:50", "night": "9999-12-31"},
            "",
            "The year of 9999-12-31 cannot be right. Write a date such as 2026-02-15.",
        ),
        ({"starts": "late"}, "", "“late” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight."),
    ],
)
def test_times_are_echoed_while_they_are_typed(admin_client, typed, slot, error):
    event = make_event()
    events.set_doors(event, SATURDAY, wall(event, "18:00"), **MADE)
    asked = {"event": event.pk, "night": "2026-10-10", **typed}

    answer = admin_client.get("/admin/schedule/performance/echo/", asked).json()

    assert answer == {"nights": [["2026-10-10", "Saturday 10 October 2026"]], "slot": slot, "error": error}


def test_echo_knows_the_event_of_a_set_and_only_those_that_are_open(admin_client, client):
    performance = make_set(make_event())
    echo = "/admin/schedule/performance/echo/"

    of_set = admin_client.get(echo, {"set": performance.pk, "night": "2026-10-10", "starts": "20:00"}).json()
    sign_in(client, make_user("editor", make_event("Another Crawl")))
    foreign = [client.get(echo, asked).json() for asked in ({"set": performance.pk}, {"event": performance.event_id})]

    assert of_set["slot"] == "Sat 10 Oct, 8:00 PM, end open"
    assert foreign == [{"nights": [], "slot": "", "error": ""}] * 2
