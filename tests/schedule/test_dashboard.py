"""The first page of the admin, and the menu beside every page."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import User
from schedule import events, lineup
from tests.admin_pages import sign_in
from tests.factories import (
    MADE,
    NOW,
    SATURDAY,
    make_admin,
    make_event,
    make_public_event,
    make_set,
    make_user,
)

pytestmark = pytest.mark.django_db

INDEX = "/admin/"


@pytest.fixture(autouse=True)
def _on_the_first_of_october():
    with time_machine.travel(NOW, tick=False):
        yield


def first_page(client, user):
    sign_in(client, user)
    return client.get(INDEX)


def menu_in(response):
    """The entries of the menu, in their order."""
    return [str(entry["job"].title) for group in response.context["menu"] for entry in group["entries"]]


def test_first_page_of_an_empty_house_offers_to_make_an_event(client):
    page = first_page(client, make_admin())

    assert page.context["card"] is None
    assert "Make the first event" in page.content.decode()


def test_first_page_of_an_empty_house_offers_a_viewer_nothing_to_make(client):
    page = first_page(client, make_user("viewer")).content.decode()

    assert "There is no event yet." in page
    assert "Make the first event" not in page


@pytest.mark.parametrize(
    ("first_night", "when"),
    [
        (NOW.date() - timedelta(days=1), "Over"),
        (NOW.date(), "Tonight"),
        (NOW.date() + timedelta(days=1), "Tomorrow"),
        (NOW.date() + timedelta(days=2), "In 2 days"),
    ],
)
def test_first_page_says_when_the_event_is(client, first_night, when):
    make_event(date=first_night)

    page = first_page(client, make_admin())

    assert page.context["card"].when == when


def test_first_page_shows_the_next_event_drafts_among_them_and_those_after_it(client):
    past = make_public_event("Crawl 2", date=SATURDAY - timedelta(days=90))
    draft = make_event("Crawl 3")
    later = make_public_event("Crawl 4", date=SATURDAY + timedelta(days=90))

    page = first_page(client, make_admin())

    assert page.context["card"].event == draft
    assert page.context["others"] == [(later, "In 99 days")]
    assert past.name not in [str(each.event) for _, each in page.context["changes"] if each.event != past]


def test_first_page_counts_sets_and_what_waits_for_its_announcement(client):
    event = make_public_event(reveal_mode=True)
    make_set(event, "The Harpoonist", is_announced=True)
    make_set(event, "Moth Choir", "21:00", "21:30")
    lineup.withdraw_set(make_set(event, "Dog Ferry", "22:00", "22:30"), **MADE)

    card = first_page(client, make_admin()).context["card"]

    assert (card.set_count, card.unannounced_count, card.follower_count) == (2, 1, None)


def test_first_page_tells_the_last_changes_in_sentences(client):
    ana = make_admin()
    event = make_event("Crawl 3")
    events.update_event(event, city="Guelph", by=ana, now=NOW)

    page = first_page(client, ana)

    assert page.context["changes"][0][0].startswith(f"{ana} ")
    assert [each.kind for _, each in page.context["changes"]] == ["event_edited", "event_created"]


def test_first_page_of_somebody_with_a_scope_knows_nothing_of_other_events(client):
    mine = make_event("Mine", date=SATURDAY + timedelta(days=60))
    make_set(make_event("Not mine"), "Secret Band")
    editor = make_user("editor", mine)

    page = first_page(client, editor)

    assert page.context["card"].event == mine
    assert "Not mine" not in page.content.decode()
    assert "Secret Band" not in page.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_first_page_takes_the_same_queries_for_one_set_and_for_three(client, django_assert_max_num_queries, count):
    event = make_public_event(reveal_mode=True)
    for number in range(count):
        make_set(event, f"Band {number}", "20:00", "20:30", venue=f"Room {number}")
        make_event(f"Later {number}", date=SATURDAY + timedelta(days=7))
    sign_in(client, make_admin())
    client.get(INDEX)

    with django_assert_max_num_queries(18):
        client.get(INDEX)


LIBRARY = ["Bands", "Merges", "Genres", "Venues"]
EVERYBODY = [
    "Overview",
    "Events",
    "Running order",
    "Sets",
    *LIBRARY,
    "Announcements",
    "Plans of fans",
    "Shared plans",
    "Changes",
]


@pytest.mark.parametrize(
    ("role", "more"),
    [
        (User.Role.VIEWER, []),
        (User.Role.EDITOR, []),
        (
            User.Role.ADMIN,
            [
                *("People", "Invites", "Who works on what", "Locked out"),
                *("Audit trail", "Sign-ins", "Account mails"),
            ],
        ),
    ],
)
def test_menu_offers_what_the_role_may_see(client, role, more):
    page = first_page(client, make_user(role))

    assert sorted(menu_in(page)) == sorted([*EVERYBODY, *more])


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/admin/", "Overview"),
        ("/admin/bands/bandprofile/", "Bands"),
        ("/admin/schedule/event/", "Events"),
        ("/admin/schedule/event/{event}/change/", "Events"),
        ("/admin/schedule/event/{event}/board/", "Running order"),
        ("/admin/schedule/event/{event}/announcements/", "Announcements"),
    ],
)
def test_menu_marks_where_one_is(client, path, entry):
    event = make_event()
    sign_in(client, make_admin())

    page = client.get(path.format(event=event.pk))

    current = [str(e["job"].title) for group in page.context["menu"] for e in group["entries"] if e["is_current"]]
    assert current == [entry]


@pytest.mark.parametrize("page", ["board", "announcements"])
def test_running_order_of_the_menu_leads_to_the_current_event(client, page):
    event = make_event("Crawl 3")
    make_event("Crawl 4", date=SATURDAY + timedelta(days=90))
    sign_in(client, make_admin())

    answer = client.get(f"/admin/schedule/event/now/{page}/")

    assert (answer.status_code, answer["Location"]) == (302, f"/admin/schedule/event/{event.pk}/{page}/")


def test_running_order_of_the_menu_leads_to_the_events_while_there_is_none(client):
    sign_in(client, make_admin())

    answer = client.get("/admin/schedule/event/now/board/", follow=True)

    assert [str(message) for message in answer.context["messages"]] == ["There is no event yet. Make one first."]
    assert answer.redirect_chain == [("/admin/schedule/event/", 302)]
