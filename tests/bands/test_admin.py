"""The band library in the admin: every page, and saving by the library's own functions."""

import io
from dataclasses import asdict
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.utils import timezone
from PIL import Image

from bands import forms
from bands.library import add_alias, add_band, find_genre, update_band
from bands.models import BandAlias, BandProfile, BandSlugRedirect, Genre
from bands.naming import keys_of
from schedule import lineup
from schedule.models import Performance
from tests.admin_pages import errors_in, form_in, messages_of, save, sign_in
from tests.factories import MADE, NOW, make_admin, make_band, make_event, make_public_event, make_set, make_user

pytestmark = pytest.mark.django_db

BANDS = "/admin/bands/bandprofile/"


@pytest.fixture
def ana():
    return make_admin()


@pytest.fixture
def admin_client(client, ana):
    sign_in(client, ana)
    return client


def page_of(band, action="change"):
    return f"{BANDS}{band.pk}/{action}/"


def aliases(*names):
    """The fields of alias rows that are new; before them come those that are there."""
    return {f"aliases-{number}-name": name for number, name in enumerate(names)}


def picture(width=40, height=30, *, orientation=None):
    """A PNG or, with an orientation, a JPEG that says where its top is and where it was taken."""
    file = io.BytesIO()
    image = Image.new("RGB", (width, height), "red")
    if orientation:
        exif = Image.Exif()
        exif[0x0112] = orientation
        exif[0x010E] = "taken at home"
        image.save(file, "JPEG", exif=exif)
    else:
        image.save(file, "PNG")
    return SimpleUploadedFile("My Holiday.png", file.getvalue())


# --- Lists -------------------------------------------------------------------------------------


def test_models_of_the_library_are_all_in_the_admin():
    models = [model for model in apps.get_app_config("bands").get_models() if not model.__name__.startswith("Hist")]

    assert [model for model in models if model not in admin.site._registry] == []


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        (BANDS, 9),
        ("/admin/bands/genre/", 6),
        ("/admin/bands/bandalias/", 6),
        ("/admin/bands/bandslugredirect/", 6),
    ],
)
def test_lists_take_the_same_queries_for_one_row_and_for_three(
    admin_client, django_assert_num_queries, path, queries, count
):
    event = make_event()
    for number in range(count):
        band = add_band(f"Band {number}", genres=[find_genre(f"Genre {number}", **MADE)], **MADE)
        add_alias(band, f"Alias {number}", **MADE)
        update_band(band, slug=f"renamed-{number}", **MADE)
        make_set(event, band.name)

    with django_assert_num_queries(queries):
        response = admin_client.get(path)

    assert response.context["cl"].result_count == count


def test_band_list_shows_genres_and_origin(admin_client):
    genres = [find_genre("dream pop", **MADE), find_genre("ambient", **MADE)]
    add_band("Moth Choir", genres=genres, origin_city="Toronto", origin_region="ON", **MADE)

    (band,) = admin_client.get(BANDS).context["cl"].result_list

    shown = admin.site._registry[BandProfile]
    assert (shown.genre_names(band), shown.origin_text(band)) == ("ambient, dream pop", "Toronto, ON")


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("moth", ["Moth Choir"]),
        ("MOTH CHOIR", ["Moth Choir"]),
        ("senor nieve", ["Señor Nieve & los Fríos"]),
        ("nieve and los", ["Señor Nieve & los Fríos"]),
        ("alesund", ["Ålesund Ferry"]),
        ("nachtzug", ["夜行列車"]),
        ("夜行", ["夜行列車"]),
        ("!!!", ["!!!"]),
        ("no such band", []),
        ("", ["!!!", "Moth Choir", "Señor Nieve & los Fríos", "Ålesund Ferry", "夜行列車"]),
    ],
)
def test_band_search_and_autocomplete_find_any_spelling_once(admin_client, term, found):
    for name in ("Moth Choir", "Señor Nieve & los Fríos", "Ålesund Ferry", "夜行列車", "!!!"):
        make_band(name)
    for alias in ("Nachtzug", "Der Nachtzug"):
        add_alias(make_band("夜行列車"), alias, **MADE)
    field = {"app_label": "schedule", "model_name": "performance", "field_name": "band"}

    listed = admin_client.get(BANDS, {"q": term}).context["cl"].result_list
    offered = admin_client.get("/admin/autocomplete/", {"term": term, **field}).json()["results"]

    assert [band.name for band in listed] == found
    assert [each["text"] for each in offered] == found


