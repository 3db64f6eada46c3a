"""Previews: the public page of an event before it is public, as of any time, for organizers and by a shared link."""

import json
import logging
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import AuditEntry
from accounts.people import deactivate_user
from schedule import events, lineup, previews
from schedule.models import EventAccess
from schedule.previews import make_link_token, moments_of, open_link
from settimes.logs import UtcFormatter
from settimes.sealing import seal
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
    wall,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return make_admin()


@pytest.fixture
def admin_client(client, ana):
    sign_in(client, ana)
    return client


@pytest.fixture
def draft():
    """A draft in reveal mode whose times are not public, with one announced set and one that is not."""
    event = make_event(reveal_mode=True, times_public=False)
    make_set(event, is_announced=True)
    make_set(event, "Moth Choir", "23:45", "24:15", is_announced=False)
    lineup.withdraw_set(make_set(event, "Dog Ferry"), **MADE)
    return event


def page_of(event, query=""):
    return f"/admin/schedule/event/{event.pk}/preview/{query}"


def rows_in(response):
    programme = response.context["programme"]
    return [(row.name, row.local_start and f"{row.local_start:%H:%M}") for row in programme.rows]


def link_to(event, by, **changes):
    options = {"shows_everything": True, "days": 3, "by": by, "now": NOW, **changes}
    return f"/preview/{make_link_token(event, **options)[0]}/"


# --- In the admin ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", [("The Harpoonist", "20:00"), ("Moth Choir", "23:45")]),
        ("?show=everything", [("The Harpoonist", "20:00"), ("Moth Choir", "23:45")]),
        ("?show=public", [("The Harpoonist", None)]),
    ],
)
def test_preview_shows_everything_or_what_would_be_public(admin_client, draft, query, rows):
    response = admin_client.get(page_of(draft, query))

    assert response.status_code == 200
    assert response.templates[0].name in ("schedule/_preview_bar.html", "schedule/event_detail.html")
    assert rows_in(response) == rows
    assert admin_client.get(draft.get_absolute_url()).status_code == 404


def test_preview_of_what_is_public_is_the_public_page(admin_client):
    event = make_public_event()
    make_set(event)
    hidden = make_set(event, "Moth Choir", "21:00", "21:30")
    lineup.hide_set(hidden, **MADE)
    events.update_event(event, reveal_mode=True, **MADE)

    public = admin_client.get(event.get_absolute_url())
    preview = admin_client.get(page_of(event, "?show=public"))

    assert preview.context["programme"].rows == public.context["programme"].rows
    assert [row.name for row in public.context["programme"].rows] == ["The Harpoonist"]


def test_preview_is_kept_nowhere_and_found_by_nobody(admin_client, draft):
    response = admin_client.get(page_of(draft))

    assert [response.get(name) for name in ("X-Robots-Tag", "ETag", "Last-Modified")] == [
        "noindex, nofollow",
        None,
        None,
    ]
    assert response["Cache-Control"].startswith("private, no-store")
    text = response.content.decode()
    assert '<meta name="robots" content="noindex, nofollow">' in text
    assert "Not announced yet" in text
    assert "/bands/moth-choir/" not in text
    assert "schedule.ics" not in text


@pytest.mark.parametrize(
    ("at", "playing"),
    [
        ("2026-10-10T20:00", ["The Harpoonist"]),
        ("2026-10-10T20:30", []),
        ("2026-10-10T23:50", ["Moth Choir"]),
        ("2026-10-11T00:15", []),
    ],
)
def test_preview_pretends_any_time_in_the_events_zone(admin_client, draft, at, playing):
    response = admin_client.get(page_of(draft, f"?at={at}"))

    assert [row.name for row in response.context["playing"]] == playing
    assert f'value="{at}"' in response.content.decode()


