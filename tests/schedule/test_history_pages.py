"""The pages of what happened: read by everybody who may look, earlier states brought back by those who may change."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from bands.library import update_band
from bands.models import BandProfile
from schedule import events, lineup, publishing
from schedule.models import Change, Event, Performance, Venue
from tests.admin_pages import messages_of, save, sign_in
from tests.factories import MADE, NOW, make_admin, make_band, make_event, make_set, make_user, make_venue

pytestmark = pytest.mark.django_db

PAGES = {
    Event: "/admin/schedule/event/",
    Performance: "/admin/schedule/performance/",
    Venue: "/admin/schedule/venue/",
    BandProfile: "/admin/bands/bandprofile/",
}


@pytest.fixture
def ana(client):
    user = make_admin()
    sign_in(client, user)
    return user


def page_of(row, rest="history/"):
    return f"{PAGES[type(row)]}{row.pk}/{rest}"


def sentences_in(response):
    return [text for moment in response.context["moments"] for part in moment.parts for text in part.sentences]


def restore_links(response):
    return re.findall(r'href="([^"]+/restore/)"', response.content.decode())


def later(minutes=1):
    return NOW + timedelta(minutes=minutes)


def changed_rows():
    """One row of each kind, changed once."""
    event, band, venue = make_event(), make_band("Moth Choir"), make_venue("Old Mill")
    performance = make_set(event, "X")
    made = {"by": None, "now": later()}
    events.update_event(event, city="Guelph", **made)
    lineup.change_set(performance, notes="Loud", **made)
    update_band(band, origin_city="Guelph", **made)
    events.update_venue(venue, capacity=80, **made)
    return [event, performance, band, venue]


def test_history_of_each_kind_of_row_is_told_and_its_first_state_brought_back(client, ana):
    for row, field, before in zip(
        changed_rows(), ("city", "notes", "origin_city", "capacity"), ("", "", "", None), strict=True
    ):
        history = client.get(page_of(row))
        (address,) = restore_links(history)
        shown = client.get(address)
        response = client.post(address, {"seen_version": shown.context["original"].version}, follow=True)

        row.refresh_from_db()
        assert getattr(row, field) == before
        assert messages_of(response) == [f"{row} is as it was."]
        assert response.redirect_chain == [(page_of(row), 302)]
        assert sentences_in(response)[0].startswith("ana@label.example emptied")
        assert not restore_links(response)[0].endswith(address.split("/")[-3])


def test_history_is_a_tab_of_each_page_about_the_row(client, ana):
    for row in changed_rows():
        for path in (page_of(row, "change/"), page_of(row)):
            tabs = {str(tab["title"]): tab for tab in client.get(path).context["tabs"]}

            assert tabs["History"]["address"] == page_of(row)
            assert tabs["History"]["is_current"] == (path == page_of(row))


def test_history_is_not_what_the_framework_logs(client, ana):
    band = make_band("Moth Choir")
    save(client, page_of(band, "change/"), name="Moth Chorus")
    LogEntry.objects.update(change_message="secret of the log")

    response = client.get(page_of(band))

    assert sentences_in(response) == [
        "ana@label.example changed the name from “Moth Choir” to “Moth Chorus”.",
        "Somebody added Moth Choir.",
    ]
    assert "secret of the log" not in response.content.decode()


def test_names_are_written_as_they_are_and_never_run(client, ana):
    band, event = make_band("<script>alert(1)</script>"), make_event()
    lineup.delete_set(make_set(event, band.name, venue="<script>alert(2)</script>"), by=None, now=timezone.now())
    update_band(band, origin_city="<script>alert(3)</script>", **MADE)
    make_set(event, band.name)

    pages = [page_of(event), page_of(event, "deleted_sets/"), page_of(band), "/admin/schedule/change/"]
    pages += restore_links(client.get(page_of(band)))
    for page in pages:
        text = client.get(page).content.decode()

        assert "&lt;script&gt;alert(" in text, page
        assert "<script>alert(" not in text, page


def test_history_of_an_event_is_all_of_it_or_its_own(client, ana):
    event, *_others = changed_rows()

    everything, own = client.get(page_of(event)), client.get(page_of(event), {"only": "own"})

    assert sentences_in(everything) == [
        "Somebody set the city to “Guelph”.",
        "Somebody set the notes of X to “Loud”.",
        "Somebody made the event.",
        "Somebody added X: Sat 10 Oct, 8:00 PM–8:30 PM, Blue Anchor.",
    ]
    assert sentences_in(own) == ["Somebody set the city to “Guelph”.", "Somebody made the event."]
    assert page_of(Performance.objects.get()) in everything.content.decode()
    assert page_of(event, "deleted_sets/") in everything.content.decode()


def test_history_has_pages(client, ana):
    event = make_event()
    for number in range(51):
        lineup.change_set(make_set(event, "X"), notes=str(number), by=None, now=later(number))

    first, last = client.get(page_of(event)), client.get(page_of(event), {"page": 3})

    assert (first.context["page"].paginator.num_pages, last.context["page"].number) == (3, 3)
    assert "?page=2" in first.content.decode()
    assert "Page 3 of 3" in last.content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("model", "most"), [(Event, 7), (Performance, 7), (Venue, 7), (BandProfile, 9)])
def test_history_page_takes_as_many_queries_for_many_entries(
    client, ana, django_assert_num_queries, model, most, count
):
    row = {type(each): each for each in changed_rows()}[model]
    for number in range(count):
        name = {Event: "city", Performance: "notes", Venue: "city", BandProfile: "origin_city"}[model]
        change = {
            Event: events.update_event,
            Performance: lineup.change_set,
            Venue: events.update_venue,
            BandProfile: update_band,
        }[model]
        change(row, **{name: f"City {number}"}, by=ana, now=later(number + 5))
    client.get(page_of(row))

    with django_assert_num_queries(most):
        assert len(sentences_in(client.get(page_of(row)))) >= count


# --- Who may what ------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "may_restore"), [("viewer", False), ("editor", True), ("admin", True)])
def test_everybody_reads_and_who_may_change_brings_back(client, role, may_restore):
    rows = changed_rows()
    sign_in(client, make_user(role))
    first = {row: Change.objects.filter(kind__in=["event_created", "added"]) for row in rows}
    entries = [
        first[rows[0]].filter(event=rows[0], performance=None).get().pk,
        first[rows[1]].filter(performance=rows[1]).get().pk,
        rows[2].history.earliest("history_id").pk,
        rows[3].history.earliest("history_id").pk,
    ]

    for row, entry in zip(rows, entries, strict=True):
        history, address = client.get(page_of(row)), page_of(row, f"history/{entry}/restore/")
        statuses = [client.get(address).status_code, client.post(address, {"seen_version": "1"}).status_code]

        assert (history.status_code, bool(restore_links(history))) == (200, may_restore)
        assert statuses == ([200, 302] if may_restore else [403, 403])


def test_who_is_given_one_event_finds_no_other_ones_history(client):
    mine, other = make_event("Mine"), make_event("Other")
    hidden = make_set(other, "X")
    lineup.change_set(hidden, notes="Loud", **MADE)
    sign_in(client, make_user("editor", mine))
    entry = Change.objects.filter(performance=hidden).first().pk

    paths = [page_of(other), page_of(other, "deleted_sets/"), page_of(hidden)]
    paths += [page_of(hidden, f"history/{entry}/restore/"), page_of(mine, f"history/{entry}/restore/")]

    assert [client.get(path).status_code for path in paths] == [404] * 5
    assert client.get(page_of(mine)).status_code == 200


@pytest.mark.parametrize("address", ["history/999999/restore/", "history/0/restore/"])
def test_entry_that_is_not_there_has_no_page(client, ana, address):
    for row in changed_rows():
        assert client.get(page_of(row, address)).status_code == 404


def test_history_of_a_row_that_is_not_there_is_not_found(client, ana):
    assert [client.get(f"{path}999/history/").status_code for path in PAGES.values()] == [404] * 4


@pytest.mark.parametrize("seen", ["", "0", "x", "9" * 30])
def test_state_is_not_brought_back_over_a_version_that_was_not_seen(client, ana, seen):
    _event, performance, *_others = changed_rows()
    (address,) = restore_links(client.get(page_of(performance)))

    response = client.post(address, {"seen_version": seen})

    performance.refresh_from_db()
    assert (response.status_code, performance.notes) == (200, "Loud")
    assert response.context["problems"] == ["X was changed by somebody else while you had it open."]


def test_refusal_of_a_rule_is_said_beside_both_states(client, ana):
    band = make_band("Moth Choir")
    update_band(band, name="Moth Chorus", **MADE)
    make_band("Moth Choir")
    (address,) = restore_links(client.get(page_of(band)))

    response = client.post(address, {"seen_version": 1})

    assert response.context["problems"][0].startswith("A band of this name is in the library already.")
    assert [(each.before, each.after) for each in response.context["plan"].differences] == [
        ("Moth Chorus", "Moth Choir")
    ]


def test_state_of_now_has_nothing_to_bring_back(client, ana):
    _event, performance, *_others = changed_rows()
    entry = Change.objects.filter(performance=performance).latest("pk").pk

    response = client.get(page_of(performance, f"history/{entry}/restore/"))

    assert "This is how it is now: there is nothing to bring back." in response.content.decode()
    assert 'name="seen_version"' not in response.content.decode()


# --- Deleted sets ------------------------------------------------------------------------------


def deleted_set(event, name="X"):
    lineup.delete_set(make_set(event, name), reason="twice", by=None, now=timezone.now() - timedelta(days=1))
    return Change.objects.filter(kind="deleted").latest("pk")


@pytest.mark.parametrize(("role", "may_add"), [("viewer", False), ("editor", True)])
def test_deleted_sets_are_read_by_all_and_brought_back_by_who_may_add(client, role, may_add):
    event = make_event()
    change = deleted_set(event)
    sign_in(client, make_user(role))
    address = page_of(event, "deleted_sets/")

    shown = client.get(address).content.decode()
    response = client.post(address, {"change": change.pk})

    assert ("Reason: twice" in shown, "Bring back" in shown) == (True, may_add)
    assert (response.status_code, Performance.objects.count()) == ((302, 1) if may_add else (403, 0))


def test_deleted_set_that_is_brought_back_leaves_the_list(client, ana):
    event = make_event()
    change = deleted_set(event)

    response = client.post(page_of(event, "deleted_sets/"), {"change": change.pk}, follow=True)
    again = client.post(page_of(event, "deleted_sets/"), {"change": change.pk}, follow=True)

    assert messages_of(response) == ["X is back."]
    assert messages_of(again) == ["X is back already."]
    assert response.context["deleted"] == []
    assert Performance.objects.get().uid == change.performance_uid


@pytest.mark.parametrize("is_public", [False, True])
def test_set_comes_back_withdrawn_where_fans_would_see_it_which_is_said_before(client, ana, is_public):
    event = make_event()
    make_set(event, "Y")
    change = deleted_set(event)
    if is_public:
        publishing.publish_event(event, by=None, now=later())
    address = page_of(event, "deleted_sets/")

    shown = client.get(address).content.decode()
    response = client.post(address, {"change": change.pk}, follow=True)

    back = Performance.objects.get(uid=change.performance_uid)
    assert ("Bring back, withdrawn" in shown, "Fans see this event." in shown) == (is_public, is_public)
    assert back.status == ("withdrawn" if is_public else "scheduled")
    assert response.redirect_chain == [(page_of(back, "endings/") if is_public else address, 302)]
    assert messages_of(response) == [
        "X is back, withdrawn: fans see nothing of it until you restore it." if is_public else "X is back."
    ]


def test_only_deletions_of_the_event_are_undone_on_its_page(client, ana):
    event, other = make_event(), make_event("Other")
    change = deleted_set(other)
    made = Change.objects.get(event=event)

    for number in (change.pk, made.pk, "", "x", "9" * 30):
        assert client.post(page_of(event, "deleted_sets/"), {"change": number}).status_code == 404

    assert Performance.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_deleted_sets_takes_as_many_queries_for_many(client, ana, django_assert_num_queries, count):
    event = make_event()
    for number in range(count):
        deleted_set(event, f"X {number}")

    with django_assert_num_queries(9):  # session; who asks; the event; what she may; five for what was deleted
        client.get(page_of(event, "deleted_sets/"))


# --- The list of all changes -------------------------------------------------------------------


def test_list_of_changes_tells_them_in_sentences_and_in_the_zone_of_their_event(client, ana):
    event = make_event(timezone="Europe/Berlin")
    lineup.cancel_set(make_set(event, "X"), by=ana, now=later())

    text = client.get("/admin/schedule/change/").content.decode()

    assert "ana@label.example cancelled X." in text
    assert "Thu 1 Oct 2026, 2:01 PM" in text