@pytest.mark.parametrize(
    ("path", "term", "found"),
    [
        ("/admin/bands/genre/", "POP", ["dream pop"]),
        ("/admin/bands/bandalias/", "moths", ["The Moths"]),
        ("/admin/bands/bandalias/", "choir", ["The Moths"]),
        ("/admin/bands/bandslugredirect/", "moth-ch", ["moth-choir → moths"]),
    ],
)
def test_other_searches_find(admin_client, path, term, found):
    band = add_band("Moth Choir", genres=[find_genre("dream pop", **MADE), find_genre("punk", **MADE)], **MADE)
    add_alias(band, "The Moths", **MADE)
    update_band(band, slug="moths", **MADE)
    add_alias(make_band("Another"), "Others", **MADE)

    assert [str(row) for row in admin_client.get(path, {"q": term}).context["cl"].result_list] == found


def test_genre_autocomplete_offers_genres(admin_client):
    genre = find_genre("dream pop", **MADE)
    field = {"app_label": "bands", "model_name": "bandprofile", "field_name": "genres"}

    offered = admin_client.get("/admin/autocomplete/", {"term": "dream", **field}).json()["results"]

    assert offered == [{"id": str(genre.pk), "text": "dream pop"}]


# --- Adding and editing ------------------------------------------------------------------------


def test_band_is_added_by_the_library(admin_client, ana):
    genre = find_genre("dream pop", **MADE)

    response = save(
        admin_client,
        f"{BANDS}add/",
        name="  Señor   Nieve ",
        genres=[genre.pk],
        link_instagram="@nieve",
        origin="Montréal, QC",
        **{"aliases-TOTAL_FORMS": "2", **aliases("Mr. Snow", "Don Nieve")},
    )

    band = BandProfile.objects.get()
    assert response["Location"] == BANDS
    assert (band.name, band.name_normalized, band.folding_key, band.slug) == (
        "Señor Nieve",
        "señor nieve",
        "senornieve",
        "senor-nieve",
    )
    assert (band.created_by, list(band.genres.all()), band.social_links) == (ana, [genre], {"instagram": "nieve"})
    assert list(band.aliases.values_list("name", "name_normalized", "folding_key")) == [
        ("Don Nieve", "don nieve", "donnieve"),
        ("Mr. Snow", "mr. snow", "mrsnow"),
    ]


@pytest.mark.parametrize("number", ["x", "²", "1,x", "9" * 40])
def test_form_leaves_out_genres_of_the_address_that_are_none(admin_client, number):
    add_band("Moth Choir", genres=[find_genre("punk", **MADE)], **MADE)

    page = admin_client.get("/admin/bands/bandprofile/add/", {"genres": number})

    assert form_in(page, "bandprofile_form").get("genres", []) == []


def test_band_with_a_new_name_gets_new_keys_and_with_a_new_slug_leaves_a_redirect(admin_client):
    band = make_band("Moth Choir")

    save(admin_client, page_of(band), name="The Moths", slug="moths")

    band.refresh_from_db()
    assert (band.name_normalized, band.slug) == ("the moths", "moths")
    assert [str(each) for each in band.former_slugs.all()] == ["moth-choir → moths"]


def test_band_that_is_saved_unchanged_stays_as_it_is(admin_client):
    band = add_band(
        "Moth Choir", genres=[find_genre("punk", **MADE)], social_links={"website": "https://moth.example"}, **MADE
    )
    add_alias(band, "The Moths", **MADE)
    before = BandProfile.objects.values().get()
    alias = BandAlias.objects.values().get()

    assert save(admin_client, page_of(band)).status_code == 302

    assert {**BandProfile.objects.values().get(), "updated_at": None} == {**before, "updated_at": None}
    assert BandAlias.objects.values().get() == alias
    assert [genre.name for genre in band.genres.all()] == ["punk"]


def test_band_keeps_its_slug_when_the_field_is_emptied(admin_client):
    band = make_band("Moth Choir")

    save(admin_client, page_of(band), slug="")

    band.refresh_from_db()
    assert band.slug == "moth-choir"


