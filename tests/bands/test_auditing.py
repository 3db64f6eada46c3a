"""What people do to the band library is in the audit trail, in the transaction of the change."""

import pytest

from accounts import trails
from accounts.models import AuditEntry
from bands import auditing
from bands.library import (
    add_alias,
    add_band,
    add_genre,
    delete_band,
    delete_genre,
    find_genre,
    remove_alias,
    update_band,
    update_genre,
)
from bands.models import BandAlias, BandProfile, Genre
from tests.factories import MADE, NOW, make_admin, make_band

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return {"by": make_admin(), "now": NOW}


def trail():
    """Action, what it was done to, before and after of every audit entry, oldest first."""
    return [
        (entry.action, entry.object_type, entry.object_label, entry.before, entry.after)
        for entry in AuditEntry.objects.order_by("pk")
    ]


def test_band_that_is_added_is_audited_with_what_was_entered(made):
    punk = find_genre("punk", **MADE)

    band = add_band(
        "Moth Choir", genres=[punk], origin="Toronto", description="", contact_email="moth@choir.example", **made
    )

    after = {"name": "Moth Choir", "slug": "moth-choir", "origin": "Toronto"}
    after |= {"contact_email": "(private)", "genres": "punk"}
    assert trail() == [("band.created", "bands.bandprofile", "Moth Choir", {}, after)]
    entry = AuditEntry.objects.get()
    assert (entry.object_id, entry.user_id, entry.at) == (str(band.pk), made["by"].pk, NOW)


def test_band_that_is_edited_is_audited_with_what_is_different(made):
    band = add_band("Moth Choir", genres=[find_genre("punk", **MADE)], origin="Toronto", **MADE)

    update_band(
        band, name=" The  Moths ", origin="Toronto", contact_email="a@choir.example",
        genres=[find_genre("folk", **MADE)], **made,
    )  # fmt: skip
    update_band(band, contact_email="b@choir.example", genres=[find_genre("folk", **MADE)], **made)
    update_band(band, contact_email="", **made)
    update_band(band, name="The Moths", **made)

    private = "(private)"
    assert [each[3:] for each in trail()] == [
        (
            {"name": "Moth Choir", "contact_email": "", "genres": "punk"},
            {"name": "The Moths", "contact_email": private, "genres": "folk"},
        ),
        ({"contact_email": private}, {"contact_email": private}),
        ({"contact_email": private}, {"contact_email": ""}),
    ]
    assert {each[:3] for each in trail()} == {("band.updated", "bands.bandprofile", "The Moths")}


def test_band_that_is_deleted_is_audited_by_its_name(made):
    band = make_band("Moth Choir", disambiguation="Guelph")
    number = str(band.pk)

    delete_band(band, **made)

    before = {"name": "Moth Choir", "disambiguation": "Guelph", "slug": "moth-choir-guelph"}
    assert trail() == [("band.deleted", "bands.bandprofile", "Moth Choir (Guelph)", before, {})]
    assert AuditEntry.objects.get().object_id == number


def test_alias_is_audited_when_it_comes_and_when_it_goes(made):
    band = make_band("Moth Choir")

    alias = add_alias(band, "The Moths", **made)
    add_alias(band, "the moths", **made)
    remove_alias(alias, **made)

    assert trail() == [
        ("band.alias_added", "bands.bandprofile", "Moth Choir", {}, {"alias": "The Moths"}),
        ("band.alias_removed", "bands.bandprofile", "Moth Choir", {"alias": "The Moths"}, {}),
    ]
    assert BandAlias.objects.count() == 0


def test_genre_is_audited_from_its_making_to_its_end(made):
    genre = add_genre("dream  pop", **made)
    assert find_genre("Dream Pop", **made) == genre
    update_genre(genre, name="Dream Pop", slug="dream-pop", **made)
    update_genre(genre, name="Dream Pop", **made)
    delete_genre(genre, **made)

    assert trail() == [
        ("genre.created", "bands.genre", "dream pop", {}, {"name": "dream pop", "slug": "dream-pop"}),
        ("genre.updated", "bands.genre", "Dream Pop", {"name": "dream pop"}, {"name": "Dream Pop"}),
        ("genre.deleted", "bands.genre", "Dream Pop", {"name": "Dream Pop", "slug": "dream-pop"}, {}),
    ]
    assert Genre.objects.count() == 0


def test_what_nobody_does_is_not_audited():
    band = add_band("Moth Choir", genres=[find_genre("punk", **MADE)], **MADE)
    update_band(band, name="The Moths", **MADE)
    remove_alias(add_alias(band, "Moth Choir", **MADE), **MADE)
    update_genre(find_genre("punk", **MADE), name="Punk", **MADE)
    delete_genre(find_genre("punk", **MADE), **MADE)
    delete_band(band, **MADE)

    assert trail() == []


CHANGES = {
    "add_band": lambda made: add_band("New Band", **made),
    "update_band": lambda made: update_band(BandProfile.objects.get(), name="The Moths", genres=[], **made),
    "delete_band": lambda made: delete_band(BandProfile.objects.get(), **made),
    "add_alias": lambda made: add_alias(BandProfile.objects.get(), "Papillons", **made),
    "remove_alias": lambda made: remove_alias(BandAlias.objects.get(), **made),
    "add_genre": lambda made: add_genre("folk", **made),
    "find_genre": lambda made: find_genre("folk", **made),
    "update_genre": lambda made: update_genre(Genre.objects.get(), name="folk", **made),
    "delete_genre": lambda made: delete_genre(Genre.objects.get(), **made),
}


def library():
    """All that the library has, but for the time of the last edit."""
    return [
        *BandProfile.objects.values_list("pk", "name", "slug", "genres__name"),
        *BandAlias.objects.values_list("pk", "name"),
        *Genre.objects.values_list("pk", "name", "slug"),
    ]


@pytest.mark.parametrize("fails", [True, False])
@pytest.mark.parametrize("change", CHANGES)
def test_change_that_cannot_be_audited_is_not_made(made, monkeypatch, change, fails):
    band = add_band("Moth Choir", genres=[find_genre("punk", **MADE)], **MADE)
    add_alias(band, "The Moths", **MADE)
    before = library()

    def audit(*args, **kwargs):
        trails.audit(*args, **kwargs)
        if fails:
            raise OSError("the disk is full")

    monkeypatch.setattr(auditing, "audit", audit)

    if fails:
        with pytest.raises(OSError, match="the disk is full"):
            CHANGES[change](made)
    else:
        CHANGES[change](made)

    assert (library() == before, AuditEntry.objects.count()) == (fails, 0 if fails else 1)
