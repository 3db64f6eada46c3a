"""No silent twins: a band that may be there already is shown before it is added again."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from bands.library import add_alias, add_band
from bands.models import BandProfile
from schedule import lineup
from tests.admin_pages import errors_in, form_in, save, sign_in
from tests.factories import MADE, SATURDAY, make_admin, make_band, make_event, make_public_event, make_set, make_user

pytestmark = pytest.mark.django_db

ADD = "/admin/bands/bandprofile/add/"
SIMILAR = "/admin/bands/bandprofile/similar/"
SAME = {
    "disambiguation": ["There is a band of this name. Use it, or write a word that tells yours apart, like its city."]
}
ALIKE = {
    "disambiguation": [
        "There is a band of a similar name. Use it, or write a word that tells yours apart, like its city."
    ]
}


@pytest.fixture
def admin_client(client):
    sign_in(client, make_admin())
    return client


@pytest.fixture
def harpoonist():
    """A band that has played twice and will play again."""
    today = timezone.localdate()
    for number, days in ((4, -400), (5, -30), (6, 30)):
        make_set(make_public_event(f"Vol. {number}", date=today + timedelta(days=days)))
    return make_band("The Harpoonist")


def found_in(response):
    return [(str(each.band), each.summary, each.is_same) for each in response.context["found"]]


@pytest.mark.parametrize("name", ["The Harpoonist", "HARPOONIST", "the  harpoonist!"])
def test_band_of_the_same_name_is_shown_and_needs_a_word_that_tells_it_apart(admin_client, harpoonist, name):
    response = save(admin_client, ADD, name=name)

    assert errors_in(response) == SAME
    assert found_in(response) == [("The Harpoonist", "played Vol. 5, Vol. 4", True)]
    assert f'href="/admin/bands/bandprofile/{harpoonist.pk}/change/">Use this band' in response.content.decode()
    assert errors_in(save(admin_client, ADD, name=name, disambiguation=" \u200b ")) == SAME
    assert BandProfile.objects.count() == 1

    save(admin_client, ADD, name=name, disambiguation="Guelph")
    assert BandProfile.objects.count() == 2


@pytest.mark.parametrize(("known", "typed"), [("$wamp A$$", "Swamp Ass"), ("Loud Boys", "L0ud Boys")])
def test_signs_that_read_as_letters_make_the_same_name(admin_client, known, typed):
    make_band(known)

    assert errors_in(save(admin_client, ADD, name=typed)) == SAME


def test_alias_is_a_name_as_well(admin_client):
    add_alias(make_band("!!!"), "Chk Chk Chk", **MADE)

    response = save(admin_client, ADD, name="chk chk chk")

    assert (errors_in(response), found_in(response)) == (SAME, [("!!!", "no shows yet", True)])


def test_band_of_a_similar_name_needs_a_word_that_tells_it_apart_too(admin_client, harpoonist):
    response = save(admin_client, ADD, name="The Harponist", description="Loud.")
    assert (errors_in(response), found_in(response)) == (ALIKE, [("The Harpoonist", "played Vol. 5, Vol. 4", False)])

    sent = form_in(response, "bandprofile_form")
    assert sent["description"] == ["Loud."]
    assert errors_in(admin_client.post(ADD, {**sent, "create_different": "on"})) == ALIKE
    assert admin_client.post(ADD, {**sent, "disambiguation": "Guelph"}).status_code == 302
    assert sorted(map(str, BandProfile.objects.all())) == ["The Harponist (Guelph)", "The Harpoonist"]


@pytest.mark.parametrize("name", ["Harbour Lights", "Harp"])
def test_other_names_are_added_without_a_question(admin_client, harpoonist, name):
    assert save(admin_client, ADD, name=name).status_code == 302


def test_band_that_is_there_is_edited_without_a_question(admin_client, harpoonist):
    band = make_band("Dog Ferry")

    response = save(admin_client, f"/admin/bands/bandprofile/{band.pk}/change/", name="The Harpoonists")

    assert response.status_code == 302


def test_first_button_of_the_form_saves(admin_client, harpoonist):
    """Enter presses the first one, also where others stand above the fields."""
    page = save(admin_client, ADD, name="Harpoonist").content.decode()

    form = page[page.index('id="bandprofile_form"') :]
    assert form.index('<button type="submit" name="_save" hidden>') < form.index('data-needs="id_disambiguation"')


# --- Using the one that is there ---------------------------------------------------------------


def test_band_is_used_from_the_popup_of_a_set(admin_client, harpoonist):
    opened = admin_client.get(f"{ADD}?_popup=1&_to_field=id")
    sent = {**form_in(opened, "bandprofile_form"), "name": "harpoonist"}
    refused = admin_client.post(f"{ADD}?_popup=1", sent)
    assert f'form="use_band_form" name="_use_band" value="{harpoonist.pk}"' in refused.content.decode()

    used = admin_client.post(f"{ADD}?_popup=1", {**form_in(refused, "use_band_form"), "_use_band": harpoonist.pk})

    assert used.templates[0].name == "admin/popup_response.html"
    assert json.loads(used.context_data["popup_response_data"]) == {
        "value": str(harpoonist.pk),
        "obj": "The Harpoonist",
    }
    assert BandProfile.objects.count() == 1


def test_band_is_used_outside_a_popup(admin_client, harpoonist):
    response = admin_client.post(ADD, {"_use_band": harpoonist.pk})

    assert response["Location"] == f"/admin/bands/bandprofile/{harpoonist.pk}/change/"


@pytest.mark.parametrize("number", ["0", "x", "", "9" * 30, "²"])
def test_band_that_is_not_there_is_not_used(admin_client, number):
    assert admin_client.post(ADD, {"_use_band": number}).status_code == 404


def test_band_is_used_by_who_may_add_one(client, harpoonist):
    sign_in(client, make_user("viewer"))

    assert client.post(ADD, {"_use_band": harpoonist.pk}).status_code == 403


# --- While somebody types ----------------------------------------------------------------------


def test_hint_while_typing(admin_client, harpoonist):
    same = admin_client.get(SIMILAR, {"name": "harpoonist"}).json()["html"]
    alike = admin_client.get(SIMILAR, {"name": "harponist", "popup": "1"}).json()["html"]

    for html in (same, alike):
        assert "<strong>The Harpoonist</strong> (played Vol. 5, Vol. 4)" in html
        assert 'data-needs="id_disambiguation"' in html
    assert ('form="use_band_form"' in same, 'form="use_band_form"' in alike) == (False, True)


@pytest.mark.parametrize("name", ["", " \u200b", "\0", "Nobody Knows Us", "x" * 5000])
def test_hint_says_nothing_where_nothing_is_similar(admin_client, harpoonist, name):
    assert admin_client.get(SIMILAR, {"name": name}).json() == {"html": ""}


def test_hint_is_for_who_may_add_bands(client, harpoonist):
    sign_in(client, make_user("viewer"))

    assert client.get(SIMILAR, {"name": "harpoonist"}).status_code == 403


def test_hint_tells_no_event_that_is_not_open(client):
    """A draft is known to who works on it; of a public one everybody knows."""
    today = timezone.localdate()
    own = make_event("Her Crawl", date=today - timedelta(days=9))
    for event in (own, make_event("Secret Crawl", date=today - timedelta(days=8))):
        make_set(event)
    make_set(make_public_event("Open Crawl", date=today - timedelta(days=7)))
    sign_in(client, make_user("editor", own))

    hint = client.get(SIMILAR, {"name": "harpoonist"}).json()["html"]

    assert "(played Open Crawl, Her Crawl)" in hint
    assert "Secret" not in hint


@pytest.mark.parametrize("count", [1, 3])
def test_hint_takes_the_same_queries_for_one_and_for_three(admin_client, django_assert_num_queries, count):
    for number in range(count):
        band = add_band("Moth Choir", disambiguation=f"no. {number}", **MADE)
        lineup.add_set(make_event(f"Crawl {number}"), night=SATURDAY, band=band, **MADE)

    with django_assert_num_queries(7):
        assert "Moth Choir" in admin_client.get(SIMILAR, {"name": "moth choir"}).json()["html"]