def test_band_links_may_be_emptied(admin_client):
    band = add_band("Moth Choir", social_links={"website": "https://moth.example"}, **MADE)

    assert save(admin_client, page_of(band), link_website="").status_code == 302

    band.refresh_from_db()
    assert band.social_links == {}


def test_band_counters_cannot_be_posted(admin_client, ana):
    band = make_band("Moth Choir")

    save(
        admin_client, page_of(band), description="Loud.", total_views="9", total_social_clicks="9",
        popularity_score="9", created_by=ana.pk, name_normalized="x", folding_key="x", lookup_key="x",
    )  # fmt: skip

    band.refresh_from_db()
    assert band.description == "Loud."
    assert (band.total_views, band.total_social_clicks, band.popularity_score, band.created_by) == (0, 0, 0, None)
    assert (band.name_normalized, band.folding_key) == ("moth choir", "mothchoir")


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"name": ""}, {"name": ["This field is required."]}),
        ({"name": "\u200b"}, {"name": ["A band's name needs at least one visible character."]}),
        (
            {"name": "moth  CHOIR", "disambiguation": " GUELPH"},
            {"__all__": ["A band of this name is in the library already. Use it, or tell this one apart."]},
        ),
        (
            {"slug": "Moth Choir"},
            {"slug": ["Use lower-case letters, digits and single hyphens, for example vol-18."]},
        ),
        ({"slug": "moth-choir-guelph"}, {"slug": ["Band with this Slug already exists."]}),
        (
            {"slug": "gone-band"},
            {"slug": ["“gone-band” was another band's address and still leads there. Choose another one."]},
        ),
        (
            {"link_website": "javascript:alert(1)"},
            {"link_website": ["“javascript:alert(1)” is no address. Write one that begins with https://."]},
        ),
        (
            {"link_tiktok": "data:x"},
            {
                "link_tiktok": [
                    "“data:x” is no page on TikTok. Write an address that begins with https://, or the handle."
                ]
            },
        ),
        ({"contact_email": "x"}, {"contact_email": ["Enter a valid email address."]}),
    ],
)
@pytest.mark.parametrize("is_new", [True, False])
def test_band_that_cannot_be_saved_says_why_in_the_form(admin_client, changes, errors, is_new):
    make_band("Moth Choir", disambiguation="Guelph")
    update_band(make_band("Gone Band"), slug="elsewhere", **MADE)
    path = f"{BANDS}add/" if is_new else page_of(make_band("Dog Ferry"))
    before = list(BandProfile.objects.values())

    response = save(admin_client, path, **{**({"name": "Paper Crane"} if is_new else {}), **changes})

    assert errors_in(response) == errors
    assert list(BandProfile.objects.values()) == before


def test_band_of_the_same_name_is_told_apart_by_a_disambiguation(admin_client):
    make_band("Moth Choir")

    save(admin_client, f"{BANDS}add/", name="Moth Choir", disambiguation="Guelph")

    assert sorted(map(str, BandProfile.objects.all())) == ["Moth Choir", "Moth Choir (Guelph)"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValidationError("A band of this name is there already."), "A band of this name is there already."),
        (IntegrityError("UNIQUE constraint"), "Somebody else has just saved something that excludes this."),
    ],
)
def test_band_that_somebody_else_adds_at_the_same_moment_is_a_message(admin_client, monkeypatch, error, said):
    """Between the form's yes and the writing: what the database then refuses must not be a crash."""
    calls = []

    def slower(name, **fields):
        calls.append(name)
        if len(calls) == 2:
            raise error
        return add_band(name, **fields)

    monkeypatch.setattr(forms, "add_band", slower)

    response = save(admin_client, f"{BANDS}add/", name="Moth Choir")

    assert response["Location"] == f"{BANDS}add/"
    assert messages_of(admin_client.get(response["Location"])) == [said]
    assert BandProfile.objects.count() == 0


# --- Links, gaps and shows ---------------------------------------------------------------------


