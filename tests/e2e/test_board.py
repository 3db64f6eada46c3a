"""The running-order board in a browser: by mouse, finger, buttons and keyboard, on a desk and on a phone."""

import re
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import expect

from schedule import lineup
from schedule.models import Performance
from tests.admin_pages import sign_in
from tests.e2e.walking import AT_REST, at_rest, faults_of
from tests.factories import NOW, SATURDAY, make_event, make_public_event, make_set, make_user, wall

pytestmark = pytest.mark.django_db(transaction=True)

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def make_night(event):
    """Two rooms: Witchrot and Kelly Spears at Room 47, Birdhand at the Warehouse, AAWKS across midnight."""
    return [
        make_set(event, band, start, end, venue=venue)
        for band, start, end, venue in [
            ("Witchrot", "20:00", "20:30", "Room 47"),
            ("Kelly Spears", "21:00", "21:45", "Room 47"),
            ("Birdhand", "20:15", "20:45", "Warehouse"),
            ("AAWKS", "23:45", "24:30", "Warehouse"),
        ]
    ]


def board_of(event):
    return f"/admin/schedule/event/{event.pk}/board/?night={SATURDAY}"


def open_board(open_page, site, event, user, size=DESK, **options):
    """The board of an event, open for somebody who is signed in."""
    client = Client()
    sign_in(client, user)
    page = open_page(**size, **options)
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
    page.goto(site + board_of(event))
    page.locator("#board").wait_for(state="attached")
    page.evaluate(AT_REST)
    return page


def card(page, title):
    return page.locator(".board-card", has=page.locator(".board-title", has_text=re.compile(f"^{re.escape(title)}$")))


def press(page, name):
    """Press a button of the bar; on a phone some lie behind "More"."""
    button = page.locator("[data-bar]").get_by_role("button", name=name, exact=True)
    if not button.is_visible():
        page.get_by_role("button", name="More", exact=True).click()
    button.click()


def review(page):
    press(page, "Review and save")
    return page.get_by_role("dialog", name="Review and save")


def save(page):
    dialog = review(page)
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_be_hidden()
    at_rest(page)


def plan_of(event):
    """What the database says: room, start and end of every set, as clocks in Toronto show them."""
    zone = event.zone
    return {
        each.title: (
            str(each.venue or ""),
            f"{each.starts_at.astimezone(zone):%H:%M}" if each.starts_at else "",
            f"{each.ends_at.astimezone(zone):%H:%M}" if each.ends_at else "",
        )
        for each in Performance.objects.filter(event=event).select_related("venue", "band")
    }


PLAN = {
    "Witchrot": ("Room 47", "20:00", "20:30"),
    "Kelly Spears": ("Room 47", "21:00", "21:45"),
    "Birdhand": ("Warehouse", "20:15", "20:45"),
    "AAWKS": ("Warehouse", "23:45", "00:30"),
}


# --- Buttons ------------------------------------------------------------------------------------


@SIZES
def test_two_sets_are_swapped_by_buttons_and_saved(site, open_page, size):
    event = make_event()
    make_night(event)
    page = open_board(open_page, site, event, make_user("editor"), size)

    card(page, "Witchrot").click()
    if size is PHONE:
        page.get_by_role("button", name="Select several").click()
    card(page, "Kelly Spears").click(modifiers=[] if size is PHONE else ["Shift"])
    press(page, "Swap the two")
    expect(page.locator("[data-warnings]")).to_be_hidden()
    dialog = review(page)
    expect(dialog.locator(".board-sentences li")).to_have_text(["Witchrot and Kelly Spears swap places."])
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-notices]")).to_contain_text("Saved.")

    assert plan_of(event) == {
        **PLAN,
        "Witchrot": ("Room 47", "21:00", "21:30"),
        "Kelly Spears": ("Room 47", "20:00", "20:45"),
    }


@SIZES
def test_a_whole_venue_is_shifted_by_a_quarter_of_an_hour(site, open_page, size):
    event = make_event()
    make_night(event)
    page = open_board(open_page, site, event, make_user("editor"), size)

    page.get_by_role("button", name="Select all sets at Room 47").click()
    press(page, "+15 min")
    expect(card(page, "Witchrot")).to_contain_text("8:15 to 8:45 PM")
    save(page)

    assert plan_of(event) == {
        **PLAN,
        "Witchrot": ("Room 47", "20:15", "20:45"),
        "Kelly Spears": ("Room 47", "21:15", "22:00"),
    }


