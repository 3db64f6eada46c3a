"""Sets, addresses and files when two profiles become one band, and when they become two again."""

import threading
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry
from bands import merging
from bands.library import add_alias, add_band, find_genre, update_band
from bands.merging import merge_bands, register_mover, tell_merge, undo_merge, warn_merge
from bands.models import BandMerge, BandProfile, BandSlugRedirect
from bands.tasks import expire_merges_task
from schedule import lineup
from schedule.models import Change, Event, Performance
from settimes.versions import StaleError
from tests.factories import MADE, NOW, make_admin, make_band, make_event, make_public_event, make_set, make_user

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)
MONTH = timedelta(days=30)
# Belongs to the profile alone, comes and goes with it, or is moved by bands/merging.py itself.
OF_THE_BAND_ITSELF = {
    "bands.BandAlias.band",
    "bands.BandSlugRedirect.band",
    "bands.BandMerge.kept",
    "bands.BandProfile_genres.bandprofile",
    "bands.HistoricalBandProfile_genres.bandprofile",
}


@pytest.fixture
def pair():
    """A band and its twin, each with a name, an address, a genre and a set."""
    kept = add_band("The Harpoonist", genres=[find_genre("blues", **MADE)], origin="Guelph", **MADE)
    other = add_band(
        "Harpoonist Duo",
        genres=[find_genre("folk", **MADE)],
        description="Loud.",
        origin="Hamilton",
        social_links={"instagram": "harp", "website": "https://harp.example"},
        contact_email="harp@band.example",
        total_views=5,
        **MADE,
    )
    return kept, other


def state_of(band):
    """Everything that a band is, but for when and how often it was written."""
    row = BandProfile.objects.filter(pk=band.pk).values().get()
    hidden = ("updated_at", "version")
    return {
        **{name: value for name, value in row.items() if name not in hidden},
        "genres": [genre.name for genre in band.genres.order_by("name")],
        "aliases": sorted(alias.name for alias in band.aliases.all()),
        "former_slugs": sorted(band.former_slugs.values_list("slug", flat=True)),
    }


