"""An organizer's evening at the admin, in a browser, on a phone: from nothing to a published set that then moves."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.walking import sign_in
from tests.factories import make_admin, make_band, make_venue

pytestmark = pytest.mark.django_db(transaction=True)


def choose(page, field, text):
    """Pick from an autocomplete as a person does: open, type, take the first."""
    page.locator(f".field-{field} .select2-selection").click()
    page.locator(".select2-search__field").last.fill(text)
    page.locator(".select2-results__option", has_text=text).first.click()


def run_action(page, label):
    page.locator("input.action-select").first.check()
    page.get_by_label("Select action to run").select_option(label=label)
    page.get_by_role("button", name="Run").click()


def test_event_goes_from_draft_to_published_and_changes_are_seen_at_once(site, open_page):
    make_admin()
    make_band("$wamp A$$")
    make_venue("Prohibition Warehouse")
    page, fan = open_page(), open_page()
    sign_in(page, site, "ana@label.example")

    page.goto(f"{site}/admin/schedule/event/add/")
    page.locator("#id_name").fill("Band Crawl Vol. 19")
    page.locator("#id_date").fill("2027-02-14")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist .success")).to_contain_text("Band Crawl Vol. 19")

    page.goto(f"{site}/admin/schedule/performance/add/")
    choose(page, "event", "Band Crawl Vol. 19")
    choose(page, "band", "$wamp A$$")
    choose(page, "venue", "Prohibition Warehouse")
    page.locator("#id_night").select_option("2027-02-14")
    page.locator("#id_starts").fill("11:55 PM")
    page.locator("#id_ends").fill("12:25am")
    expect(page.locator(".set-echo")).to_contain_text("12:25 AM")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("$wamp A$$: Sun 14 Feb, 11:55 PM to 12:25 AM.")

    fan.goto(f"{site}/bands/")
    expect(fan.locator("main")).to_contain_text("No band is announced yet")

    page.goto(f"{site}/admin/schedule/event/")
    run_action(page, "Publish")
    expect(page.locator(".messagelist")).to_contain_text("1 published.")
    fan.goto(f"{site}/")
    fan.get_by_role("link", name=re.compile("Band Crawl Vol. 19")).click()
    expect(fan.locator("li.set")).to_contain_text("11:55")
    expect(fan.locator("li.set")).to_contain_text("to 12:25 AM · 30 min")

    page.goto(f"{site}/admin/schedule/performance/")
    page.get_by_role("link", name="$wamp A$$").click()
    page.locator("#id_starts").fill("24:05")
    page.locator("#id_ends").fill("24:35")
    expect(page.locator(".set-echo")).to_contain_text("12:35 AM")
    page.get_by_role("button", name="Save", exact=True).click()
    fan.reload()
    expect(fan.locator("li.set")).to_contain_text("12:05")
    expect(fan.locator("li.set")).to_contain_text("After midnight, still Sunday night")

    page.goto(f"{site}/admin/schedule/performance/")
    run_action(page, "Cancel (stays listed, struck through)…")
    page.get_by_role("button", name="Cancel (stays listed, struck through)").click()
    fan.reload()
    expect(fan.locator("li.set h3")).to_contain_text("Cancelled")