@SIZES
def test_room_start_and_length_are_set_by_hand(site, open_page, size):
    event = make_event()
    make_night(event)
    make_set(event, "Late Arrivals", None, None, venue=None)
    page = open_board(open_page, site, event, make_user("editor"), size)

    if size is PHONE:
        page.locator(".board-tray summary").click()
    card(page, "Late Arrivals").click()
    if size is PHONE:
        page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("combobox", name="Venue", exact=True).select_option(label="Room 47")
    page.get_by_role("button", name="Move there").click()
    page.get_by_label("Start", exact=True).fill("00:15")
    page.get_by_role("button", name="Start then").click()
    page.get_by_label("Minutes long").fill("20")
    page.get_by_role("button", name="Set the length").click()
    expect(card(page, "Late Arrivals")).to_contain_text("12:15 to 12:35 AM")
    save(page)

    assert plan_of(event) == {**PLAN, "Late Arrivals": ("Room 47", "00:15", "00:35")}


def test_a_set_is_cancelled_with_a_reason_and_the_save_is_undone_after_a_reload(site, open_page):
    event = make_public_event()
    witchrot = make_night(event)[0]
    page = open_board(open_page, site, event, make_user("editor"))

    card(page, "Witchrot").click()
    press(page, "Cancel the set")
    page.get_by_label(re.compile("^Reason")).fill("Broken van")
    page.get_by_role("dialog").get_by_role("button", name="Cancel the set").click()
    expect(card(page, "Witchrot")).to_contain_text("Cancelled")
    save(page)
    witchrot.refresh_from_db()
    assert witchrot.status == "cancelled"
    assert "Broken van" in set(event.changes.values_list("reason", flat=True))

    page.reload()
    page.get_by_role("button", name="Undo this save").click()
    expect(card(page, "Witchrot")).not_to_contain_text("Cancelled")
    witchrot.refresh_from_db()
    assert witchrot.status == "scheduled"


def test_conflicts_are_said_at_once_and_undo_takes_a_step_back(site, open_page):
    event = make_event(changeover_minutes=15)
    make_night(event)
    page = open_board(open_page, site, event, make_user("editor"))

    card(page, "Witchrot").click()
    for _ in range(3):
        press(page, "+15 min")
    expect(card(page, "Witchrot")).to_have_accessible_name(re.compile("Overlaps Kelly Spears by 15 min"))
    expect(page.locator("[data-warnings] summary")).to_have_text("2 sets to look at")
    press(page, "Undo")
    expect(card(page, "Kelly Spears")).to_have_accessible_name(re.compile("Changeover 0 of 15 min"))
    press(page, "Undo")
    expect(page.locator("[data-warnings]")).to_be_hidden()
    press(page, "Redo")
    expect(card(page, "Witchrot")).to_contain_text("8:30 to 9:00 PM")
    press(page, "Discard")

    expect(card(page, "Witchrot")).to_contain_text("8:00 to 8:30 PM")
    expect(page.locator("[data-state]")).to_have_text("Everything is saved")


def test_what_is_not_saved_survives_a_reload(site, open_page):
    event = make_event()
    make_night(event)
    page = open_board(open_page, site, event, make_user("editor"))
    page.on("dialog", lambda dialog: dialog.accept())

    card(page, "Witchrot").click()
    press(page, "+5 min")
    page.reload()
    expect(card(page, "Witchrot")).to_contain_text("8:05 to 8:35 PM")
    save(page)
    page.reload()
    expect(page.locator("[data-notices] .st-note")).to_have_count(0)

    assert plan_of(event)["Witchrot"] == ("Room 47", "20:05", "20:35")


# --- Mouse, finger, keyboard --------------------------------------------------------------------


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def column(page, title):
    return page.locator(f".board-column[aria-label='{title}']")


