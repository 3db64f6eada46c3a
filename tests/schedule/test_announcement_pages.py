"""The pages on which sets are announced: what they say before, what they do, and to whom they do not open."""

from datetime import date, timedelta

import pytest

from schedule import announcing, audience, lineup, publishing
from schedule.models import Performance, Pick, Plan
from tests.admin_pages import messages_of, sign_in
from tests.factories import (
    MADE,
    NOW,
    SATURDAY,
    make_admin,
    make_band,
    make_event,
    make_public_event,
    make_set,
    make_user,
    wall,
)

pytestmark = pytest.mark.django_db

SUNDAY = SATURDAY + timedelta(days=1)
SOON = NOW + timedelta(hours=2)


@pytest.fixture
def ana():
    return make_admin()


@pytest.fixture
def admin_client(client, ana, time_machine):
    time_machine.move_to(NOW, tick=False)
    sign_in(client, ana)
    return client


@pytest.fixture
def crawl():
    return make_public_event(reveal_mode=True, end_date=SUNDAY)


def page_of(event, page=""):
    return f"/admin/schedule/event/{event.pk}/announcements/{page}"


def text_of(response):
    return " ".join(response.content.decode().split())


def announced():
    return sorted(str(each) for each in Performance.objects.filter(is_announced=True))


def pick(event, *performances, key="x"):
    plan = Plan.objects.create(event=event, key_hash=key)
    for performance in performances:
        Pick.objects.create(plan=plan, performance=performance)


class Followers:
    def __init__(self, counts):
        self.counts = counts

    def followers_of(self, bands):
        return {band: self.counts.get(band, 0) for band in bands}

    def people_to_tell(self, event):
        return 0


def test_page_lists_what_is_to_be_announced_by_night_with_who_waits_for_it(admin_client, crawl, monkeypatch):
    first, second = make_set(crawl), make_set(crawl, "Moth Choir", night=SUNDAY)
    make_set(crawl, "Dog Ferry", "22:00", "22:30", is_announced=True)
    lineup.cancel_set(make_set(crawl, "Gull Parade"), **MADE)
    pick(crawl, second)
    monkeypatch.setattr(audience, "_counters", [Followers({make_band().pk: 3})])

    page = admin_client.get(page_of(crawl))

    listed = [(night, [(each.performance, each.interest) for each in rows]) for night, rows in page.context["nights"]]
    assert listed == [
        (SATURDAY, [(first, "3 followers, in 0 plans")]),
        (SUNDAY, [(second, "0 followers, in 1 plan")]),
    ]
    assert [each.performance.title for each in page.context["done"]] == ["Dog Ferry"]
    assert "Fans see only the sets that are announced." in text_of(page)


@pytest.mark.parametrize(
    ("asked", "done"),
    [
        ("one", ["The Harpoonist"]),
        ("two", ["Moth Choir", "The Harpoonist"]),
        ("night", ["Dog Ferry", "The Harpoonist"]),
        ("all", ["Dog Ferry", "Moth Choir", "The Harpoonist"]),
    ],
)
def test_one_several_a_night_or_all_are_announced_after_one_question(admin_client, crawl, ana, asked, done):
    first, second = make_set(crawl), make_set(crawl, "Moth Choir", night=SUNDAY)
    make_set(crawl, "Dog Ferry", "22:00", "22:30")
    query = {
        "one": f"?set={first.pk}",
        "two": f"?set={first.pk}&set={second.pk}",
        "night": "?night=2026-10-10",
        "all": "?all=1",
    }[asked]

    page = admin_client.get(page_of(crawl, f"now/{query}"))
    chosen = [each.performance for each in page.context["chosen"]]
    assert announced() == []
    answer = admin_client.post(page_of(crawl, "now/"), {"set": [each.pk for each in chosen]}, follow=True)

    assert announced() == done
    assert messages_of(answer) == [f"{len(done)} set{'s' if len(done) > 1 else ''} announced."]
    assert {change.by for change in crawl.changes.filter(kind="announced")} == {ana}


def test_question_says_what_will_happen(admin_client, crawl, monkeypatch):
    performance = make_set(crawl)
    monkeypatch.setattr(audience, "_counters", [Followers({performance.band_id: 1})])

    def said():
        return admin_client.get(page_of(crawl, f"now/?set={performance.pk}")).context["sentences"]

    assert said() == [
        "Everybody sees them from that moment on, on every page, in feeds and in calendars.",
        "1 follower of them is told.",
    ]
    publishing.unpublish_event(crawl, **MADE)
    assert said() == ["The event is a draft: they become public with it, when it is published."]


