"""Announcing, an ending and a preview, as an organizer does them on a phone and at a desk, and what fans then see."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from schedule import publishing
from tests.e2e.walking import faults_of, sign_in
from tests.factories import make_admin, make_band, make_event, make_public_event, make_set

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = [(360, 740), (1280, 800)]
MADE = {"by": None, "now": timezone.now()}


def faults_in(page):
    """The faults of a page, without those of the frame that all pages of the admin have."""
    return [each for each in faults_of(page) if ".st-topbar" not in str(each)]


def choose_band(page, text):
    page.locator(".select2-selection").click()
    page.locator(".select2-search__field").last.fill(text)
    page.locator(".select2-results__option", has_text=text).first.click()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_set_is_announced_and_everybody_sees_it(site, open_page, width, height):
    make_admin()
    event = make_public_event(reveal_mode=True)
    make_set(event)
    make_set(event, "Moth Choir", "21:00", "21:30")
    page, fan = open_page(width, height), open_page(360, 740)
    fan.goto(f"{site}{event.get_absolute_url()}")
    expect(fan.locator("main")).to_contain_text("still to be announced")
    sign_in(page, site, "ana@label.example")

    page.goto(f"{site}/admin/schedule/event/{event.pk}/announcements/")
    assert faults_in(page) == []
    page.get_by_label("Choose Moth Choir").check()
    page.get_by_role("button", name="Announce now…").click()
    expect(page.locator(".st-card")).to_contain_text("Moth Choir")
    assert faults_in(page) == []
    page.get_by_role("button", name="Announce it now").click()
    expect(page.locator(".messagelist")).to_contain_text("1 set announced.")

    fan.reload()
    expect(fan.locator("li.set h3")).to_have_text("Moth Choir")

    page.get_by_label("Choose The Harpoonist").check()
    page.get_by_role("button", name="Announce at…").click()
    tomorrow = timezone.now().astimezone(event.zone).date() + timedelta(days=1)
    page.get_by_label("Date").fill(tomorrow.isoformat())
    page.get_by_label("Time", exact=True).fill("18:00")
    assert faults_in(page) == []
    page.get_by_role("button", name="Announce then").click()
    expect(page.locator(".an-waits")).to_contain_text("6:00 PM")
    fan.reload()
    expect(fan.locator("li.set")).to_have_count(1)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_set_is_replaced_and_fans_read_by_whom(site, open_page, width, height):
    make_admin()
    event = make_public_event()
    performance = make_set(event, "Dog Ferry")
    make_band("Moth Choir")
    page, fan = open_page(width, height), open_page(360, 740)
    sign_in(page, site, "ana@label.example")

    page.goto(f"{site}/admin/schedule/performance/{performance.pk}/endings/")
    assert faults_in(page) == []
    page.get_by_role("link", name="Replace…").click()
    choose_band(page, "Moth Choir")
    page.get_by_label("Reason").fill("The ferry is late.")
    assert faults_in(page) == []
    page.get_by_role("button", name="Replace the set").click()
    expect(page.locator(".messagelist")).to_contain_text("Moth Choir replaces Dog Ferry.")

    fan.goto(f"{site}{event.get_absolute_url()}")
    expect(fan.locator("li.set.off")).to_contain_text("Cancelled")
    expect(fan.locator("li.set.off")).to_contain_text("Moth Choir plays instead")
    expect(fan.locator("li.set:not(.off)")).to_contain_text("Replaces Dog Ferry")
    assert "The ferry is late." not in fan.content()
    assert faults_in(fan) == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_draft_is_looked_at_as_of_saturday_night_shared_and_published(site, open_page, width, height):
    make_admin()
    event = make_event(reveal_mode=True)
    make_set(event, "Moth Choir", "23:30", "24:15", is_announced=True)
    page, guest = open_page(width, height, refusals=(404,)), open_page(width, height, refusals=(404,))
    sign_in(page, site, "ana@label.example")

    page.goto(f"{site}/admin/schedule/event/{event.pk}/preview/")
    if width < 641:
        expect(page.get_by_text("Times worth a look")).to_be_hidden()
        page.get_by_text("Change what is shown").click()
    page.get_by_text("Times worth a look").click()
    page.get_by_role("link", name="Saturday 23:50").click()
    expect(page.locator(".preview .strip")).to_contain_text("Preview: not public yet")
    expect(page.locator(".preview .strip")).to_contain_text("as of Sat 10 Oct, 11:50 PM")
    expect(page.locator(".card.on")).to_contain_text("Moth Choir")
    assert faults_in(page) == []

    page.get_by_role("link", name="Make a link").click()
    page.get_by_label("1 day").check()
    assert faults_in(page) == []
    page.get_by_role("button", name="Make the link").click()
    address = page.get_by_label("Link to the preview").input_value()
    assert faults_in(page) == []
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()

    guest.goto(f"{site}{event.get_absolute_url()}")
    expect(guest.locator("main")).to_contain_text("not")
    guest.goto(address)
    expect(guest.locator(".preview .strip")).to_contain_text("expires")
    expect(guest.locator("li.set h3")).to_have_text("Moth Choir")
    assert guest.context.cookies() == []
    assert faults_in(guest) == []

    publishing.publish_event(event, **MADE)
    guest.goto(f"{site}{event.get_absolute_url()}")
    expect(guest.locator("li.set h3")).to_have_text("Moth Choir")
    expect(guest.locator(".preview")).to_have_count(0)