@pytest.mark.parametrize(
    "at", ["soon", "2026-10-10T20:00Z", "0001-01-01T00:00", "9999-12-31T23:59", "2026-13-01T00:00"]
)
def test_time_that_is_none_is_said_and_now_is_shown(admin_client, draft, at, time_machine):
    time_machine.move_to(NOW, tick=False)

    text = admin_client.get(page_of(draft, f"?at={at}")).content.decode()

    assert f"“{at}” is no date and time" in text
    assert 'value="2026-10-01T08:00"' in text


def test_time_that_the_clocks_jump_over_is_refused(admin_client):
    event = make_event(date=date(2026, 3, 7))

    text = admin_client.get(page_of(event, "?at=2026-03-08T02:30")).content.decode()

    assert "02:30 does not exist on 2026-03-08" in text


def test_bar_speaks_the_language_of_who_looks_and_the_page_that_of_fans(client, draft):
    sign_in(client, make_user("editor", language="fr"))

    text = client.get(page_of(draft, "?at=2026-10-10T20:00")).content.decode()

    assert '<aside class="preview" lang="fr"' in text
    assert "to 8:30 PM" in text


def test_moments_worth_a_look(draft):
    events.set_doors(draft, SATURDAY, wall(draft, "19:00"), **MADE)

    assert [(each.kind, each.at) for each in moments_of(draft)] == [
        ("before_doors", wall(draft, "18:00")),
        ("late", wall(draft, "23:50")),
        ("midnight", wall(draft, "24:00")),
    ]


@pytest.mark.parametrize(("role", "status"), [("viewer", 200), ("editor", 200)])
def test_who_may_look_at_the_event_sees_its_preview(client, draft, role, status):
    sign_in(client, make_user(role))

    response = client.get(page_of(draft))

    assert response.status_code == status
    assert ("preview/link/" in response.content.decode()) == (role == "editor")
    assert client.get(page_of(draft, "link/")).status_code == (200 if role == "editor" else 403)
    assert client.post(page_of(draft)).status_code == 405


def test_preview_of_another_event_than_hers_is_not_found(client, draft):
    sign_in(client, make_user("editor", make_event("Another Crawl")))

    assert [client.get(page_of(draft, path)).status_code for path in ("", "link/")] == [404, 404]


@pytest.mark.parametrize("set_count", [1, 3])
def test_preview_takes_the_same_number_of_queries(admin_client, django_assert_num_queries, set_count):
    event = make_event()
    for name in ("The Harpoonist", "Moth Choir", "Dog Ferry")[:set_count]:
        make_set(event, name)
    admin_client.get(page_of(event))

    with django_assert_num_queries(8):
        admin_client.get(page_of(event))


# --- By a link ---------------------------------------------------------------------------------


def test_link_is_made_shown_once_and_audited_without_its_token(admin_client, client, draft, ana, time_machine):
    time_machine.move_to(NOW, tick=False)
    sent = {"days": "1", "show": "everything"}

    made = admin_client.post(page_of(draft, "link/"), sent)

    address = made.context["made"]["address"]
    token = address.rstrip("/").rpartition("/")[2]
    assert made["Cache-Control"].startswith("private, no-store")
    assert token in made.content.decode()
    assert token not in admin_client.get(page_of(draft, "link/")).content.decode()
    entry = AuditEntry.objects.get(action="event.preview_link_made")
    assert (entry.user_id, entry.after) == (ana.pk, {"everything": True, "until": "2026-10-02T12:00:00+00:00"})
    assert token not in json.dumps(list(AuditEntry.objects.values("before", "after", "object_label", "reason")))