def test_links_that_are_not_asked_for_stay_and_others_are_stored_as_outputs_read_them(admin_client):
    kept = {"myspace": "moths", "instagram": "moths", "x": "https://x.com/moths", "spotify": 7}
    band = make_band("Moth Choir", social_links=kept)

    save(
        admin_client, page_of(band), link_x="", link_tiktok="@moths", link_website="moth.example", link_bandcamp="moths"
    )

    band.refresh_from_db()
    assert band.social_links == {
        "myspace": "moths",
        "instagram": "moths",
        "spotify": 7,
        "website": "https://moth.example",
        "bandcamp": "https://moths.bandcamp.com/",
        "tiktok": "https://www.tiktok.com/@moths",
    }


def test_links_are_a_list_for_who_may_not_write_them(client):
    band = make_band("Moth Choir", social_links={"instagram": "moths", "website": "javascript:alert(1)"})
    sign_in(client, make_user("viewer"))

    page = client.get(page_of(band)).content.decode()

    assert '<a href="https://www.instagram.com/moths" rel="nofollow noopener">Instagram</a>' in page
    assert "javascript:alert" not in page


def test_list_says_what_is_missing_and_finds_it(admin_client):
    make_band("Bare")
    full = {"description": "Loud.", "origin": "Guelph", "social_links": {"instagram": "moths"}}
    genre = find_genre("punk", **MADE)
    make_band("Full", **full, photo="bands/a.jpg", photo_alt_text="A boat.", genres=[genre])
    make_band("Mute", **{**full, "social_links": {"website": "javascript:x"}}, photo="bands/b.jpg", genres=[genre])
    band_admin = admin.site._registry[BandProfile]

    def found(missing):
        listed = admin_client.get(BANDS, {"missing": missing}).context["cl"].result_list
        return [(band.name, str(band_admin.missing(band))) for band in listed]

    bare, mute = ("Bare", "photo, bio, genre, origin, links"), ("Mute", "links, alternative text")
    assert {each: found(each) for each in ("photo", "bio", "genre", "origin", "links", "alt_text", "nothing")} == {
        **{gap: [bare] for gap in ("photo", "bio", "genre", "origin")},
        "links": [bare, mute],
        "alt_text": [mute],
        "nothing": [("Full", "nothing")],
    }
    assert len(found("whatever")) == 3


def shows_page(client, band):
    return [
        (str(heading), [(show.event, show.time, show.venue, show.status_text, bool(show.address)) for show in shows])
        for heading, shows in client.get(f"{BANDS}{band.pk}/shows/").context["lists"]
    ]