def test_a_set_is_dragged_to_another_venue_with_the_mouse(site, open_page):
    event = make_event()
    make_night(event)
    page = open_board(open_page, site, event, make_user("editor"))
    x, y = middle(card(page, "Witchrot"))
    target = column(page, "Warehouse").bounding_box()

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y, steps=3)
    page.mouse.move(target["x"] + 60, y + 31, steps=8)  # 15 min at 2 px a minute, and a bit
    expect(page.locator("[data-ghost]")).to_contain_text("8:15 to 8:45 PM · Warehouse")
    expect(page.locator("[data-ghost]")).to_contain_text("Overlaps Birdhand by 30 min")
    page.mouse.up()
    expect(column(page, "Warehouse").locator(".board-card")).to_have_count(3)
    save(page)

    assert plan_of(event) == {**PLAN, "Witchrot": ("Warehouse", "20:15", "20:45")}


def test_escape_lets_go_and_the_tray_takes_a_set_off_the_board(site, open_page):
    event = make_event()
    make_night(event)
    page = open_board(open_page, site, event, make_user("editor"))
    x, y = middle(card(page, "Witchrot"))

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 60, steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator("[data-state]")).to_have_text("Everything is saved")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*middle(page.locator(".board-tray")), steps=6)
    page.mouse.up()
    expect(page.locator("[data-tray]")).to_contain_text("Witchrot")
    save(page)

    assert plan_of(event) == {**PLAN, "Witchrot": ("", "", "")}


def test_a_set_is_stretched_by_its_lower_edge(site, open_page):
    event = make_event()
    make_night(event)
    page = open_board(open_page, site, event, make_user("editor"))
    box = card(page, "Witchrot").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] - 4

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 40, steps=6)
    page.mouse.up()
    expect(card(page, "Witchrot")).to_contain_text("8:00 to 8:50 PM")
    save(page)

    assert plan_of(event) == {**PLAN, "Witchrot": ("Room 47", "20:00", "20:50")}


class Finger:
    """One finger on the glass."""

    def __init__(self, page):
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def send(self, kind, *points):
        touches = [{"x": x, "y": y} for x, y in points]
        self.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_a_long_press_picks_a_set_up_and_a_swipe_does_not(site, open_page):
    event = make_event()
    make_night(event)
    page = open_board(open_page, site, event, make_user("editor"), PHONE)
    finger = Finger(page)
    card(page, "Witchrot").scroll_into_view_if_needed()
    x, y = middle(card(page, "Witchrot"))

    finger.send("touchStart", (x, y))
    finger.send("touchMove", (x, y - 60))
    page.wait_for_timeout(400)
    expect(page.locator("[data-ghost]")).to_be_hidden()
    finger.send("touchEnd")
    page.wait_for_timeout(400)

    x, y = middle(card(page, "Witchrot"))
    finger.send("touchStart", (x, y))
    expect(page.locator("[data-ghost]")).to_be_visible()
    for step in range(1, 7):
        finger.send("touchMove", (x, y + 5 * step))
    expect(page.locator("[data-ghost]")).to_contain_text("8:15 to 8:45 PM · Room 47")
    finger.send("touchEnd")
    expect(card(page, "Witchrot")).to_contain_text("8:15 to 8:45 PM")
    save(page)

    assert plan_of(event) == {**PLAN, "Witchrot": ("Room 47", "20:15", "20:45")}


def test_the_keyboard_alone_moves_a_set_and_saves_it(site, open_page):
    event = make_event()
    make_night(event)
    page = open_board(open_page, site, event, make_user("editor"))
    keys = page.keyboard

    page.locator("[data-scroller]").focus()
    while not page.evaluate("document.activeElement.matches('.board-card')"):
        keys.press("Tab")
    expect(card(page, "Witchrot")).to_be_focused()
    keys.press("ArrowDown")
    expect(card(page, "Kelly Spears")).to_be_focused()
    keys.press("Space")
    keys.press("ArrowDown")
    keys.press("ArrowRight")
    keys.press("Shift+ArrowUp")
    expect(card(page, "Kelly Spears")).to_be_focused()
    expect(page.locator("[data-live]")).to_have_text("Kelly Spears, Warehouse, 9:05 to 9:45 PM, 40 min")
    keys.press("ArrowUp")
    keys.press("Control+z")
    while not page.evaluate("document.activeElement.matches('[data-act=review]')"):
        keys.press("Tab")
    keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Review and save")
    expect(dialog).to_be_visible()
    while not page.evaluate("document.activeElement.matches('[data-save]')"):
        keys.press("Tab")
    keys.press("Enter")
    expect(page.locator("[data-notices]")).to_contain_text("Saved.")

    assert plan_of(event) == {**PLAN, "Kelly Spears": ("Warehouse", "21:05", "21:45")}


