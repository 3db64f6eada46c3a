"""Bands, aliases, addresses and genres as the library keeps them."""

import itertools
import re
import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from hypothesis import given, settings
from hypothesis import strategies as st

from bands.library import add_alias, add_band, delete_band, find_genre, update_band
from bands.models import BandAlias, BandProfile, BandSlugRedirect, Genre
from bands.slugs import SLUG_PATTERN
from tests.factories import MADE, NOW, make_admin, make_band, make_event, make_set

pytestmark = pytest.mark.django_db

NAME_IS_TAKEN = "A band of this name is in the library already. Use it, or tell this one apart."


def refusal_of(write, *args, **kwargs):
    """The messages by field of the ValidationError that a call raises."""
    with pytest.raises(ValidationError) as refusal:
        write(*args, **MADE, **kwargs)
    return refusal.value.message_dict


def band_at(slug):
    """The band that an address leads to, in at most one hop."""
    band = BandProfile.objects.filter(slug=slug).first()
    return band or BandProfile.objects.filter(former_slugs__slug=slug).first()


def former_slugs_of(band):
    return [redirect.slug for redirect in band.former_slugs.all()]


def test_add_band_stores_the_name_as_typed_with_its_keys():
    ana, punk = make_admin(), find_genre("Punk", **MADE)

    added = add_band("  LYFE   SK!LLZ ", genres=[punk], by=ana, origin="Guelph, ON", now=NOW)

    band = BandProfile.objects.get()
    assert band == added
    assert (band.name, band.name_normalized, band.folding_key, band.lookup_key, band.slug) == (
        "LYFE SK!LLZ",
        "lyfe sk!llz",
        "lyfeskllz",
        "lyfeskllz",
        "lyfe-skillz",
    )
    assert (list(band.genres.all()), band.origin, band.created_by) == ([punk], "Guelph, ON", ana)


@pytest.mark.parametrize(
    ("name", "disambiguation", "slug"),
    [
        ("Dusk", "", "dusk"),
        ("Dusk", "Guelph", "dusk-guelph"),
        ("bbno$", "", "bbnos"),
        ("311", "", "311"),
        ("人間椅子 2", "", "2"),
    ],
)
def test_add_band_makes_the_address_from_name_and_disambiguation(name, disambiguation, slug):
    assert add_band(name, disambiguation=disambiguation, **MADE).slug == slug


@pytest.mark.parametrize("name", ["!!!", "+/-", "△", "人間椅子", "Кино", "Σωκράτης", "فيروز", "משינה", "\U0001fae8"])
@pytest.mark.parametrize("disambiguation", ["", "Guelph"])
def test_add_band_addresses_a_name_without_latin_letters_by_its_number(name, disambiguation):
    band = add_band(name, disambiguation=disambiguation, **MADE)

    assert band.slug == f"band-{band.pk}"
    assert BandProfile.objects.get().slug == band.slug


def test_add_band_takes_the_address_that_is_given():
    assert add_band("!!!", slug="chk-chk-chk", **MADE).slug == "chk-chk-chk"
    assert add_band("Dog Bus", disambiguation="Guelph", slug="dogbus", **MADE).slug == "dogbus"


def test_add_band_leaves_a_number_alone_that_is_another_bands_name():
    first = add_band("!!!", **MADE)
    add_band(f"Band {first.pk + 2}", **MADE)

    third = add_band("△", **MADE)

    assert third.slug == f"band-{third.pk}-2"


counter = itertools.count(1)
visible_names = st.text(min_size=1, max_size=50).filter(
    lambda text: any(unicodedata.category(character)[0] in "LNPS" for character in text)
)


@settings(max_examples=60, deadline=None)
@given(visible_names)
def test_add_band_takes_every_visible_name(name):
    number = next(counter)

    band = add_band(name, disambiguation=f"example {number}", **MADE)

    assert band.name_normalized != ""
    assert band.folding_key != ""
    assert re.fullmatch(SLUG_PATTERN, band.slug)
    assert band_at(band.slug) == band