@pytest.mark.parametrize(
    "query", ["", "?set=0", "?set=x", "?set=²", "?night=9999-12-31", f"?set={'9' * 40}", "?night=soon"]
)
@pytest.mark.parametrize("page", ["now/", "later/"])
def test_nothing_chosen_leads_back(admin_client, crawl, page, query):
    make_set(crawl)

    answer = admin_client.get(page_of(crawl, f"{page}{query}"), follow=True)

    assert messages_of(answer) == ["Nothing was chosen that is still to be announced. Tick the sets first."]


def test_set_of_another_event_is_not_chosen(admin_client, crawl):
    other = make_set(make_public_event("Another Crawl", reveal_mode=True))

    admin_client.post(page_of(crawl, "now/"), {"set": other.pk})

    assert announced() == []


def test_hour_is_typed_in_the_events_zone_and_can_be_changed_and_taken_back(admin_client, crawl):
    performance = make_set(crawl)
    later = page_of(crawl, "later/")
    typed = {"set": performance.pk, "date": "2026-10-10", "time": "18:00"}

    said = messages_of(admin_client.post(later, typed, follow=True))
    performance.refresh_from_db()
    assert said == ["1 set will be announced Sat 10 Oct, 6:00 PM."]
    assert performance.announce_at == wall(crawl, "18:00")
    assert "will be announced Sat 10 Oct, 6:00 PM" in text_of(admin_client.get(page_of(crawl)))

    page = admin_client.get(f"{later}?set={performance.pk}")
    assert ('value="2026-10-10"' in text_of(page), 'value="18:00"' in text_of(page)) == (True, True)
    admin_client.post(later, {**typed, "time": "19:30"})
    performance.refresh_from_db()
    assert performance.announce_at == wall(crawl, "19:30")

    answer = admin_client.post(page_of(crawl, "not-after-all/"), {"set": performance.pk}, follow=True)
    performance.refresh_from_db()
    assert (performance.announce_at, messages_of(answer)[-1]) == (None, "1 set will not be announced by itself.")


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"date": "2026-10-01", "time": "07:59"}, ["That has passed already. Choose a later time, or announce now."]),
        ({"date": "2026-10-01", "time": "08:00"}, ["That has passed already. Choose a later time, or announce now."]),
        ({"date": "", "time": "18:00"}, ["This field is required."]),
        (
            {"date": "2200-01-01", "time": "18:00"},
            ["The year of 2200-01-01 cannot be right. Write a date such as 2026-02-15."],
        ),
        (
            {"date": "9999-12-31", "time": "23:59"},
            ["The year of 9999-12-31 cannot be right. Write a date such as 2026-02-15."],
        ),
        (
            {"date": "0001-01-01", "time": "00:00"},
            ["The year of 0001-01-01 cannot be right. Write a date such as 2026-02-15."],
        ),
        (
            {"date": "2027-03-14", "time": "02:30"},
            [
                "02:30 does not exist on 2027-03-14 in America/Toronto: the clocks jump over it. "
                "Probably 03:30 is meant."
            ],
        ),
    ],
)
def test_hour_that_cannot_be_is_refused_and_stays_typed(admin_client, crawl, typed, errors):
    performance = make_set(crawl)

    page = admin_client.post(page_of(crawl, "later/"), {"set": performance.pk, **typed})

    assert [each for found in page.context["form"].errors.values() for each in found] == errors
    assert f'value="{typed["time"]}"' in text_of(page)
    performance.refresh_from_db()
    assert performance.announce_at is None


@pytest.mark.parametrize(("which", "offset"), [("EDT", "05:30"), ("EST", "06:30")])
def test_hour_that_comes_twice_is_asked_for(admin_client, crawl, which, offset):
    performance = make_set(crawl)
    typed = {"set": performance.pk, "date": "2026-11-01", "time": "01:30"}

    asked = admin_client.post(page_of(crawl, "later/"), typed)
    assert "This time comes twice that night. Which one?" in text_of(asked)
    admin_client.post(page_of(crawl, "later/"), {**typed, "which": which})

    performance.refresh_from_db()
    assert f"{performance.announce_at:%Y-%m-%d %H:%M}" == f"2026-11-01 {offset}"


def test_hour_of_somebody_who_may_not_any_more_is_said_on_the_page(admin_client, crawl, time_machine):
    bo, performance = make_user("editor"), make_set(crawl)
    announcing.schedule_announcement([performance], at=SOON, by=bo, now=NOW)
    assert "may not announce it any more" not in text_of(admin_client.get(page_of(crawl)))

    bo.role = "viewer"
    bo.save()

    assert "whoever scheduled it may not announce it any more" in text_of(admin_client.get(page_of(crawl)))