# --- Together -----------------------------------------------------------------------------------


def move_in_database(performance, text, *, by=None):
    performance.refresh_from_db()
    start = wall(performance.event, text)
    times = {"starts_at": start, "ends_at": start + timedelta(minutes=30)}
    lineup.change_set(performance, **times, by=by, now=NOW)


def look_again(page):
    """As when somebody comes back to the window."""
    at_rest(page)
    page.evaluate("dispatchEvent(new Event('focus'))")


@pytest.mark.parametrize(
    ("choice", "kept"), [("Keep mine", ("Room 47", "20:05", "20:35")), ("Take theirs", ("Room 47", "19:00", "19:30"))]
)
def test_who_comes_second_sees_both_versions_and_chooses(site, open_page, choice, kept):
    event = make_event()
    witchrot = make_night(event)[0]
    page = open_board(open_page, site, event, make_user("editor"), refusals=[409])

    card(page, "Witchrot").click()
    press(page, "+5 min")
    page.get_by_role("button", name="Select all sets at Warehouse").click()
    press(page, "+5 min")
    dialog = review(page)
    expect(dialog).to_contain_text("All 2 sets at Warehouse start 5 minutes later.")
    at_rest(page)
    move_in_database(witchrot, "19:00", by=make_user("editor", email="bea@label.example", first_name="Bea"))
    dialog.get_by_role("button", name="Save", exact=True).click()

    versions = dialog.get_by_role("group", name="Witchrot")
    expect(versions).to_contain_text("8:05")
    expect(versions).to_contain_text("7:00")
    expect(versions).to_contain_text("Bea")
    expect(dialog.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    assert plan_of(event) == {**PLAN, "Witchrot": ("Room 47", "19:00", "19:30")}
    assert faults_of(page) == []

    versions.get_by_role("button", name=choice).click()
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_be_hidden()
    at_rest(page)
    assert plan_of(event) == {
        **PLAN,
        "Witchrot": kept,
        "Birdhand": ("Warehouse", "20:20", "20:50"),
        "AAWKS": ("Warehouse", "23:50", "00:35"),
    }


def test_mine_is_kept_over_the_version_that_was_shown_and_over_no_later_one(site, open_page):
    event = make_event()
    witchrot = make_night(event)[0]
    page = open_board(open_page, site, event, make_user("editor"), refusals=[409])
    card(page, "Witchrot").click()
    press(page, "+5 min")
    at_rest(page)
    move_in_database(witchrot, "19:00")
    dialog = review(page)
    versions, send = dialog.get_by_role("group", name="Witchrot"), dialog.get_by_role("button", name="Save", exact=True)
    expect(versions).to_contain_text("7:00")
    versions.get_by_role("button", name="Keep mine").click()
    move_in_database(witchrot, "19:30")

    send.click()
    expect(versions).to_contain_text("7:30")
    expect(send).to_be_disabled()
    assert plan_of(event)["Witchrot"] == ("Room 47", "19:30", "20:00")

    versions.get_by_role("button", name="Keep mine").click()
    send.click()
    expect(dialog).to_be_hidden()
    at_rest(page)
    assert plan_of(event)["Witchrot"] == ("Room 47", "20:05", "20:35")


def test_a_postponed_set_is_cancelled_and_a_step_not_saved_is_taken_back(site, open_page):
    event = make_public_event()
    witchrot = make_night(event)[0]
    lineup.postpone_set(witchrot, by=None, now=NOW)
    page = open_board(open_page, site, event, make_user("editor"))
    steps = page.locator("[data-step]:visible")
    offered = ["Take back the announcement", "Restore", "Cancel the set", "Withdraw"]

    card(page, "Witchrot").click()
    expect(steps).to_have_text(offered)
    press(page, "Cancel the set")
    page.get_by_role("dialog").get_by_role("button", name="Cancel the set").click()
    expect(card(page, "Witchrot")).to_contain_text("Cancelled")
    expect(steps).to_have_text(["Take back the announcement", "Restore", "Postpone", "Withdraw"])
    press(page, "Postpone")
    page.get_by_role("dialog").get_by_role("button", name="Postpone").click()
    expect(card(page, "Witchrot")).to_contain_text("Postponed")
    expect(steps).to_have_text(offered)
    press(page, "Cancel the set")
    page.get_by_role("dialog").get_by_role("button", name="Cancel the set").click()
    save(page)

    witchrot.refresh_from_db()
    assert witchrot.status == Performance.Status.CANCELLED


def test_what_others_do_arrives_by_itself_and_what_was_touched_here_is_marked(site, open_page):
    event = make_event()
    witchrot, kelly, *_ = make_night(event)
    page = open_board(open_page, site, event, make_user("editor"))

    card(page, "Witchrot").click()
    press(page, "+5 min")
    at_rest(page)
    move_in_database(witchrot, "19:00")
    move_in_database(kelly, "22:00")
    look_again(page)

    expect(card(page, "Kelly Spears")).to_contain_text("10:00 to 10:30 PM")
    expect(page.locator("[data-notices]")).to_contain_text(
        "Somebody else changed Kelly Spears, Room 47, 10:00 to 10:30"
    )
    expect(card(page, "Witchrot")).to_contain_text("8:05 to 8:35 PM")
    expect(card(page, "Witchrot")).to_have_accessible_name(re.compile("Changed by somebody else"))


def test_nothing_is_lost_when_the_session_has_ended(site, open_page):
    event = make_event()
    make_night(event)
    editor = make_user("editor")
    page = open_board(open_page, site, event, editor, refusals=[403])
    cookies = page.context.cookies()

    card(page, "Witchrot").click()
    press(page, "+5 min")
    page.context.clear_cookies()
    press(page, "Review and save")
    expect(page.locator("[data-notices]")).to_contain_text("Sign in again in another tab")
    page.context.add_cookies([{**each, "value": each["value"]} for each in cookies if "csrf" not in each["name"]])
    save(page)

    assert plan_of(event)["Witchrot"] == ("Room 47", "20:05", "20:35")


# --- For everybody ------------------------------------------------------------------------------


@SIZES
def test_a_viewer_sees_the_board_and_no_way_to_change_it(site, open_page, size):
    event = make_event()
    make_night(event)
    page = open_board(open_page, site, event, make_user("viewer"), size)

    card(page, "Witchrot").click()

    expect(card(page, "AAWKS")).to_have_count(1)
    assert page.locator("[data-bar], dialog.board-dialog, .board-stretch, [data-all]").count() == 0
    assert faults_of(page) == []


@SIZES
def test_the_board_leaves_nobody_out(site, open_page, size):
    event = make_event(changeover_minutes=20)
    make_night(event)
    make_set(event, "Five Minutes", "20:25", "20:30", venue="Room 47")
    make_set(event, "Late Arrivals", None, None, venue=None)
    page = open_board(open_page, site, event, make_user("editor"), size)

    assert faults_of(page) == []
    page.locator("[data-warnings] summary").click()
    card(page, "Five Minutes").click()
    if size is PHONE:
        page.get_by_role("button", name="More", exact=True).click()
    assert faults_of(page) == []
    press(page, "+15 min")
    review(page)
    assert faults_of(page) == []
    page.get_by_role("button", name="Back to the board").last.click()
    page.get_by_role("button", name="List", exact=True).click()
    assert faults_of(page) == []
    page.reload()
    expect(page.get_by_role("button", name="List", exact=True)).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_phone_shows_the_first_card_at_once_and_folds_the_rest(site, open_page, language):
    event = make_event()
    make_night(event)
    make_set(event, "Five Minutes", "20:25", "20:30", venue="Room 47")
    for band in ("Late Arrivals", "Dog Ferry"):
        make_set(event, band, None, None, venue=None)
    page = open_board(open_page, site, event, make_user("editor", language=language), PHONE)
    at_rest(page)

    first, thumb = card(page, "Witchrot").bounding_box(), page.locator(".st-thumb").bounding_box()
    assert first["y"] + first["height"] <= thumb["y"]
    expect(page.locator(".board-tray summary")).to_contain_text("2")
    expect(card(page, "Late Arrivals")).to_be_hidden()

    page.locator(".board-tray summary").click()
    page.locator(".board-zoom summary").click()
    expect(card(page, "Late Arrivals")).to_be_visible()
    expect(page.locator("[data-zoom]").last).to_be_in_viewport()
    assert faults_of(page) == []


def test_a_phone_shows_one_room_at_a_time_and_keeps_the_chosen_card_in_sight(site, open_page):
    event = make_event()
    make_night(event)
    page = open_board(open_page, site, event, make_user("editor"), PHONE)

    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator("[data-switcher] [aria-current]")).to_have_text("B")
    card(page, "AAWKS").click()
    page.wait_for_timeout(700)  # until it has scrolled

    sheet, chosen = page.locator("[data-bar]").bounding_box(), card(page, "AAWKS").bounding_box()
    assert chosen["y"] + chosen["height"] <= sheet["y"]
    assert sheet["y"] + sheet["height"] <= page.locator(".st-thumb").bounding_box()["y"] + 1


