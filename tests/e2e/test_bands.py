"""The band library in a browser: two profiles that are one band, a photo, a band that is there already."""

import base64
import io
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from bands.models import BandProfile
from schedule.models import Performance
from tests.e2e.walking import AT_REST, STICKS_OUT, WCAG, sign_in
from tests.factories import make_admin, make_band, make_event, make_public_event, make_set

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)])
ADD = "/admin/bands/bandprofile/add/"


@pytest.fixture
def page(site, open_page, width, height):
    """A page of somebody who is signed in."""
    make_admin()
    page = open_page(width, height)
    sign_in(page, site, "ana@label.example", onward="/admin/bands/bandprofile/")
    return page


def png(width=900, height=600, colour="navy"):
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


def drop(page, content, *, name="boat.png", mime="image/png"):
    """Let go of a file over the place for photos, as from a folder beside the browser."""
    page.evaluate(
        """([content, name, type]) => {
            const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([bytes], name, { type }));
            const zone = document.querySelector(".photo-drop");
            for (const kind of ["dragover", "drop"])
                zone.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
        }""",
        [base64.b64encode(content).decode(), name, mime],
    )


def faults_in(page, selector):
    """What is wrong with a part of the page; the frame and the other fields are the theme's."""
    faults = ["sticks out sideways"] if page.evaluate(STICKS_OUT) else []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(AT_REST)
        found = Axe().run(page, context=selector, options=WCAG).response["violations"]
        faults += [(scheme, each["id"], [node["target"] for node in each["nodes"]]) for each in found]
    return faults


@SIZES
def test_two_profiles_are_merged_and_told_apart_again(site, page):
    kept = make_band("The Harpoonist", origin="Guelph", photo="")
    other = make_band("Harpoonist Duo", origin="Hamilton")
    performance = make_set(make_event(), other.name)

    page.goto(f"{site}/admin/bands/bandprofile/{kept.pk}/change/")
    page.get_by_role("link", name="Merge with another band…").click()
    page.get_by_label("Name, other name, any spelling").press_sequentially("duo")
    page.get_by_role("link", name=re.compile("Compare ?: Harpoonist Duo")).click()
    expect(page.locator("main")).to_contain_text("1 set of Harpoonist Duo becomes one of The Harpoonist")
    assert faults_in(page, "#content") == []
    page.get_by_role("radio", name=re.compile("Keep this ?: From, Harpoonist Duo")).check()
    page.get_by_role("button", name="Merge", exact=True).click()

    expect(page.locator(".messagelist")).to_contain_text("Harpoonist Duo is merged into The Harpoonist.")
    assert faults_in(page, "#content") == []
    kept.refresh_from_db()
    assert (Performance.objects.get(), kept.origin) == (performance, "Hamilton")
    assert [each.band for each in Performance.objects.all()] == [kept]

    page.get_by_role("link", name="Undo…").click()
    assert faults_in(page, "#content") == []
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.locator(".messagelist")).to_contain_text("Harpoonist Duo is a band of its own again.")
    assert [each.band.name for each in Performance.objects.all()] == ["Harpoonist Duo"]
    page.get_by_role("link", name="Shows", exact=True).click()
    expect(page.locator("main")).to_contain_text("Harbour Street Crawl 3")
    assert faults_in(page, "#content") == []


@SIZES
def test_photo_is_picked_then_dropped_and_seen_before_it_is_saved(site, page, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    band = make_band("Moth Choir")
    page.goto(f"{site}/admin/bands/bandprofile/{band.pk}/change/")
    seen = page.get_by_role("img", name="The photo as it will be saved")

    drop(page, b"no picture", name="notes.txt", mime="text/plain")
    expect(page.locator(".photo-fault")).to_have_text("Choose a JPEG, PNG or WebP picture.")
    page.get_by_label("Photo", exact=False).first.set_input_files(
        files=[{"name": "boat.png", "mimeType": "image/png", "buffer": png()}]
    )
    expect(seen).to_have_attribute("src", "data:image/png;base64," + base64.b64encode(png()).decode())
    page.get_by_label("Alternative text").fill("A boat.")
    assert faults_in(page, ".photo-drop") == []
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("Moth Choir")
    band.refresh_from_db()
    picked = band.photo.name
    assert len(list((tmp_path / "bands").iterdir())) == 6

    page.goto(f"{site}/admin/bands/bandprofile/{band.pk}/change/")
    expect(page.get_by_role("img", name="The photo as it is now")).to_be_visible()
    drop(page, png(300, 200, "red"))
    expect(seen).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("Moth Choir")
    band.refresh_from_db()
    stem = band.photo.name.removesuffix(".jpg").removeprefix("bands/")
    assert band.photo.name != picked
    assert sorted(file.name for file in (tmp_path / "bands").iterdir()) == [f"{stem}.jpg", f"{stem}.webp"]

    make_set(make_public_event(), band.name)
    page.goto(f"{site}/bands/moth-choir/")
    shown = page.get_by_role("img", name="A boat.")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.currentSrc") == f"{site}/media/bands/{stem}.webp"
    assert shown.evaluate("image => image.complete && image.naturalWidth > 0")


@SIZES
def test_band_that_is_there_is_hinted_at_while_typing(site, page):
    band = make_band("The Harpoonist")
    page.goto(f"{site}{ADD}")

    page.get_by_label("Name", exact=False).first.press_sequentially("harpoonist")
    expect(page.locator(".twins")).to_contain_text("The Harpoonist (no shows yet)")
    assert faults_in(page, ".twins") == []
    page.get_by_role("link", name=re.compile("Use this band ?: The Harpoonist")).click()
    page.wait_for_url(f"{site}/admin/bands/bandprofile/{band.pk}/change/")
    assert BandProfile.objects.count() == 1

    page.goto(f"{site}{ADD}")
    page.get_by_label("Name", exact=False).first.press_sequentially("harpoonist")
    page.get_by_role("button", name="Create a different band").click()
    expect(page.locator("#id_disambiguation")).to_be_focused()
    page.keyboard.type("Duo")
    page.get_by_role("button", name="Create a different band").click()
    expect(page.locator(".messagelist")).to_contain_text("harpoonist (Duo)")
    assert BandProfile.objects.count() == 2


@SIZES
def test_bio_is_shown_as_fans_read_it(site, page):
    make_band("The Harpoonist", description="*Loud* band")
    band = BandProfile.objects.get()
    page.goto(f"{site}/admin/bands/bandprofile/{band.pk}/change/")

    expect(page.locator("#markdown-preview em")).to_have_text("Loud")
    page.get_by_label("Bio").fill("**Quiet** band")
    expect(page.locator("#markdown-preview strong")).to_have_text("Quiet")


@pytest.mark.parametrize(("width", "height"), [(1280, 800)])
def test_band_that_is_there_is_chosen_from_the_form_of_a_set(site, page):
    band = make_band("The Harpoonist")
    event = make_event()
    page.goto(f"{site}/admin/schedule/performance/add/?event={event.pk}")

    with page.expect_popup() as opened:
        page.locator(".field-band").get_by_role("button", name="more_vert").click()
        page.locator("#add_id_band").click()
    popup = opened.value
    popup.get_by_label("Name", exact=False).first.press_sequentially("harpoonist")
    with popup.expect_event("close"):
        popup.get_by_role("button", name=re.compile("Use this band ?: The Harpoonist")).click()

    expect(page.locator("#id_band")).to_have_value(str(band.pk))
    assert BandProfile.objects.count() == 1
