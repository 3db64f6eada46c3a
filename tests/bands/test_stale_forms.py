"""Two people with the same row open: who saves second sees both, loses nothing and overwrites nothing unseen."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from bands import forms
from bands.library import find_genre, update_band
from bands.models import BandProfile
from schedule import events, lineup, publishing
from schedule.models import Event, Performance, Venue
from settimes.versions import StaleError
from tests.admin_pages import errors_in, form_in, sign_in
from tests.factories import MADE, make_admin, make_band, make_event, make_set, make_user, make_venue, wall

pytestmark = pytest.mark.django_db

PAGES = {
    Event: "/admin/schedule/event/",
    Performance: "/admin/schedule/performance/",
    Venue: "/admin/schedule/venue/",
    BandProfile: "/admin/bands/bandprofile/",
}
UNSAVED = "Nothing is saved yet. Look through it and save again."


@pytest.fixture
def ana(client):
    user = make_admin()
    sign_in(client, user)
    return user


@pytest.fixture
def bea():
    return make_user("editor", first_name="Bea")


def path_of(row):
    return f"{PAGES[type(row)]}{row.pk}/change/"


def opened(client, row):
    """What a browser would send for the row's form as it was opened."""
    return form_in(client.get(path_of(row)), f"{row._meta.model_name}_form")


def sent_again(response, row):
    return form_in(response, f"{row._meta.model_name}_form")


def stale_of(response):
    return response.context["adminform"].form.stale


def clashes_in(response):
    return [(clash.field.name, clash.mine, clash.theirs) for clash in stale_of(response).clashes]


def made(bea, minutes=2):
    return {"by": bea, "now": timezone.now() - timedelta(minutes=minutes)}