@pytest.mark.parametrize("name", ["", "   ", "\r\n", "\u200b", "\ufeff\u200f"])
def test_add_band_refuses_a_name_of_which_nothing_is_visible(name):
    assert refusal_of(add_band, name) == {"name": ["A band's name needs at least one visible character."]}
    assert BandProfile.objects.count() == 0


def test_add_band_takes_a_name_of_200_characters_and_refuses_one_more():
    assert add_band("x" * 200, **MADE).slug == "x" * 100

    assert refusal_of(add_band, "y" * 201) == {"name": ["Ensure this value has at most 200 characters (it has 201)."]}


def test_add_band_takes_names_that_fold_into_more_than_their_columns_hold():
    assert len(add_band("\ufdfa" * 100, **MADE).folding_key) == 400


@pytest.mark.parametrize(("name", "disambiguation"), [("Dusk", "Guelph"), ("DUSK", "guelph"), (" dusk ", "Guelph ")])
def test_add_band_refuses_a_name_and_disambiguation_that_are_taken(name, disambiguation):
    add_band("Dusk", **MADE)
    add_band("Dusk", disambiguation="Guelph", **MADE)

    assert refusal_of(add_band, name, disambiguation=disambiguation) == {"__all__": [NAME_IS_TAKEN]}
    assert refusal_of(add_band, name) == {"__all__": [NAME_IS_TAKEN]}


@pytest.mark.parametrize(
    ("name", "disambiguation"), [("Dusk", "tribute"), ("Dusk", ""), ("Dùsk", "Guelph"), ("The Dusk", "Guelph")]
)
def test_add_band_lets_bands_share_a_name_that_a_disambiguation_tells_apart(name, disambiguation):
    guelph = add_band("Dusk", disambiguation="Guelph", **MADE)

    other = add_band(name, disambiguation=disambiguation, **MADE)

    assert other.pk != guelph.pk
    assert other.slug != guelph.slug


def test_the_database_itself_refuses_a_second_band_of_the_same_name_and_disambiguation():
    add_band("Dusk", disambiguation="Guelph", **MADE)
    twin = BandProfile(name="DUSK", disambiguation="GUELPH", name_normalized="dusk", folding_key="dusk", slug="twin")

    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


@pytest.mark.parametrize(
    ("one", "other", "slugs"),
    [
        ("Dog Bus", "Dogbus", ["dog-bus", "dogbus"]),
        ("Ripcordz", "The Ripcordz", ["ripcordz", "the-ripcordz"]),
        ("R.E.M.", "REM", ["r-e-m", "rem"]),
        ("Motörhead", "Motorhead", ["motorhead", "motorhead-2"]),
        ("bbno$", "bbnos", ["bbnos", "bbnos-2"]),
        ("Jay-Z", "Jay\u2010Z", ["jay-z", "jay-z-2"]),
    ],
)
def test_add_band_never_merges_names_that_only_look_the_same(one, other, slugs):
    assert [add_band(one, **MADE).slug, add_band(other, **MADE).slug] == slugs


def test_add_band_refuses_an_address_that_another_band_has():
    add_band("Dog Bus", **MADE)

    assert refusal_of(add_band, "Bus Dog", slug="dog-bus") == {"slug": ["Band with this Slug already exists."]}


@pytest.mark.parametrize("slug", ["Dog-Bus", "dog_bus", "-dog", "dog--bus", "dog bus", "人間"])
def test_add_band_refuses_a_malformed_address(slug):
    assert refusal_of(add_band, "Dog Bus", slug=slug) == {
        "slug": ["Use lower-case letters, digits and single hyphens, for example vol-18."]
    }


def test_add_band_does_not_give_a_former_address_to_a_new_band():
    band = add_band("Dogbus", **MADE)
    update_band(band, slug="dog-bus", **MADE)

    assert add_band("DOGBUS!", **MADE).slug == "dogbus-2"
    assert add_band("Dog, Bus", **MADE).slug == "dog-bus-2"
    assert band_at("dogbus") == band


def test_add_band_refuses_an_address_that_another_band_had():
    band = add_band("Dogbus", **MADE)
    update_band(band, slug="dog-bus", **MADE)

    assert refusal_of(add_band, "The Dogbus", slug="dogbus") == {
        "slug": ["“dogbus” was another band's address and still leads there. Choose another one."]
    }
    assert list(BandProfile.objects.all()) == [band]


