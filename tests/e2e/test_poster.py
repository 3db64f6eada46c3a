"""Pasting a poster in a browser, on a phone and on a desk: read, correct one row in place, import."""

import json

import pytest
from playwright.sync_api import expect

from schedule.models import Performance
from schedule.nights import wall_text
from tests.e2e.walking import at_rest, faults_of, sign_in
from tests.factories import make_admin, make_band, make_event, make_venue
from tests.schedule.test_lineup_files import LINEUPS

pytestmark = pytest.mark.django_db(transaction=True)

PHONE, DESK = (360, 740), (1280, 800)
FACTS = json.loads((LINEUPS / "lwbc-vol-15-2026-02-15.json").read_text(encoding="utf-8"))


def flyer():
    """The running order as somebody would print it: by venue, times of twelve hours without AM and PM."""
    lines = ["LONG WEEKEND BAND CRAWL – VOL. 15", "Sunday, February 15", ""]
    for venue in FACTS["venues"]:
        lines.append("ROOM 47" if venue["name"] == "Room 47" else f"@ {venue['name']}")
        sets = [each for each in FACTS["performances"] if each["venue"] == venue["name"]]
        for each in sorted(sets, key=lambda each: each["start_time"]):
            hour, minute = each["start_time"].split(":")
            lines.append(f"{int(hour) % 12}:{minute} {each['band']}")
        lines.append("")
    return "\n".join(lines)


def sets_of(event):
    sets = Performance.objects.filter(event=event).select_related("band", "venue")
    return sorted((p.venue.name, p.band.name, wall_text(p.starts_at, event.zone)) for p in sets)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_flyer_is_pasted_corrected_and_imported(site, open_page, size):
    event = make_event("Long Weekend Band Crawl – Vol. 15", date="2026-02-15")
    make_admin()
    make_band("Witchrot")
    make_venue("Room 47")
    page = open_page(*size)
    sign_in(page, site, "ana@label.example", onward=f"/admin/schedule/event/{event.pk}/poster/")
    assert faults_of(page) == []

    page.get_by_label("The line-up as text").fill(flyer())
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_role("heading", name="14 sets understood")).to_be_visible()
    expect(page.get_by_text("+ 3 new venues")).to_be_visible()
    assert faults_of(page) == []

    doubtful = page.get_by_label("Start, line 5: 7:35 Space Pope")
    expect(doubtful).to_have_value("7:35 PM")
    doubtful.fill("19h40")
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("Sun 15 Feb, 7:40 PM")).to_be_visible()
    expect(page.get_by_text("13 doubtful")).to_be_visible()

    box = page.get_by_role("checkbox", name="Import line 5: 7:35 Space Pope")
    box.uncheck()
    expect(page.get_by_role("button", name="Import 13 sets")).to_be_visible()
    box.check()
    page.get_by_role("button", name="Import 14 sets").click()

    expect(page.locator(".messagelist")).to_contain_text("Imported: 14 sets are new")
    at_rest(page)
    expected = {(each["venue"], each["band"], each["start_time"]) for each in FACTS["performances"]}
    expected = expected - {("Room 47", "Space Pope", "19:35")} | {("Room 47", "Space Pope", "19:40")}
    assert sets_of(event) == sorted(expected)


def test_file_can_be_dropped_on_the_page(site, open_page, tmp_path):
    event = make_event()
    make_admin()
    page = open_page(*DESK)
    sign_in(page, site, "ana@label.example", onward=f"/admin/schedule/event/{event.pk}/poster/")

    page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["8pm Witchrot"], "flyer.txt", { type: "text/plain" }));
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }"""
    )
    page.get_by_role("button", name="Look it over").click()

    expect(page.get_by_role("heading", name="1 set understood")).to_be_visible()
