"""The public pages in a browser: nothing sticks out, nothing complains, nobody is left out."""

import pytest
from django.utils import timezone

from schedule.demo import build_demo
from tests.e2e.walking import faults_of

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    "/",
    "/events/harbour-crawl-tonight/",
    "/events/harbour-crawl-next-season/",
    "/bands/",
    "/bands/the-harpoonist/",
    "/venues/customs-house/",
)


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize(("width", "height"), [(320, 640), (360, 740), (1280, 800)])
def test_pages_fit_and_are_accessible(live_server, open_page, scheme, width, height):
    build_demo(now=timezone.now())
    page = open_page(width, height, scheme)

    faults = {}
    for address in PAGES:
        page.goto(live_server.url + address)
        if found := faults_of(page, [scheme]):
            faults[address] = found

    assert faults == {}


def test_running_sets_are_on_top_and_lead_to_their_place(live_server, open_page):
    build_demo(now=timezone.now())
    page = open_page()
    page.goto(live_server.url)

    page.get_by_role("link", name="Harbour Street Crawl", exact=False).first.click()
    page.locator(".card.on", has_text="The Harpoonist").click()

    assert "playing now" in page.locator(".card.on", has_text="The Harpoonist").inner_text()
    assert page.locator(".set:target h3").inner_text() == "The Harpoonist"