def test_update_band_leads_every_former_address_to_the_band_in_one_hop():
    band = add_band("Worrywart", slug="a", **MADE)

    update_band(band, slug="b", **MADE)
    update_band(band, slug="c", **MADE)

    assert former_slugs_of(band) == ["a", "b"]
    assert [band_at(slug) for slug in "abc"] == [band, band, band]
    assert BandProfile.objects.get().slug == "c"


def test_update_band_may_return_to_its_own_former_address():
    band = add_band("Worrywart", slug="a", **MADE)
    update_band(band, slug="b", **MADE)
    update_band(band, slug="c", **MADE)

    update_band(band, slug="a", **MADE)

    assert BandProfile.objects.get().slug == "a"
    assert former_slugs_of(band) == ["b", "c"]

    update_band(band, slug="b", **MADE)

    assert BandProfile.objects.get().slug == "b"
    assert former_slugs_of(band) == ["a", "c"]


def test_update_band_refuses_the_address_that_another_band_has_or_had():
    band = add_band("Worrywart", slug="a", **MADE)
    update_band(band, slug="b", **MADE)
    other = add_band("Handheld", slug="handheld", **MADE)

    assert refusal_of(update_band, other, slug="a") == {
        "slug": ["“a” was another band's address and still leads there. Choose another one."]
    }
    assert refusal_of(update_band, other, slug="b") == {"slug": ["Band with this Slug already exists."]}
    assert [band_at("a"), band_at("b"), band_at("handheld")] == [band, band, other]
    assert BandSlugRedirect.objects.count() == 1


def test_update_band_with_the_same_or_no_address_leaves_no_redirect():
    band = add_band("Worrywart", **MADE)

    update_band(band, slug="worrywart", **MADE)
    update_band(band, slug="", **MADE)

    assert BandProfile.objects.get().slug == "worrywart"
    assert former_slugs_of(band) == []


def test_update_band_renews_the_keys_and_keeps_the_address():
    band = add_band("Skatharines", **MADE)

    update_band(band, name=" SKAtharines  + Friends ", disambiguation=" St.  Catharines ", **MADE)

    band.refresh_from_db()
    assert (band.name, band.disambiguation, band.name_normalized, band.folding_key, band.lookup_key, band.slug) == (
        "SKAtharines + Friends",
        "St. Catharines",
        "skatharines + friends",
        "skatharinesandfriends",
        "skatharinesfriends",
        "skatharines",
    )


def test_update_band_refuses_the_name_of_another_band():
    make_band("Dusk")
    band = make_band("Dawn")

    assert refusal_of(update_band, band, name="DUSK") == {"__all__": [NAME_IS_TAKEN]}
    assert refusal_of(update_band, band, name="\u200b") == {
        "name": ["A band's name needs at least one visible character."]
    }
    band.refresh_from_db()
    assert band.name == "Dawn"


def test_update_band_changes_genres_only_when_they_are_given():
    punk, ska = find_genre("Punk", **MADE), find_genre("Ska", **MADE)
    band = add_band("Skatharines", genres=[punk], **MADE)

    update_band(band, origin="St. Catharines, ON", **MADE)
    assert list(band.genres.all()) == [punk]

    update_band(band, genres=[ska], **MADE)
    assert list(band.genres.all()) == [ska]

    update_band(band, genres=[], **MADE)
    assert list(band.genres.all()) == []


def test_delete_band_keeps_all_its_addresses_from_other_bands():
    band = add_band("Worrywart", slug="a", **MADE)
    update_band(band, slug="b", **MADE)

    delete_band(band, **MADE)

    assert BandProfile.objects.count() == 0
    assert sorted(BandSlugRedirect.objects.values_list("slug", "band")) == [("a", None), ("b", None)]
    for slug in "ab":
        assert list(refusal_of(add_band, "Handheld", slug=slug)) == ["slug"]
    assert [add_band("A", **MADE).slug, add_band("B", **MADE).slug] == ["a-2", "b-2"]