def test_shows_are_told_as_far_as_they_are_open(admin_client, client):
    ahead, gone = timezone.localdate() + timedelta(days=30), timezone.localdate() - timedelta(days=30)
    band = make_band("Moth Choir")
    past, soon = make_public_event("Vol. 5", date=gone), make_event("Vol. 6", date=ahead)
    make_set(past, band.name)
    cancelled = make_set(past, band.name, "21:00", "21:30")
    lineup.cancel_set(cancelled, **MADE)
    make_set(soon, band.name, None, None, venue=None)
    other = make_event("Other Crawl")

    assert shows_page(admin_client, band) == [
        ("Upcoming", [("Vol. 6", "", "", "Scheduled", True)]),
        (
            "Past",
            [
                ("Vol. 5", "9:00 PM", "Blue Anchor", "Cancelled", True),
                ("Vol. 5", "8:00 PM", "Blue Anchor", "Scheduled", True),
            ],
        ),
    ]
    sign_in(client, make_user("editor", other))
    assert shows_page(client, band) == [
        ("Upcoming", []),
        (
            "Past",
            [
                ("Vol. 5", "9:00 PM", "Blue Anchor", "Cancelled", False),
                ("Vol. 5", "8:00 PM", "Blue Anchor", "Scheduled", False),
            ],
        ),
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_shows_take_the_same_queries_for_one_and_for_three(admin_client, django_assert_num_queries, count):
    band = make_band("Moth Choir")
    for number in range(count):
        make_set(make_event(f"Vol. {number}"), band.name, venue=f"Venue {number}")

    with django_assert_num_queries(6):
        admin_client.get(f"{BANDS}{band.pk}/shows/")


def test_list_of_a_large_library_takes_few_queries(admin_client, django_assert_max_num_queries):
    event = make_event()
    keys = [keys_of(f"Band {number:04}") for number in range(1000)]
    bands = BandProfile.objects.bulk_create(
        BandProfile(name=f"Band {number:04}", slug=f"band-{number:04}", **asdict(each))
        for number, each in enumerate(keys)
    )
    Performance.objects.bulk_create(
        Performance(event=event, band=band, night=event.date, changed_at=NOW, announced_at=NOW)
        for band in bands
        for _ in range(5)
    )

    with django_assert_max_num_queries(20):
        listed = admin_client.get(BANDS, {"missing": "photo"}).context["cl"]

    assert (listed.result_count, len(listed.result_list)) == (1000, 100)
    assert admin.site._registry[BandProfile].set_count(listed.result_list[0]) == 5


def test_preview_shows_a_bio_as_fans_read_it(admin_client):
    answer = admin_client.post(f"{BANDS}preview/", {"text": "*Loud* <script>x</script> [a](javascript:x)" + "y" * 9000})

    html = answer.json()["html"]
    assert html.startswith("<p><em>Loud</em> &lt;script&gt;x&lt;/script&gt; [a](javascript:x)")
    assert len(html) < 5200
    assert admin_client.get(f"{BANDS}preview/").status_code == 405


# --- Aliases -----------------------------------------------------------------------------------


def test_alias_that_is_renamed_gets_the_keys_of_its_new_name(admin_client):
    band = make_band("Moth Choir")
    add_alias(band, "The Moths", **MADE)

    save(admin_client, page_of(band), **aliases("Les Papillons"))

    assert list(band.aliases.values_list("name", "name_normalized", "folding_key")) == [
        ("Les Papillons", "les papillons", "papillons")
    ]


def test_alias_is_removed_and_another_one_added(admin_client):
    band = make_band("Moth Choir")
    add_alias(band, "The Moths", **MADE)

    save(
        admin_client, page_of(band),
        **{"aliases-TOTAL_FORMS": "2", "aliases-0-DELETE": "on", "aliases-1-name": "Papillons"},
    )  # fmt: skip

    assert [alias.name for alias in band.aliases.all()] == ["Papillons"]


def test_alias_that_is_removed_and_typed_again_is_there(admin_client):
    band = make_band("Moth Choir")
    add_alias(band, "The Moths", **MADE)

    save(
        admin_client, page_of(band),
        **{"aliases-TOTAL_FORMS": "2", "aliases-0-DELETE": "on", "aliases-1-name": "THE MOTHS"},
    )  # fmt: skip

    assert [alias.name for alias in band.aliases.all()] == ["THE MOTHS"]


def test_alias_that_is_typed_twice_is_kept_once(admin_client):
    band = make_band("Moth Choir")

    save(admin_client, page_of(band), **{"aliases-TOTAL_FORMS": "2", **aliases("Moths", "  moths")})

    assert [alias.name for alias in band.aliases.all()] == ["Moths"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("\u200b", "An alias needs at least one visible character."),
        ("x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        ("\u0958" * 200, "Ensure this value has at most 200 characters (it has 400)."),  # two letters once composed
    ],
)
def test_alias_that_cannot_be_kept_says_why_in_its_row(admin_client, name, error):
    band = make_band("Moth Choir")

    response = save(admin_client, page_of(band), **{"aliases-TOTAL_FORMS": "1", **aliases(name)})

    assert errors_in(response) == {"aliases-0-name": [error]}
    assert band.aliases.count() == 0


# --- Photos ------------------------------------------------------------------------------------


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_photo_is_re_encoded_renamed_and_served(admin_client, media):
    band = make_band("Moth Choir")

    save(admin_client, page_of(band), photo=picture(40, 30, orientation=6), photo_alt_text="A boat.")

    band.refresh_from_db()
    (file,) = (media / "bands").iterdir()  # the rehearsal leaves none behind
    with Image.open(file) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (30, 40), {})  # turned upright
    assert band.photo.name == f"bands/{file.name}"
    assert b"taken at home" not in file.read_bytes()
    assert admin_client.get(f"/{settings.MEDIA_URL.strip('/')}/{band.photo.name}").status_code == 200


def test_photo_of_a_new_band_is_kept_once(admin_client, media):
    save(admin_client, f"{BANDS}add/", name="Moth Choir", photo=picture(), photo_alt_text="A boat.")

    assert [f"bands/{file.name}" for file in (media / "bands").iterdir()] == [BandProfile.objects.get().photo.name]