def test_link_shows_the_event_to_anybody(client, draft, ana, time_machine):
    time_machine.move_to(NOW, tick=False)

    response = client.get(link_to(draft, ana))

    assert response.status_code == 200
    assert rows_in(response) == [("The Harpoonist", "20:00"), ("Moth Choir", "23:45")]
    headers = ("Cache-Control", "X-Robots-Tag", "Referrer-Policy", "ETag", "Set-Cookie")
    assert [response.get(name) for name in headers] == [
        "private, no-store",
        "noindex, nofollow",
        "no-referrer",
        None,
        None,
    ]
    assert "expires Sun 4 Oct, 8:00 AM" in " ".join(response.content.decode().split())
    assert rows_in(client.get(link_to(draft, ana, shows_everything=False))) == [("The Harpoonist", None)]
    assert client.post(link_to(draft, ana)).status_code == 405


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 404), (1, 404)])
@pytest.mark.parametrize("days", [1, 3, 7])
def test_link_works_until_it_expires(client, draft, ana, time_machine, days, seconds, status):
    address = link_to(draft, ana, days=days)
    time_machine.move_to(NOW + timedelta(days=days, seconds=seconds), tick=False)

    assert client.get(address).status_code == status


def test_link_works_for_so_many_days_as_are_offered(draft, ana):
    with pytest.raises(ValueError, match="not 30"):
        link_to(draft, ana, days=30)


def test_link_that_is_none_is_not_found_like_an_unknown_address(client, draft, ana, time_machine):
    time_machine.move_to(NOW, tick=False)
    token = link_to(draft, ana).split("/")[2]
    sealed_for_something_else = seal(json.dumps({"event": draft.pk, "until": "2027-01-01T00:00:00+00:00"})).rstrip("=")
    mended = token[:-3] + ("AAA" if token[-3:] != "AAA" else "BBB")

    answers = [
        client.get(f"/preview/{each}/")
        for each in (mended, token[:-1], "A" * 100, sealed_for_something_else, seal("[1]").rstrip("="), "short")
    ]

    unknown = client.get("/nothing/here/")
    assert [answer.status_code for answer in answers] == [404] * 6
    assert {answer.content for answer in answers} == {unknown.content}
    assert {answer.get("Cache-Control") for answer in answers} == {unknown.get("Cache-Control")}


def lose_role(user, admin):
    user.role = "viewer"
    user.save()


@pytest.mark.parametrize(
    "lose",
    [
        lose_role,
        lambda user, admin: EventAccess.objects.filter(user=user).delete(),
        lambda user, admin: deactivate_user(user, by=admin, now=NOW),
        lambda user, admin: user.delete(),
    ],
    ids=["role", "event", "deactivated", "deleted"],
)
def test_link_dies_with_the_right_of_its_maker(client, draft, ana, time_machine, lose):
    time_machine.move_to(NOW, tick=False)
    bo = make_user("editor", draft)
    address, other = link_to(draft, bo), link_to(draft, ana)
    assert client.get(address).status_code == 200

    lose(bo, ana)

    assert [client.get(each).status_code for each in (address, other)] == [404, 200]


def test_link_dies_with_its_event(client, draft, ana, time_machine):
    time_machine.move_to(NOW, tick=False)
    address = link_to(draft, ana)

    events.delete_event(draft, confirmed_name=draft.name, **MADE)

    assert client.get(address).status_code == 404


def test_link_opens_as_of_now(draft, ana):
    token, expires_at = make_link_token(draft, shows_everything=True, days=3, by=ana, now=NOW)
    later = NOW + timedelta(days=2)

    assert expires_at == datetime(2026, 10, 4, 12, 0, tzinfo=UTC)
    assert open_link(token, now=later) == previews.Preview(
        draft, shows_everything=True, at=later, expires_at=expires_at
    )


def test_token_is_in_no_log_line(draft, ana):
    address = link_to(draft, ana)
    record = logging.LogRecord("django.request", 30, "", 0, "Not Found: %s", (address,), None)
    page = logging.LogRecord("x", 30, "", 0, "%s", ("/admin/schedule/event/1/preview/link/",), None)

    assert UtcFormatter("%(message)s").format(record) == "Not Found: /preview/…/"
    assert UtcFormatter("%(message)s").format(page) == "/admin/schedule/event/1/preview/link/"