def test_delete_band_leaves_a_band_that_plays():
    make_set(make_event(), "Worrywart")
    band = make_band("Worrywart")

    with pytest.raises(ProtectedError):
        delete_band(band, **MADE)

    assert band_at("worrywart") == band
    assert BandSlugRedirect.objects.count() == 0


def test_add_alias_stores_the_name_with_its_keys():
    band = make_band("!!!")

    alias = add_alias(band, " Chk  Chk Chk ", **MADE)

    assert list(BandAlias.objects.values_list("pk", "band", "name", "name_normalized", "folding_key")) == [
        (alias.pk, band.pk, "Chk Chk Chk", "chk chk chk", "chkchkchk")
    ]


def test_add_alias_answers_with_the_alias_that_is_there():
    band = make_band("!!!")
    alias = add_alias(band, "Chk Chk Chk", **MADE)

    assert add_alias(band, "CHK  chk CHK\u200b", **MADE) == alias
    assert BandAlias.objects.get().name == "Chk Chk Chk"


def test_add_alias_lets_two_bands_have_the_same_alias():
    dusk, dawn = make_band("Dusk"), make_band("Dawn")

    assert add_alias(dusk, "Twilight", **MADE) != add_alias(dawn, "Twilight", **MADE)


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("", {"name": ["An alias needs at least one visible character."]}),
        (" \u200b ", {"name": ["An alias needs at least one visible character."]}),
        ("x" * 201, {"name": ["Ensure this value has at most 200 characters (it has 201)."]}),
    ],
)
def test_add_alias_refuses_a_name_that_is_empty_or_too_long(name, errors):
    band = make_band("Dusk")

    assert refusal_of(add_alias, band, name) == errors
    assert BandAlias.objects.count() == 0


def test_find_genre_makes_it_once():
    genre = find_genre(" Hip   Hop ", **MADE)

    assert (genre.name, genre.slug) == ("Hip Hop", "hip-hop")
    assert find_genre("hip hop", **MADE) == genre
    assert list(Genre.objects.all()) == [genre]


def test_find_genre_knows_capitals_beyond_ascii():
    assert find_genre("électro", **MADE) == find_genre("Électro", **MADE)


@pytest.mark.parametrize(
    ("name", "slug"), [("R&B", "r-and-b"), ("Hip-Hop", "hip-hop-2"), ("演歌", "genre-2"), ("Électro", "electro")]
)
def test_find_genre_gives_every_genre_an_address_of_its_own(name, slug):
    find_genre("Hip Hop", **MADE)

    assert find_genre(name, **MADE).slug == slug


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("  ", {"name": ["This field cannot be blank."]}),
        ("x" * 101, {"name": ["Ensure this value has at most 100 characters (it has 101)."]}),
    ],
)
def test_find_genre_refuses_a_name_that_is_empty_or_too_long(name, errors):
    assert refusal_of(find_genre, name) == errors
    assert Genre.objects.count() == 0


def test_update_band_writes_nothing_where_nothing_is_different():
    punk = find_genre("Punk", **MADE)
    band = add_band("Dusk", genres=[punk], origin="Guelph", **MADE)
    versions = band.history.count()

    update_band(band, name=" Dusk ", genres=[punk], origin="Guelph", slug="dusk", **MADE)
    assert (BandProfile.objects.get().version, band.history.count()) == (0, versions)

    update_band(band, genres=[], **MADE)
    assert BandProfile.objects.get().version == 1


def test_update_band_keeps_the_photo_when_the_one_it_had_is_gone(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    band = add_band("Dusk", photo="bands/new.jpg", photo_alt_text="A boat.", **MADE)
    (tmp_path / "bands").mkdir()
    (tmp_path / "bands" / "stored.jpg").touch()

    update_band(band, photo="bands/gone.jpg", photo_alt_text="A dog.", origin="Guelph", **MADE)
    assert (band.photo.name, band.photo_alt_text, band.origin) == ("bands/new.jpg", "A boat.", "Guelph")

    update_band(band, photo="bands/stored.jpg", photo_alt_text="A dog.", **MADE)
    assert (band.photo.name, band.photo_alt_text) == ("bands/stored.jpg", "A dog.")