def test_photo_stays_when_something_else_is_edited_and_goes_when_cleared(admin_client, media):
    band = make_band("Moth Choir")
    save(admin_client, page_of(band), photo=picture(), photo_alt_text="A boat.")
    name = BandProfile.objects.get().photo.name

    save(admin_client, page_of(band), description="Loud.")
    assert BandProfile.objects.get().photo.name == name

    save(admin_client, page_of(band), **{"photo-clear": "on"})
    assert BandProfile.objects.get().photo.name == ""


def test_photo_is_kept_in_all_sizes_that_go_when_it_is_replaced(
    admin_client, media, django_capture_on_commit_callbacks
):
    band = make_band("Moth Choir")

    def files_after(**changes):
        with django_capture_on_commit_callbacks(execute=True):
            assert save(admin_client, page_of(band), **changes).status_code == 302
        stem = BandProfile.objects.get().photo.name.removeprefix("bands/").removesuffix(".jpg")
        return stem, sorted(file.name.replace(stem, "") for file in (media / "bands").iterdir())

    large, sizes = files_after(photo=picture(1000, 500), photo_alt_text="A boat.")
    assert sizes == ["-320.jpg", "-320.webp", "-800.jpg", "-800.webp", ".jpg", ".webp"]
    assert files_after(description="Loud.") == (large, sizes)

    small, sizes = files_after(photo=picture(300, 300), photo_alt_text="A dog.")
    assert (small != large, sizes) == (True, [".jpg", ".webp"])
    assert files_after(**{"photo-clear": "on"}) == ("", [])


def test_photo_that_replaces_one_leaves_its_files_while_it_is_not_saved(
    admin_client, media, django_capture_on_commit_callbacks
):
    band = make_band("Moth Choir")
    with django_capture_on_commit_callbacks(execute=True):
        save(admin_client, page_of(band), photo=picture(), photo_alt_text="A boat.")
    files = sorted((media / "bands").iterdir())

    with django_capture_on_commit_callbacks(execute=True):
        response = save(admin_client, page_of(band), photo=picture(), slug="Not A Slug")

    assert list(errors_in(response)) == ["slug"]
    assert sorted((media / "bands").iterdir()) == files


@pytest.mark.parametrize("is_new", [True, False])
def test_photo_needs_a_text_for_who_cannot_see_it(admin_client, media, is_new):
    path = f"{BANDS}add/" if is_new else page_of(make_band("Dog Ferry"))

    response = save(admin_client, path, **({"name": "Moth Choir"} if is_new else {}), photo=picture())

    assert errors_in(response) == {
        "photo_alt_text": ["Write what the photo shows: people who cannot see it hear this instead."]
    }


def test_photo_that_never_had_a_text_does_not_stop_other_changes(admin_client, media):
    band = make_band("Moth Choir", photo="bands/old.jpg")

    assert save(admin_client, page_of(band), description="Loud.").status_code == 302
    assert list(errors_in(save(admin_client, page_of(band), photo=picture()))) == ["photo_alt_text"]


def test_photo_keeps_its_text(admin_client, media):
    band = make_band("Moth Choir", photo="bands/old.jpg", photo_alt_text="A boat.")

    assert list(errors_in(save(admin_client, page_of(band), photo_alt_text=" "))) == ["photo_alt_text"]


def test_photo_that_is_no_picture_is_refused_and_nothing_kept(admin_client, media):
    band = make_band("Moth Choir")

    response = save(
        admin_client,
        page_of(band),
        photo=SimpleUploadedFile("x.png", b"<svg onload=alert(1)>"),
        photo_alt_text="A boat.",
    )

    assert list(errors_in(response)) == ["photo"]
    assert not (media / "bands").exists()


def test_photo_is_not_kept_when_something_else_is_refused(admin_client, media):
    make_band("Moth Choir")

    photo = {"photo": picture(), "photo_alt_text": "A boat."}
    response = save(admin_client, page_of(make_band("Dog Ferry")), name="Moth Choir", **photo)

    assert list(errors_in(response)) == ["__all__"]
    assert not (media / "bands").exists()


# --- Deleting ----------------------------------------------------------------------------------