def refusal_of(function, *args, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        function(*args, **kwargs)
    return getattr(refusal.value, "code", ""), refusal.value.messages


def changes_of(event):
    return [
        (change.kind, change.before["band"]["name"], change.after["band"]["name"], change.is_public, change.by)
        for change in Change.objects.filter(event=event, kind=Change.Kind.EDITED)
    ]


# --- What is moved -----------------------------------------------------------------------------


def test_every_foreign_key_to_a_band_is_moved_by_somebody():
    keys = {
        f"{field.related_model._meta.label}.{field.field.name}"
        for field in BandProfile._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete and field.is_relation
    }

    moved = {key for mover in merging.MOVERS.values() for key in mover.keys}

    assert "schedule.Performance.band" in keys
    assert keys - moved - OF_THE_BAND_ITSELF == set()
    assert {label for key in moved for label in [key.rpartition(".")[0]] if not apps.get_model(label)} == set()


def test_merge_moves_sets_and_tells_each_event(pair):
    ana = make_admin()
    kept, other = pair
    public, draft = make_public_event(), make_event("Draft Crawl")
    shown = make_set(public, other.name)
    billed = make_set(public, other.name, "21:00", "21:30", billing="Harpoonist Duo (DJ)")
    hidden = make_set(draft, other.name)
    revisions = {event.pk: (event.revision, event.public_revision) for event in Event.objects.all()}

    merge_bands(kept, other, by=ana, now=LATER)

    assert [str(each) for each in Performance.objects.filter(band=kept).order_by("pk")] == [
        "The Harpoonist",
        "Harpoonist Duo (DJ)",
        "The Harpoonist",
    ]
    told = ("edited", "Harpoonist Duo", "The Harpoonist")
    assert changes_of(public) == [(*told, True, ana), (*told, True, ana)]
    assert changes_of(draft) == [(*told, False, ana)]
    assert {event.pk: (event.revision, event.public_revision) for event in Event.objects.all()} == {
        public.pk: (revisions[public.pk][0] + 2, revisions[public.pk][1] + 2),
        draft.pk: (revisions[draft.pk][0] + 1, revisions[draft.pk][1]),
    }
    for each in (shown, billed, hidden):
        before = (each.version, each.sequence)
        each.refresh_from_db()
        assert (each.version, each.sequence, each.changed_at) == (before[0] + 1, before[1], LATER)


def test_merge_takes_names_addresses_genres_and_what_the_kept_band_lacks(pair):
    kept, other = pair
    add_alias(other, "HARPOONIST duo  ", **MADE)
    add_alias(other, "Harps", **MADE)
    add_alias(kept, "harps", **MADE)
    update_band(other, slug="harp-two", **MADE)
    number = other.pk

    merge = merge_bands(kept, other, by=None, now=LATER)

    assert not BandProfile.objects.filter(pk=number).exists()
    after = state_of(kept)
    assert {name: after[name] for name in ("name", "slug", "origin", "description", "social_links", "total_views")} == {
        "name": "The Harpoonist",
        "slug": "the-harpoonist",
        "origin": "Guelph",
        "description": "Loud.",
        "social_links": {"instagram": "harp", "website": "https://harp.example"},
        "total_views": 5,
    }
    assert (after["genres"], after["contact_email"]) == (["blues", "folk"], "harp@band.example")
    assert after["aliases"] == ["HARPOONIST duo", "harps"]
    assert after["former_slugs"] == ["harp-two", "harpoonist-duo"]
    assert (merge.former_id, merge.former_name, merge.kept) == (number, "Harpoonist Duo", kept)


@pytest.mark.parametrize(
    ("choice", "origin", "genres", "links"),
    [
        ("kept", "Guelph", ["blues"], {"instagram": "own"}),
        ("other", "Hamilton", ["folk"], {"instagram": "harp", "website": "https://harp.example"}),
    ],
)
def test_merge_keeps_what_was_chosen(pair, choice, origin, genres, links):
    kept, other = pair
    update_band(kept, social_links={"instagram": "own"}, **MADE)

    merge_bands(kept, other, fields=dict.fromkeys(merging.CHOICES, choice), by=None, now=LATER)

    after = state_of(kept)
    assert (after["origin"], after["genres"], after["social_links"]) == (origin, genres, links)


def test_merge_unites_links_but_for_those_that_lead_nowhere(pair):
    kept, other = pair
    update_band(kept, social_links={"instagram": "own", "website": "javascript:alert(1)", "myspace": "h"}, **MADE)

    merge_bands(kept, other, by=None, now=LATER)

    assert state_of(kept)["social_links"] == {
        "instagram": "own",
        "website": "https://harp.example",
        "myspace": "h",
    }


def test_merge_refuses_a_choice_that_is_none(pair):
    with pytest.raises(ValueError, match="both is no choice for photo"):
        merge_bands(*pair, fields={"photo": "both"}, by=None, now=LATER)


def test_merge_of_a_band_with_itself_is_refused(pair):
    kept, _ = pair

    assert refusal_of(merge_bands, kept, kept, by=None, now=LATER) == (
        "same",
        ["Choose another band: this is The Harpoonist itself."],
    )


def test_merge_of_the_same_pair_twice_is_done_once(pair):
    kept, other = pair
    same = BandProfile.objects.get(pk=other.pk)
    merge_bands(kept, other, by=None, now=LATER)

    for pair_again in ((kept, same), (same, kept)):
        assert refusal_of(merge_bands, *pair_again, by=None, now=LATER) == (
            "gone",
            ["Harpoonist Duo is gone: somebody has just merged or deleted it."],
        )
    assert BandMerge.objects.count() == 1


@pytest.mark.parametrize("changed", [0, 1])
def test_merge_of_bands_that_were_changed_since_is_refused(pair, changed):
    seen = {band.pk: band.version for band in pair}
    update_band(BandProfile.objects.get(pk=pair[changed].pk), origin="Paris", **MADE)

    with pytest.raises(StaleError):
        merge_bands(*pair, seen_versions=seen, by=None, now=LATER)

    assert BandProfile.objects.count() == 2


def test_merge_is_audited_for_both_and_in_the_history_of_both(pair):
    ana = make_admin()
    kept, other = pair
    number = other.pk

    merge_bands(kept, other, by=ana, now=LATER)

    entries = AuditEntry.objects.filter(action__in=["band.merged", "band.merged_away"]).order_by("pk")
    assert [(each.action, each.object_id, each.object_label) for each in entries] == [
        ("band.merged_away", str(number), "Harpoonist Duo"),
        ("band.merged", str(kept.pk), "The Harpoonist"),
    ]
    newest = BandProfile.history.filter(id=number).first()
    assert (newest.history_type, newest.history_change_reason, newest.history_user) == (
        "-",
        "Merged into The Harpoonist",
        ana,
    )
    assert "Merged with Harpoonist Duo" in kept.history.values_list("history_change_reason", flat=True)


@pytest.mark.parametrize(("start", "count"), [("20:29", 1), ("20:30", 0)])
def test_merge_warns_of_sets_at_the_same_time_and_leaves_both(pair, start, count):
    kept, other = pair
    event = make_event()
    make_set(event, kept.name)
    twin = make_set(event, other.name, start, "21:00")

    warned = warn_merge(kept, other, reader=make_admin())
    merge_bands(kept, other, by=None, now=LATER)

    assert [(each.sentence, each.address) for each in warned] == count * [
        (
            "At Harbour Street Crawl 3 both are on at the same time. Both sets stay: withdraw the one that is wrong.",
            f"/admin/schedule/performance/{twin.pk}/change/",
        )
    ]
    assert Performance.objects.filter(band=kept).count() == 2


def test_merge_warns_nobody_of_events_that_are_not_hers(pair):
    kept, other = pair
    event, own = make_event(), make_event("Her Crawl")
    make_set(event, kept.name)
    make_set(event, other.name)

    warned = warn_merge(kept, other, reader=make_user("editor", own))

    assert [event.name in each.sentence for each in warned] == [False]
    assert len(warn_merge(kept, other, reader=make_user("editor", email="all@label.example"))) == 1


def test_merge_moves_no_sets_of_events_that_are_not_hers(pair):
    kept, other = pair
    own, closed = make_event("Her Crawl"), make_event()
    bea = make_user("editor", own)
    make_set(own, other.name)
    make_set(closed, kept.name)
    assert warn_merge(kept, other, reader=bea) == []
    merge = merge_bands(kept, other, by=bea, now=LATER)
    back = undo_merge(merge, by=bea, now=LATER)

    make_set(closed, other.name, "21:00", "21:30")

    said = "Sets of Harpoonist Duo belong to events that are not yours. Ask somebody who works on all events."
    assert [each.sentence for each in warn_merge(kept, back, reader=bea)] == [said]
    assert refusal_of(merge_bands, kept, back, by=bea, now=LATER) == ("closed", [said])
    assert tell_merge(kept, back, reader=bea, now=LATER)[0].startswith("1 set of Harpoonist Duo becomes")
    merge = merge_bands(kept, back, by=None, now=LATER)
    assert refusal_of(undo_merge, merge, by=bea, now=LATER)[0] == "closed"


# --- Undoing -----------------------------------------------------------------------------------


def test_undo_brings_both_bands_back_as_they_were(pair):
    kept, other = pair
    add_alias(other, "Harps", **MADE)
    update_band(other, slug="harp-two", **MADE)
    event = make_public_event()
    own, moved = make_set(event, kept.name), make_set(event, other.name, "21:00", "21:30")
    before = [state_of(band) for band in pair]
    merge = merge_bands(kept, other, by=None, now=LATER)

    band = undo_merge(merge, by=None, now=LATER)

    assert [state_of(kept), state_of(band)] == before
    assert (Performance.objects.get(pk=own.pk).band, Performance.objects.get(pk=moved.pk).band) == (kept, band)
    assert changes_of(event)[-1] == ("edited", "The Harpoonist", "Harpoonist Duo", True, None)
    assert list(BandSlugRedirect.objects.values_list("slug", "band")) == [("harpoonist-duo", band.pk)]
    assert add_band("Newcomer", **MADE).pk > band.pk


def test_undo_leaves_what_was_changed_since(pair):
    kept, other = pair
    event = make_event()
    sets = [make_set(event, other.name, f"{hour}:00", f"{hour}:30") for hour in (20, 21, 22)]
    merge = merge_bands(kept, other, by=None, now=LATER)
    lineup.delete_set(Performance.objects.get(pk=sets[0].pk), by=None, now=LATER)
    lineup.change_set(Performance.objects.get(pk=sets[1].pk), band=make_band("Third"), by=None, now=LATER)
    update_band(kept, description="Louder.", total_views=7, **MADE)

    band = undo_merge(merge, by=None, now=LATER)

    assert list(band.performances.all()) == [sets[2]]
    assert (state_of(kept)["description"], state_of(band)["description"]) == ("Louder.", "Loud.")
    assert (state_of(kept)["total_views"], state_of(band)["total_views"]) == (2, 5)
    assert state_of(kept)["social_links"] == {}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_undo_of_merges_of_merged_bands_in_any_order(pair, order):
    first, second = pair
    third = make_band("Third")
    sets = [make_set(make_event(), first.name), make_set(make_event("Second Crawl"), second.name)]
    merges = [merge_bands(second, first, by=None, now=LATER), merge_bands(third, second, by=None, now=LATER)]

    for each in order:
        undo_merge(BandMerge.objects.get(pk=merges[each].pk), by=None, now=LATER)

    assert [Performance.objects.get(pk=each.pk).band_id for each in sets] == [first.pk, second.pk]
    assert [alias.name for alias in third.aliases.all()] == []
    assert BandSlugRedirect.objects.count() == 0


@pytest.mark.parametrize(("after", "is_refused"), [(MONTH, False), (MONTH + timedelta(seconds=1), True)])
def test_undo_is_for_thirty_days(pair, after, is_refused):
    merge = merge_bands(*pair, by=None, now=LATER)

    if is_refused:
        assert refusal_of(undo_merge, merge, by=None, now=LATER + after) == (
            "too_late",
            ["A merge can be undone for 30 days. Add Harpoonist Duo as a band of its own instead."],
        )
    else:
        undo_merge(merge, by=None, now=LATER + after)
    assert BandProfile.objects.count() == (1 if is_refused else 2)
    assert merging.can_undo(BandMerge.objects.get(), now=LATER + after) is False


def test_undo_is_done_once(pair):
    merge = merge_bands(*pair, by=None, now=LATER)
    undo_merge(merge, by=None, now=LATER)

    assert refusal_of(undo_merge, merge, by=None, now=LATER) == (
        "undone",
        ["The merge of Harpoonist Duo is undone already."],
    )


def test_undo_is_refused_when_name_or_address_are_taken(pair):
    kept, other = pair
    merge = merge_bands(kept, other, by=None, now=LATER)
    update_band(kept, slug="harpoonist-duo", **MADE)

    assert refusal_of(undo_merge, merge, by=None, now=LATER)[0] == "slug_taken"
    update_band(kept, slug="the-harpoonist", **MADE)
    add_band("Harpoonist Duo", **MADE)
    (refusal,) = refusal_of(undo_merge, merge, by=None, now=LATER)[1]
    assert refusal.startswith("A band of this name is in the library already.")
    assert (BandMerge.objects.get().undone_at, kept.aliases.count()) == (None, 1)


def test_a_month_after_a_merge_private_addresses_are_forgotten(pair):
    merge_bands(*pair, by=None, now=LATER)
    merging.expire_merges(now=LATER + MONTH)
    assert BandMerge.objects.get().former["contact_email"] == "harp@band.example"

    merging.expire_merges(now=LATER + MONTH + timedelta(seconds=1))

    merge = BandMerge.objects.get()
    assert "harp@band.example" not in f"{merge.former} {merge.moved}"


def test_task_forgets_old_merges_and_may_run_twice(pair):
    merge_bands(*pair, by=None, now=timezone.now() - MONTH - timedelta(hours=1))
    merge_bands(make_band("Third"), make_band("Fourth", contact_email="four@band.example"), by=None, now=timezone.now())

    expire_merges_task()
    expire_merges_task()

    merges = BandMerge.objects.order_by("pk")
    assert ["contact_email" in merge.former for merge in merges] == [False, True]

    undo_merge(merges[1], by=None, now=timezone.now())
    expire_merges_task()

    undone = BandMerge.objects.get(pk=merges[1].pk)
    assert "four@band.example" not in f"{undone.former} {undone.moved}"
    assert BandProfile.objects.get(name="Fourth").contact_email == "four@band.example"


# --- Addresses ---------------------------------------------------------------------------------


def test_addresses_and_number_of_a_merged_band_lead_to_the_kept_one_until_it_is_back(client, pair):
    kept, other = pair
    event = make_public_event()
    make_set(event, kept.name)
    make_set(event, other.name, "21:00", "21:30")
    number = other.pk
    addresses = [f"/band/{number}", "/band/harpoonist-duo", "/bands/harpoonist-duo/"]

    merge = merge_bands(kept, other, by=None, now=LATER)
    assert [client.get(each)["Location"] for each in addresses] == 3 * ["/bands/the-harpoonist/"]
    third = make_band("Third")
    merge_bands(third, kept, by=None, now=LATER)
    assert [client.get(each)["Location"] for each in addresses] == 3 * ["/bands/third/"]

    undo_merge(BandMerge.objects.get(pk=merge.pk), by=None, now=LATER)
    assert [client.get(each)["Location"] for each in addresses[:2]] == 2 * ["/bands/harpoonist-duo/"]
    assert client.get(addresses[2]).status_code == 200


# --- Movers of others --------------------------------------------------------------------------


def test_movers_of_other_apps_are_handed_what_they_answered(pair, monkeypatch):
    monkeypatch.setattr(merging, "MOVERS", dict(merging.MOVERS))
    seen = []
    mover = merging.Mover(
        ("x.Y.band",),
        lambda kept, other, *, by, now: {"rows": [1, 2]},
        lambda kept, former, moved, *, by, now: seen.append((kept, former, moved)),
    )
    register_mover("rows", mover)
    kept, other = pair

    merge = merge_bands(kept, other, by=None, now=LATER)
    band = undo_merge(BandMerge.objects.get(pk=merge.pk), by=None, now=LATER)

    assert seen == [(kept, band, {"rows": [1, 2]})]


# --- At once -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time anyhow")
@pytest.mark.parametrize("is_crossed", [False, True])
def test_two_merges_of_a_pair_at_once_are_one(is_crossed):
    """Also when each keeps the band that the other one gives away."""
    first, second = make_band("The Harpoonist"), make_band("Harpoonist Duo")
    make_set(make_event(), second.name)
    start, answers = threading.Barrier(2), []

    def merge(kept, other):
        start.wait(timeout=10)
        try:
            answers.append(str(merge_bands(kept, other, by=None, now=LATER)))
        except ValidationError as error:
            answers.append(error.code)
        finally:
            connection.close()

    pairs = [(first, second), (second, first) if is_crossed else (first, second)]
    threads = [threading.Thread(target=merge, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(answers)[1:] == ["gone"]
    assert (BandMerge.objects.count(), BandProfile.objects.count(), Performance.objects.count()) == (1, 1, 1)