ROWS = {
    "band": (
        lambda: make_band("Moth Choir"),
        lambda row, by: update_band(row, origin_city="Guelph", **by),
        ("origin_city", "Toronto", "Guelph"),
    ),
    "venue": (
        lambda: make_venue("Old Mill"),
        lambda row, by: events.update_venue(row, capacity=80, **by),
        ("capacity", "90", "80"),
    ),
    "event": (
        lambda: make_event(),
        lambda row, by: events.update_event(row, city="Guelph", **by),
        ("city", "Toronto", "Guelph"),
    ),
    "set": (
        lambda: make_set(make_event(), "X"),
        lambda row, by: lineup.change_set(row, notes="Hers", **by),
        ("notes", "Mine", "Hers"),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_who_saves_second_sees_both_and_saving_again_is_on_purpose(client, ana, bea, name):
    make, change, (field, mine, theirs) = ROWS[name]
    row = make()
    sent = opened(client, row)
    change(row, made(bea))
    row.refresh_from_db()
    before = type(row).objects.filter(pk=row.pk).values().get()

    response = client.post(path_of(row), {**sent, field: mine})

    assert type(row).objects.filter(pk=row.pk).values().get() == before
    assert errors_in(response) == {
        "__all__": [UNSAVED],
        field: [f"It is now “{theirs}”. Save again to keep what stands here."],
    }
    assert clashes_in(response) == [(field, mine, theirs)]
    text = response.content.decode()
    assert "Bea changed this 2\xa0minutes ago while you had it open." in text
    again = sent_again(response, row)
    assert again[field] == [mine]

    assert client.post(path_of(row), again).status_code == 302
    row.refresh_from_db()
    assert str(getattr(row, field)) == mine
    assert row.version == 2


@pytest.mark.parametrize("name", ROWS)
def test_what_only_the_other_one_changed_is_taken_over(client, ana, bea, name):
    make, change, (field, _mine, theirs) = ROWS[name]
    own_field = {"band": "origin_region", "venue": "city", "event": "price", "set": "crew_notes"}[name]
    row = make()
    sent = opened(client, row)
    change(row, made(bea))

    response = client.post(path_of(row), {**sent, own_field: "Own"})

    assert errors_in(response) == {"__all__": [UNSAVED]}
    assert (clashes_in(response), len(stale_of(response).taken)) == ([], 1)
    assert client.post(path_of(row), sent_again(response, row)).status_code == 302
    row.refresh_from_db()
    assert (str(getattr(row, field)), getattr(row, own_field)) == (theirs, "Own")


def test_choices_ticks_lists_days_and_typed_times_are_taken_over(client, ana, bea):
    event, band = make_event(), make_band("Moth Choir", genres=[find_genre("Folk", **MADE)])
    performance = make_set(event, "X")
    of_set, of_band, of_event = (opened(client, row) for row in (performance, band, event))
    lineup.change_set(
        performance,
        venue=make_venue("Room 47"),
        starts_at=wall(event, "24:10"),
        ends_at=wall(event, "24:40"),
        **made(bea),
    )
    update_band(
        band,
        genres=[find_genre("Punk", **MADE), find_genre("Jazz", **MADE)],
        is_active=False,
        social_links={"website": "https://a.example"},
        **made(bea),
    )
    changed = {"end_date": event.date + timedelta(days=1), "reveal_mode": True, "times_public": False}
    events.update_event(event, **changed, timezone="Europe/Berlin", **made(bea))

    for row, sent, own in (
        (performance, of_set, {"crew_notes": "Own"}),
        (band, of_band, {"origin": "Own"}),
        (event, of_event, {"price": "Own"}),
    ):
        response = client.post(path_of(row), {**sent, **own})
        assert clashes_in(response) == []
        assert client.post(path_of(row), sent_again(response, row)).status_code == 302
        row.refresh_from_db()
        assert getattr(row, *own) == "Own"

    assert (performance.venue.name, performance.starts_at) == ("Room 47", wall(event, "24:10"))
    assert ({str(genre) for genre in band.genres.all()}, band.is_active) == ({"Punk", "Jazz"}, False)
    assert band.social_links == {"website": "https://a.example"}
    assert {name: getattr(event, name) for name in changed} == changed


def test_times_and_choices_that_both_changed_are_shown_as_people_read_them(client, ana, bea):
    event = make_event()
    performance = make_set(event, "X")
    make_venue("Room 47"), make_venue("Old Mill")
    sent = opened(client, performance)
    lineup.change_set(
        performance,
        venue=make_venue("Room 47"),
        starts_at=wall(event, "20:15"),
        ends_at=wall(event, "20:45"),
        **made(bea),
    )

    response = client.post(
        path_of(performance), {**sent, "venue": make_venue("Old Mill").pk, "starts": "9pm", "ends": "9:30pm"}
    )

    assert clashes_in(response) == [
        ("venue", "Old Mill", "Room 47"),
        ("starts", "9pm", "20:15"),
        ("ends", "9:30pm", "20:45"),
    ]
    (venue, *_others) = stale_of(response).clashes
    assert venue.options == [(str(make_venue("Room 47").pk), "Room 47")]
    assert client.post(path_of(performance), sent_again(response, performance)).status_code == 302
    performance.refresh_from_db()
    assert (performance.venue.name, performance.starts_at) == ("Old Mill", wall(event, "21:00"))


def test_ticks_and_lists_that_both_changed_are_shown_in_words(client, ana, bea):
    folk, punk, jazz = (find_genre(name, **MADE) for name in ("Folk", "Punk", "Jazz"))
    band = make_band("Moth Choir", genres=[folk])
    sent = opened(client, band)
    update_band(band, genres=[punk], name="Hers", **made(bea))

    response = client.post(path_of(band), {**sent, "genres": [jazz.pk], "name": "Mine"})

    assert clashes_in(response) == [("name", "Mine", "Hers"), ("genres", "Jazz", "Punk")]
    assert stale_of(response).clashes[1].options == [(str(punk.pk), "Punk")]


def test_the_same_change_made_twice_is_no_clash(client, ana, bea):
    band = make_band("Moth Choir")
    sent = opened(client, band)
    update_band(band, origin_city="Guelph", **made(bea))

    response = client.post(path_of(band), {**sent, "origin_city": "Guelph"})

    assert (clashes_in(response), stale_of(response).taken) == ([], [])
    assert client.post(path_of(band), sent_again(response, band)).status_code == 302


def test_change_of_what_the_form_does_not_show_is_told_too(client, ana, bea):
    event = make_event()
    make_set(event)
    sent = opened(client, event)
    publishing.publish_event(event, **made(bea))

    response = client.post(path_of(event), {**sent, "city": "Guelph"})

    assert "Bea changed this 2\xa0minutes ago" in response.content.decode()
    assert (clashes_in(response), stale_of(response).taken) == ([], [])
    assert client.post(path_of(event), sent_again(response, event)).status_code == 302
    event.refresh_from_db()
    assert (event.city, event.status) == ("Guelph", "published")


@pytest.mark.parametrize(("seconds", "words"), [(59, "a moment ago"), (61, "1\xa0minute ago")])
def test_when_it_was_changed_is_told_in_words(client, ana, bea, seconds, words):
    band = make_band("Moth Choir")
    sent = opened(client, band)
    update_band(band, origin_city="Guelph", by=bea, now=timezone.now() - timedelta(seconds=seconds))

    assert f"Bea changed this {words} while" in client.post(path_of(band), sent).content.decode()


def test_picture_has_to_be_chosen_again(client, ana, bea):
    band = make_band("Moth Choir")
    sent = opened(client, band)
    update_band(band, origin_city="Guelph", **made(bea))
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")

    upload = {"photo": SimpleUploadedFile("a.png", file.getvalue()), "photo_alt_text": "A choir of moths"}
    with_picture = client.post(path_of(band), {**sent, **upload})
    without = client.post(path_of(band), sent)

    advice = "Choose the picture again: a browser does not keep it."
    assert [advice in page.content.decode() for page in (with_picture, without)] == [True, False]
    assert BandProfile.objects.get(pk=band.pk).photo.name == ""


def test_form_that_was_opened_before_values_were_carried_along_shows_all_that_differs(client, ana, bea):
    band = make_band("Moth Choir")
    sent = {name: value for name, value in opened(client, band).items() if name != "seen_values"}
    update_band(band, origin_city="Guelph", **made(bea))

    response = client.post(path_of(band), {**sent, "origin": "Mine"})

    assert ("origin_city", "", "Guelph") in clashes_in(response)


@pytest.mark.parametrize("seen", ["[]", "3", "null", '{"origin_city": ["x"]}'])
def test_carried_values_that_somebody_made_up_do_no_harm(client, ana, bea, seen):
    band = make_band("Moth Choir")
    sent = opened(client, band)
    update_band(band, origin_city="Guelph", **made(bea))

    response = client.post(path_of(band), {**sent, "seen_values": seen, "origin_city": "Toronto"})

    assert ("origin_city", "Toronto", "Guelph") in clashes_in(response)
    assert BandProfile.objects.get(pk=band.pk).origin_city == "Guelph"


def test_names_of_the_other_one_are_written_as_they_are_and_never_run(client, ana, bea):
    band = make_band("Moth Choir")
    sent = opened(client, band)
    update_band(band, origin_city="<script>alert(1)</script>", **made(bea))

    text = client.post(path_of(band), {**sent, "origin_city": "Mine"}).content.decode()

    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert(" not in text


def test_who_is_quicker_between_the_rehearsal_and_the_writing_is_shown_too(client, ana, bea, monkeypatch):
    """The rehearsal of the form said yes; then somebody else saved; what was typed is still there."""
    band = make_band("Moth Choir")
    sent, right, times_written = opened(client, band), forms.BandForm.apply, []

    def apply(self, *, by, now):
        quick = BandProfile.objects.get(pk=band.pk)
        if by is not None:
            times_written.append(now)
            raise StaleError(quick)
        if times_written:
            update_band(quick, origin_city="Guelph", by=bea, now=now)
        return right(self, by=by, now=now)

    monkeypatch.setattr(forms.BandForm, "apply", apply)

    response = client.post(path_of(band), {**sent, "origin_city": "Mine"})

    assert len(times_written) == 1
    assert clashes_in(response) == [("origin_city", "Mine", "Guelph")]
    assert sent_again(response, band)["origin_city"] == ["Mine"]


def test_a_new_row_and_a_row_that_is_only_read_carry_no_versions(client, ana):
    assert "seen_version" not in client.get(f"{PAGES[BandProfile]}add/").content.decode()

    band = make_band("Moth Choir")
    sign_in(client, make_user("viewer"))
    text = client.get(path_of(band)).content.decode()
    assert "seen_values" not in text


def test_private_values_of_the_other_one_are_not_shown_to_who_may_not_see_them(client, ana, bea):
    venue = make_venue("Old Mill", phone="+1 519 555 0100")
    sign_in(client, make_user("viewer"))

    assert "555 0100" not in client.get(path_of(venue)).content.decode()
