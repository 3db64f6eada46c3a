"""An organizer makes an event, copies it, reads what it lacks, publishes and deletes it: on a phone and at a desk."""

import re

import pytest
from playwright.sync_api import expect

from schedule.models import Event
from tests.e2e.walking import STICKS_OUT, at_rest, faults_of, sign_in
from tests.factories import make_admin, make_band, make_set

pytestmark = pytest.mark.django_db(transaction=True)


# Of the frame around every page and of the theme's tables, which are looked at where they are made.
OF_THE_FRAME = {"region", "empty-table-header"}


def faults_here(page, *, but=""):
    page.evaluate("scrollTo(0, 0)")  # from under the bar at the foot of the screen
    return [fault for fault in faults_of(page) if isinstance(fault, str) or fault[1] not in {*OF_THE_FRAME, but}]


def button(page, name):
    """The button or the link that looks like one."""
    return page.locator("#content").get_by_text(name, exact=True).and_(page.locator(".st-button"))


@pytest.mark.parametrize("size", [(360, 740), (1280, 800)], ids=["phone", "desk"])
def test_event_lives(site, open_page, size):
    ana = make_admin()
    make_band("Moth Choir")
    page = open_page(*size)
    sign_in(page, site, ana.email, "/admin/schedule/event/add/")

    # Four fields make an event; its address is proposed while the name is typed.
    page.get_by_label("Name").press_sequentially("Harbour Street Crawl")
    page.get_by_label("First night").fill("2099-10-10")
    page.get_by_label("City").fill("Port Invented")
    expect(page.get_by_label("Address of the page")).to_have_value("harbour-street-crawl")
    assert faults_here(page) == []
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile("/admin/schedule/event/$"))
    at_rest(page)
    event = Event.objects.get()
    make_set(event, "Moth Choir")

    # The list leads to the next one like it: a date on the same day of the week stands there already.
    assert not page.evaluate(STICKS_OUT)
    page.get_by_role("link", name="Duplicate").click()
    expect(page.get_by_label("First night")).to_have_value("2100-10-09")
    assert faults_here(page) == []
    warning = page.locator("[data-warning]")
    expect(warning).to_be_hidden()
    page.get_by_label("First night").fill("2100-10-10")
    expect(warning).to_have_text("That is a Sunday; Harbour Street Crawl began on a Saturday.")
    page.get_by_label("First night").fill("2100-10-09")
    page.get_by_label("Name").fill("Harbour Street Crawl, next")
    button(page, "Duplicate").click()
    expect(page.get_by_text("is made, a draft with 1 set.")).to_be_visible()
    expect(page.locator(".st-status")).to_contain_text("Draft")
    assert faults_here(page, but="target-size") == []  # the bar that saves lies over a field, wherever one scrolls

    # What it lacks, each gap a way to its field.
    page.get_by_role("link", name="Readiness").click()
    expect(page.get_by_role("heading", name=re.compile(r"\d+ of \d+ checks are fine"))).to_be_visible()
    assert faults_here(page) == []
    page.get_by_role("link", name="There is no link to tickets.").click()
    expect(page.get_by_label("Ticket")).to_be_visible()
    page.get_by_role("link", name="Readiness").click()

    # Publishing says what it does before it does it.
    button(page, "Publish").click()
    expect(page.get_by_text("1 set will be public.")).to_be_visible()
    assert faults_here(page) == []
    button(page, "Publish").click()
    expect(page.get_by_text("is public now.")).to_be_visible()
    at_rest(page)
    assert list(Event.objects.order_by("date").values_list("name", "status")) == [
        ("Harbour Street Crawl", "draft"),
        ("Harbour Street Crawl, next", "published"),
    ]

    # Deleting asks for the name.
    page.goto(f"{site}/admin/schedule/event/{event.pk}/delete/")
    assert faults_here(page) == []
    page.get_by_label("To delete it, type its name").fill("Harbour")
    button(page, "Delete for good").click()
    expect(page.get_by_label("To delete it, type its name")).to_have_value("Harbour")
    page.get_by_label("To delete it, type its name").fill("harbour street crawl")
    button(page, "Delete for good").click()
    expect(page.get_by_text("Harbour Street Crawl is deleted.")).to_be_visible()


def test_colour_that_is_chosen_counts(site, open_page):
    ana = make_admin()
    page = open_page()
    sign_in(page, site, ana.email, "/admin/schedule/event/add/")

    page.get_by_role("heading", name="Links and colours").click()
    page.get_by_label("Accent colour").fill("#336699")
    expect(page.get_by_label("Accent as on the site")).not_to_be_checked()
    assert faults_here(page) == []