def test_a_night_without_sets_says_what_to_do(site, open_page):
    event = make_event()
    page = open_board(open_page, site, event, make_user("editor"))

    expect(page.locator("[data-empty]")).to_contain_text("No set is on this night yet.")
    expect(page.get_by_role("link", name="Add a set")).to_be_visible()


# --- The rules, which are plain functions -------------------------------------------------------

FIND = """async (cases) => {
  const { findWarnings } = await import('/static/js/board/rules.js');
  const row = ([id, start, end, more]) => (
    { id, title: `Set ${id}`, band: id, kind: 'set', status: 'scheduled', venue: 1, start, end, ...more });
  return cases.map(({ rows, foreign = [], venue }) => findWarnings({
    rows: rows.map(row), foreign, defaultMinutes: 30,
    venues: [{ id: 1, changeover: 0, opens: null, curfew: null, ...venue }],
  }).map(({ kind, id, minutes, at }) => [kind, id, minutes ?? at ?? null]));
}"""
OVERLAP = [["overlap", 1, 5], ["overlap", 2, 5]]
ELSEWHERE = {"title": "Other", "venue": 1, "band": None, "start": 25, "end": 60}
FOUND = [
    ({"rows": [[1, 0, 30], [2, 30, 60]]}, []),
    ({"rows": [[1, 0, 30], [2, 25, 60]]}, OVERLAP),
    ({"rows": [[1, 0, None], [2, 25, 60]]}, []),
    ({"rows": [[1, 0, None], [2, 0, 5]]}, OVERLAP),
    ({"rows": [[1, 0, 30], [2, 25, 60, {"status": "cancelled"}]]}, []),
    ({"rows": [[1, 0, 30], [2, 25, 60, {"status": "postponed"}]]}, []),
    ({"rows": [[1, 0, 30], [2, 25, 60, {"kind": "placeholder"}]]}, []),
    ({"rows": [[1, 0, 30], [2, 25, 60, {"kind": "activity"}]]}, OVERLAP),
    ({"rows": [[1, 0, 30], [2, 25, 60, {"venue": None}]]}, []),
    ({"rows": [[1, 0, 30], [2, 40, 60]], "venue": {"changeover": 10}}, []),
    ({"rows": [[1, 0, 30], [2, 39, 60]], "venue": {"changeover": 10}}, [["changeover", 2, 9]]),
    ({"rows": [[1, 0, None], [2, 30, 60]], "venue": {"changeover": 10}}, []),
    ({"rows": [[1, 10, 30]], "venue": {"opens": 10, "curfew": 30}}, []),
    ({"rows": [[1, 10, 30]], "venue": {"opens": 11, "curfew": 30}}, [["doors", 1, 11]]),
    ({"rows": [[1, 10, 30]], "venue": {"opens": 10, "curfew": 29}}, [["curfew", 1, 29]]),
    ({"rows": [[1, 0, 30], [2, 30, 60, {"band": 1, "venue": None}]]}, []),
    ({"rows": [[1, 0, 30], [2, 29, 60, {"band": 1, "venue": None}]]}, [["twice", 1, None], ["twice", 2, None]]),
    ({"rows": [[1, 0, 30]], "foreign": [ELSEWHERE]}, [["overlap", 1, 5]]),
]


def test_conflicts_are_found_on_either_side_of_every_boundary(site, open_page):
    page = open_page(refusals=[404])
    page.goto(f"{site}/no-such-page/")

    assert page.evaluate(FIND, [case for case, _ in FOUND]) == [expected for _, expected in FOUND]
