"""Merging two bands in the admin: choosing, comparing, merging, taking it back."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.formats import date_format
from PIL import Image

from bands.library import add_alias, update_band
from bands.merging import expire_merges, merge_bands, undo_merge
from bands.models import BandMerge, BandProfile
from bands.photos import prepare_picture
from schedule.models import Performance
from tests.admin_pages import messages_of, sign_in
from tests.factories import MADE, make_admin, make_band, make_event, make_set, make_user

pytestmark = pytest.mark.django_db

BANDS = "/admin/bands/bandprofile/"


@pytest.fixture
def admin_client(client):
    sign_in(client, make_admin())
    return client


@pytest.fixture
def pair():
    return make_band("The Harpoonist", origin="Guelph"), make_band("Harpoonist", disambiguation="Duo", origin="Paris")


def page_of(band):
    return f"{BANDS}{band.pk}/merge/"


def undo_of(made):
    return f"/admin/bands/bandmerge/{made.pk}/undo/"


def post(client, band, kept, other, **more):
    """What the comparing page sends."""
    seen = [f"{each.pk}:{each.version}" for each in (kept, other)]
    with_ = other if band == kept else kept
    return client.post(page_of(band), {"with": with_.pk, "keep": kept.pk, "seen": seen, **more})


def merged(kept, other):
    return merge_bands(kept, other, by=None, now=timezone.now())


# --- Choosing ----------------------------------------------------------------------------------


def test_page_offers_bands_of_a_similar_name_and_finds_others(admin_client, pair):
    add_alias(make_band("Moth Choir"), "Señor Nieve", **MADE)

    offered = admin_client.get(page_of(pair[0])).context["found"]
    found = admin_client.get(page_of(pair[0]), {"q": " senor "}).context["found"]
    nobody = admin_client.get(page_of(pair[0]), {"q": "the harpoonist\0"}).context["found"]

    assert [str(each.band) for each in offered] == ["Harpoonist (Duo)"]
    assert [str(each.band) for each in found] == ["Moth Choir"]
    assert [str(each.band) for each in nobody] == ["Harpoonist (Duo)"]


@pytest.mark.parametrize("count", [1, 3])
def test_choosing_takes_the_same_queries_for_one_and_for_three(admin_client, django_assert_num_queries, count):
    band = make_band("Moth Choir")
    for number in range(count):
        make_set(make_event(f"Crawl {number}"), f"Dog Ferry {number}")
        merged(band, make_band(f"Paper Crane {number}"))

    with django_assert_num_queries(8):
        page = admin_client.get(page_of(band), {"q": "dog"})

    assert (len(page.context["found"]), len(page.context["merges"])) == (count, count)


# --- Comparing ---------------------------------------------------------------------------------


def test_both_are_shown_side_by_side_with_what_will_happen(admin_client, pair):
    kept, other = pair
    make_set(make_event(), kept.name, "20:00", "20:30")
    make_set(make_event("Other Crawl"), "Harpoonist")
    add_alias(other, "Harps", **MADE)

    page = admin_client.get(page_of(kept), {"with": other.pk})

    rows = [(row.name, row.kept, row.other, row.options) for row in page.context["rows"]]
    assert rows == [
        ("name", "The Harpoonist", "Harpoonist (Duo)", None),
        ("slug", "/bands/the-harpoonist/", "/bands/harpoonist-duo/", None),
        ("sets", rows[2][1], rows[2][2], None),
        ("aliases", "", "Harps", None),
        ("origin", "Guelph", "Paris", {"kept": True, "other": False}),
    ]
    assert [text[:3] for text in rows[2][1:3]] == ["1 (", "1 ("]
    until = date_format(timezone.now() + timedelta(days=30), "DATE_FORMAT")
    assert page.context["told"] == [
        "1 set of Harpoonist (Duo) becomes one of The Harpoonist, and is called so unless it is billed as something"
        " else.",
        "“Harpoonist”, “Harps” become other names of The Harpoonist, by which it is found.",
        "The address of Harpoonist (Duo) leads to The Harpoonist from now on.",
        f"Harpoonist (Duo) leaves the library. Until {until} this can be undone.",
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_comparing_takes_the_same_queries_for_one_set_and_for_three(
    admin_client, django_assert_num_queries, pair, count
):
    for number in range(count):
        event = make_event(f"Crawl {number}")
        for name in ("The Harpoonist", "Harpoonist"):
            make_set(event, name)

    with django_assert_num_queries(19):
        page = admin_client.get(page_of(pair[0]), {"with": pair[1].pk})

    assert len(page.context["warned"]) == count


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, "²"])
def test_band_that_is_not_there_cannot_be_compared(admin_client, pair, number):
    assert admin_client.get(page_of(pair[0]), {"with": number}).status_code == 404
    assert admin_client.post(page_of(pair[0]), {"with": number}).status_code == 404


def test_band_is_not_compared_with_itself(admin_client, pair):
    page = admin_client.get(page_of(pair[0]), {"with": pair[0].pk})

    assert page.context["problems"] == ["Choose another band: this is the same one."]
    assert post(admin_client, pair[0], pair[0], pair[0]).status_code == 409


# --- Merging -----------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("keep", [0, 1])
def test_bands_are_merged_and_told_apart_again(admin_client, pair, at, keep):
    kept, other = pair[keep], pair[1 - keep]
    performance = make_set(make_event(), other.name)
    name = str(other)

    response = post(admin_client, pair[at], kept, other, keep_origin="other")

    assert response["Location"] == page_of(kept)
    page = admin_client.get(response["Location"])
    assert messages_of(page) == [f"{name} is merged into {kept}."]
    made = BandMerge.objects.get()
    assert (made.merged_by.email, page.context["merges"]) == ("ana@label.example", [(made, True)])
    assert Performance.objects.get().band == kept
    assert BandProfile.objects.get().origin == other.origin

    assert admin_client.get(undo_of(made)).context["may_undo"] is True
    undone = admin_client.post(undo_of(made))

    back = BandProfile.objects.exclude(pk=kept.pk).get()
    assert undone["Location"] == f"{BANDS}{back.pk}/change/"
    assert messages_of(admin_client.get(undone["Location"])) == [f"{name} is a band of its own again."]
    assert (Performance.objects.get(), Performance.objects.get().band) == (performance, back)
    assert admin_client.get(page_of(kept)).context["merges"] == [(made, False)]


def test_merge_of_what_was_changed_since_is_shown_again_with_what_was_chosen(admin_client, pair):
    kept, other = pair
    versions = [each.version for each in pair]
    update_band(BandProfile.objects.get(pk=other.pk), origin="Berlin", **MADE)
    assert [each.version for each in pair] == versions

    response = post(admin_client, kept, kept, other, keep_origin="other")

    assert response.status_code == 409
    assert response.context["problems"] == ["Harpoonist (Duo) was changed by somebody else while you had it open."]
    (origin,) = (row for row in response.context["rows"] if row.name == "origin")
    assert (origin.other, origin.options) == ("Berlin", {"kept": False, "other": True})
    assert BandProfile.objects.count() == 2


def test_choice_that_is_none_is_not_taken(admin_client, pair):
    assert post(admin_client, *pair[:1], *pair, keep_origin="both").status_code == 404
    assert BandProfile.objects.count() == 2


def test_merge_is_not_made_by_looking(admin_client, pair):
    admin_client.get(page_of(pair[0]), {"with": pair[1].pk, "keep": pair[0].pk})
    made = merged(*pair)
    admin_client.get(undo_of(made))

    assert BandProfile.objects.count() == 1


def test_undo_that_comes_too_late_says_so(admin_client, pair):
    made = merged(*pair)
    BandMerge.objects.update(merged_at=timezone.now() - timedelta(days=30, minutes=1))

    page = admin_client.post(undo_of(made))

    assert (page.status_code, page.context["may_undo"]) == (409, False)
    assert page.context["problems"][0].startswith("A merge can be undone for 30 days.")
    assert admin_client.get(page_of(pair[0])).context["merges"] == [(made, False)]


def test_list_of_merges_keeps_private_addresses_to_itself(admin_client, django_assert_num_queries, pair):
    update_band(pair[1], contact_email="harp@band.example", **MADE)
    made = merged(*pair)
    third = merged(pair[0], make_band("Third"))
    undo_merge(third, by=None, now=timezone.now())

    with django_assert_num_queries(6):
        listed = admin_client.get("/admin/bands/bandmerge/").content.decode()

    assert [f'href="{undo_of(each)}"' in listed for each in (made, third)] == [True, False]
    shown = admin_client.get(f"/admin/bands/bandmerge/{made.pk}/change/").content.decode()
    assert "Harpoonist (Duo)" in shown
    assert "harp@band.example" not in listed + shown


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_merging_is_for_who_may_change_bands(client, pair, role):
    made = merged(pair[0], make_band("Third"))
    pair[0].refresh_from_db()
    sign_in(client, make_user(role))

    answers = [client.get(page_of(pair[0])), client.get(undo_of(made)), post(client, pair[0], *pair)]
    answers += [client.post(undo_of(made))]

    assert [each.status_code for each in answers] == (4 * [403] if role == "viewer" else [200, 200, 302, 302])
    tabs = client.get(f"{BANDS}{pair[0].pk}/shows/").context["tabs"]
    assert ("Merge with another band…" in [str(tab["title"]) for tab in tabs]) == (role == "editor")


# --- Photos ------------------------------------------------------------------------------------


def test_photos_stay_as_long_as_a_merge_can_be_undone(settings, tmp_path, django_capture_on_commit_callbacks):
    settings.MEDIA_ROOT = tmp_path

    def photo():
        file = io.BytesIO()
        Image.new("RGB", (8, 8), "navy").save(file, "PNG")
        return prepare_picture(SimpleUploadedFile("x.png", file.getvalue()))

    now = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        kept, other = make_band("Moth Choir", photo=photo()), make_band("Dog Ferry", photo=photo())
    files = sorted((tmp_path / "bands").iterdir())
    assert len(files) == 4

    with django_capture_on_commit_callbacks(execute=True):
        merge_bands(kept, other, fields={"photo": "other"}, by=None, now=now)
        expire_merges(now=now + timedelta(days=30))
    assert (kept.refresh_from_db(), kept.photo.name) == (None, other.photo.name)
    assert sorted((tmp_path / "bands").iterdir()) == files

    with django_capture_on_commit_callbacks(execute=True):
        expire_merges(now=now + timedelta(days=30, seconds=1))
    left = sorted(f"bands/{file.stem}" for file in (tmp_path / "bands").iterdir())
    assert left == 2 * [other.photo.name.removesuffix(".jpg")]