@pytest.mark.parametrize(
    ("is_published", "is_on", "counts", "warned"),
    [
        (True, True, (1, 2), "1 set that is not announced yet becomes visible"),
        (True, False, (2, 1), "1 set is hidden from then on"),
        (False, False, (2, 0), "2 sets are hidden from then on"),
    ],
)
def test_reveal_mode_is_switched_after_the_numbers_were_read(admin_client, is_published, is_on, counts, warned):
    event = make_public_event(reveal_mode=is_on) if is_published else make_event(reveal_mode=is_on)
    make_set(event, is_announced=True)
    make_set(event, "Moth Choir", is_announced=False)

    page = admin_client.get(page_of(event, "reveal/"))
    assert (page.context["before"], page.context["after"]) == counts
    assert warned in text_of(page)
    seen = page.context["event"].version
    admin_client.post(page_of(event, "reveal/"), {"reveal_mode": "off" if is_on else "on", "seen_version": seen})

    event.refresh_from_db()
    assert event.reveal_mode is not is_on
    visible = announcing.public_sets(event, reveal_mode=event.reveal_mode).count()
    assert visible == counts[1]


def test_reveal_mode_switched_by_somebody_else_meanwhile_is_not_overwritten(admin_client, crawl):
    seen = crawl.version - 1

    answer = admin_client.post(
        page_of(crawl, "reveal/"), {"reveal_mode": "off", "seen_version": seen if seen >= 0 else 99}, follow=True
    )

    crawl.refresh_from_db()
    assert crawl.reveal_mode
    assert messages_of(answer) == [f"{crawl} was changed by somebody else while you had it open."]


@pytest.mark.parametrize(
    "changes",
    [
        {"seen_version": "²"},
        {"seen_version": "9" * 19},
        {"seen_version": "-1"},
        {"seen_version": None},
        {"reveal_mode": None},
        {"reveal_mode": "perhaps"},
    ],
)
def test_reveal_mode_stays_where_what_was_sent_is_not_complete(admin_client, crawl, changes):
    sent = {"reveal_mode": "off", "seen_version": str(crawl.version), **changes}

    answer = admin_client.post(
        page_of(crawl, "reveal/"), {name: value for name, value in sent.items() if value is not None}
    )

    crawl.refresh_from_db()
    assert (answer.status_code, crawl.reveal_mode) == (400, True)
    assert messages_of(answer) == ["What was sent is not complete, so nothing is changed. Please choose again."]


def test_viewer_looks_and_does_nothing(client, crawl):
    performance = make_set(crawl)
    sign_in(client, make_user("viewer"))

    page = client.get(page_of(crawl))
    answers = [
        client.post(page_of(crawl, each), {"set": performance.pk})
        for each in ("now/", "later/", "not-after-all/", "reveal/")
    ]

    assert page.status_code == 200
    assert ("Announce now" in text_of(page), "Switch it off" in text_of(page)) == (False, False)
    assert [answer.status_code for answer in answers] == [403] * 4
    assert announced() == []


def test_event_that_is_not_hers_is_not_found(client, crawl):
    sign_in(client, make_user("editor", make_event("Another Crawl")))

    pages = ("", "now/", "later/", "reveal/")

    assert [client.get(page_of(crawl, each)).status_code for each in pages] == [404] * 4


def test_taking_back_needs_a_post(admin_client, crawl):
    assert admin_client.get(page_of(crawl, "not-after-all/")).status_code == 405


@pytest.mark.parametrize("set_count", [1, 3])
def test_page_takes_the_same_number_of_queries(admin_client, crawl, django_assert_num_queries, set_count):
    bo = make_user("editor", crawl)
    for name in ("The Harpoonist", "Moth Choir", "Dog Ferry")[:set_count]:
        waiting = make_set(crawl, name)
        announcing.schedule_announcement([waiting], at=SOON, by=bo, now=NOW)
        lineup.announce_set(make_set(crawl, f"{name} Two", "22:00", "22:30"), by=bo, now=NOW)
    admin_client.get(page_of(crawl))

    with django_assert_num_queries(10):
        admin_client.get(page_of(crawl))


def test_night_of_the_shortcut_is_one_of_the_event(admin_client, crawl):
    make_set(crawl)

    page = admin_client.get(page_of(crawl, f"now/?night={date(2026, 10, 12)}"), follow=True)

    assert messages_of(page) == ["Nothing was chosen that is still to be announced. Tick the sets first."]