def test_band_without_sets_is_deleted_with_its_aliases_and_its_address_stays_taken(admin_client):
    band = make_band("Moth Choir")
    add_alias(band, "The Moths", **MADE)

    assert admin_client.post(page_of(band, "delete"), {"post": "yes"})["Location"] == BANDS

    assert (BandProfile.objects.count(), BandAlias.objects.count()) == (0, 0)
    assert [str(each) for each in BandSlugRedirect.objects.all()] == ["moth-choir (deleted)"]


def test_bands_are_deleted_together(admin_client):
    bands = [make_band("Moth Choir"), make_band("Dog Ferry")]

    admin_client.post(
        BANDS, {"action": "delete_selected", "_selected_action": [each.pk for each in bands], "post": "yes"}
    )

    assert BandProfile.objects.count() == 0
    assert [each.slug for each in BandSlugRedirect.objects.all()] == ["dog-ferry", "moth-choir"]


@pytest.mark.parametrize("is_bulk", [True, False])
def test_band_with_sets_cannot_be_deleted(admin_client, is_bulk):
    band, other = make_band("Moth Choir"), make_band("Dog Ferry")
    make_set(make_event(), "Moth Choir")

    if is_bulk:
        chosen = {"action": "delete_selected", "_selected_action": [band.pk, other.pk]}
        response = admin_client.post(BANDS, {**chosen, "post": "yes"})
    else:
        response = admin_client.post(page_of(band, "delete"), {"post": "yes"})

    assert response.status_code == 200
    assert len(response.context["protected"]) == 1
    assert BandProfile.objects.count() == 2


# --- Genres ------------------------------------------------------------------------------------


def test_genre_is_added_and_edited(admin_client):
    save(admin_client, "/admin/bands/genre/add/", name="dream pop", slug="dream-pop")
    save(admin_client, f"/admin/bands/genre/{Genre.objects.get().pk}/change/", name="Dream Pop")

    assert list(Genre.objects.values_list("name", "slug")) == [("Dream Pop", "dream-pop")]


def test_genre_that_is_there_is_refused(admin_client):
    find_genre("dream pop", **MADE)

    response = save(admin_client, "/admin/bands/genre/add/", name="DREAM POP", slug="other")

    assert errors_in(response) == {"__all__": ["This genre exists already."]}


# --- Who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["bandalias", "bandslugredirect"])
def test_rows_that_the_library_writes_itself_are_read_only(admin_client, model):
    band = make_band("Moth Choir")
    alias = add_alias(band, "The Moths", **MADE)
    update_band(band, slug="moths", **MADE)
    row = alias if model == "bandalias" else BandSlugRedirect.objects.get()
    path = f"/admin/bands/{model}/{row.pk}"

    answers = [
        admin_client.get(f"{path}/change/"),
        admin_client.post(f"{path}/change/", {"name": "x", "slug": "x"}),
        admin_client.post(f"{path}/delete/", {"post": "yes"}),
        admin_client.get(f"/admin/bands/{model}/add/"),
    ]

    assert [answer.status_code for answer in answers] == [200, 403, 403, 403]
    assert type(row).objects.values().get() == {k: v for k, v in vars(row).items() if not k.startswith("_")}


def test_viewer_sees_bands_and_changes_nothing(client):
    band = make_band("Moth Choir")
    add_alias(band, "The Moths", **MADE)
    sign_in(client, make_user("viewer"))

    page = client.get(page_of(band))
    answers = [
        client.post(page_of(band), {"name": "x"}),
        client.get(f"{BANDS}add/"),
        client.post(page_of(band, "delete"), {"post": "yes"}),
    ]
    client.post(BANDS, {"action": "delete_selected", "_selected_action": [band.pk], "post": "yes"})

    assert (page.status_code, page.context["has_change_permission"]) == (200, False)
    assert "The Moths" in page.content.decode()
    assert client.get(BANDS).context["action_form"] is None
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert list(BandProfile.objects.values_list("name", flat=True)) == ["Moth Choir"]


@pytest.mark.parametrize(
    "path", [BANDS, f"{BANDS}add/", f"{BANDS}1/change/", f"{BANDS}1/delete/", f"{BANDS}1/history/"]
)
def test_stranger_is_sent_to_sign_in(client, path):
    make_band("Moth Choir")

    for answer in (client.get(path), client.post(path)):
        assert (answer.status_code, answer["Location"]) == (302, f"/account/sign-in/?{urlencode({'next': path})}")
