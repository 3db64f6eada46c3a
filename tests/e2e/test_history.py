"""What happened to a set, read and undone on a phone; and two people who have the same row open."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from bands.library import find_genre
from schedule.models import Performance
from tests.e2e.walking import AT_REST, STICKS_OUT, WCAG, sign_in
from tests.factories import MADE, make_admin, make_band, make_event, make_set, make_user, make_venue

pytestmark = pytest.mark.django_db(transaction=True)


def save(page):
    page.get_by_role("button", name="Save", exact=True).click()


def faults_in(page, part):
    """What is wrong with a part of the page, in both colour schemes, and whether the page sticks out."""
    faults = ["sticks out sideways"] if page.evaluate(STICKS_OUT) else []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(AT_REST)
        violations = Axe().run(page, context=part, options=WCAG).response["violations"]
        faults += [(scheme, each["id"], [node["target"] for node in each["nodes"]]) for each in violations]
    return faults


def test_set_that_was_changed_twice_is_brought_back_to_its_first_state(site, open_page):
    make_admin()
    make_venue("Room 47")
    performance = make_set(make_event(), "The Harpoonist")
    page = open_page()
    form = f"{site}/admin/schedule/performance/{performance.pk}/change/"
    sign_in(page, site, "ana@label.example", onward="/admin/schedule/event/")
    for field, text in (("notes", "Bring earplugs"), ("ends", "20:45")):
        page.goto(form)
        page.locator(f"#id_{field}").fill(text)
        save(page)
        expect(page.locator(".messagelist .success")).to_be_visible()

    page.goto(form)
    page.get_by_label("Pages about this").get_by_role("link", name="History", exact=True).click()
    expect(page.locator(".moments > li")).to_have_count(3)
    told = page.locator(".moments .told")
    expect(told.nth(0)).to_have_text(
        "ana@label.example changed the end of The Harpoonist from Sat 10 Oct, 8:30 PM to 8:45 PM."
    )
    expect(told.nth(1)).to_have_text("ana@label.example set the notes of The Harpoonist to “Bring earplugs”.")
    assert faults_in(page, "#content") == []

    page.get_by_role("link", name="Restore this state").last.click()
    expect(page.locator("main")).to_contain_text("Bring earplugs")
    assert faults_in(page, "#content") == []
    page.get_by_role("button", name="Restore this state").click()

    expect(page.locator(".messagelist .success")).to_have_text("The Harpoonist is as it was.")
    expect(told.first).to_contain_text("Reason: restored the state of")
    performance.refresh_from_db()
    assert (performance.notes, f"{performance.ends_at:%H:%M}") == ("", "00:30")


def test_set_that_was_deleted_is_brought_back(site, open_page):
    make_admin()
    performance = make_set(make_event(), "The Harpoonist")
    page = open_page()
    sign_in(page, site, "ana@label.example", onward="/admin/schedule/event/")
    page.goto(f"{site}/admin/schedule/performance/{performance.pk}/delete/")
    page.get_by_role("button", name="Yes").click()
    page.wait_for_url(f"{site}/admin/schedule/performance/")

    page.goto(f"{site}/admin/schedule/event/{performance.event_id}/history/")
    page.get_by_role("link", name="Deleted sets").click()
    assert faults_in(page, "#content") == []
    page.get_by_role("button", name="Bring back").click()

    expect(page.locator(".messagelist .success")).to_have_text("The Harpoonist is back.")
    assert Performance.objects.get().uid == performance.uid


def test_two_people_with_one_band_open_lose_nothing(site, open_page):
    make_admin()
    make_user("editor", email="bea@label.example", first_name="Bea")
    folk, _punk = (find_genre(name, **MADE) for name in ("Folk", "Punk"))
    band = make_band("Moth Choir", genres=[folk])
    hers, mine = open_page(), open_page()
    sign_in(hers, site, "bea@label.example", onward="/admin/schedule/event/")
    sign_in(mine, site, "ana@label.example", onward="/admin/schedule/event/")
    for page in (hers, mine):
        page.goto(f"{site}/admin/bands/bandprofile/{band.pk}/change/")

    hers.locator("#id_origin_city").fill("Guelph")
    hers.locator("#id_origin_region").fill("Ontario")
    hers.locator("#id_origin").fill("Upper Wellington")
    save(hers)
    expect(hers.locator(".messagelist .success")).to_be_visible()
    mine.locator("#id_origin_city").fill("Toronto")
    mine.locator("#id_origin_region").fill("On the lake")
    mine.locator("#id_disambiguation").fill("the old ones")
    save(mine)

    box = mine.locator(".stale")
    expect(box).to_contain_text("Bea changed this a moment ago while you had it open.")
    expect(mine.locator("#id_origin_city")).to_have_value("Toronto")
    expect(mine.locator("#id_origin")).to_have_value("Upper Wellington")
    box.evaluate("box => box.scrollIntoView()")  # from under the bar with the buttons
    assert faults_in(mine, ".stale") == []
    row = box.locator("tr", has_text="Guelph")
    row.get_by_role("button", name="Take theirs").click()
    expect(mine.locator("#id_origin_city")).to_have_value("Guelph")
    save(mine)

    expect(mine.locator(".messagelist .success")).to_be_visible()
    band.refresh_from_db()
    saved = (band.origin_city, band.origin_region, band.origin, band.disambiguation)
    assert saved == ("Guelph", "On the lake", "Upper Wellington", "the old ones")
