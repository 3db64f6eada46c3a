"""Races at the board: `python -m tests.schedule.races.running NAME OPTIONS`, as those of tests/accounts/races."""

import json
import logging
import sys
from datetime import timedelta
from typing import Any

from tests.accounts.races.running import at_once  # sets Django up

from django.test import Client  # isort: skip

from accounts.models import AuditEntry, User
from accounts.trails import broken_rows
from schedule import lineup
from schedule.models import Change, Event, Performance
from settimes.versions import StaleError
from tests.admin_pages import sign_in
from tests.factories import MADE, make_event, make_set, make_user

SHIFT = timedelta(minutes=5)


def editors(count: int) -> list[tuple[User, Client]]:
    """People with a browser each, signed in."""
    made = []
    for number in range(count):
        user, browser = make_user("editor", email=f"editor{number}@label.example"), Client()
        sign_in(browser, user)
        made.append((user, browser))
    return made


def save(browser: Client, performance: Performance, *, minutes: int) -> list[Any]:
    """Start a set so many minutes later, as it was seen: the status of the answer, and what was told of the other."""
    start = int(performance.starts_at.timestamp()) // 60 + minutes
    change = {"id": performance.pk, "version": performance.version, "start": start, "end": start + 30}
    body = {"night": str(performance.night), "changes": [change]}
    address = f"/admin/schedule/event/{performance.event_id}/board/save/"
    answer = browser.post(address, body, content_type="application/json")
    told = [[each["now"]["version"], each["now"]["start"], each["by"]] for each in answer.json().get("stale", [])]
    return [answer.status_code, told]


def undo(browser: Client, event: Event, batch: str) -> int:
    address = f"/admin/schedule/event/{event.pk}/board/undo/"
    return int(browser.post(address, {"batch": batch}, content_type="application/json").status_code)


def edit(performance: Performance) -> list[Any]:
    """The same set edited elsewhere, as it was seen."""
    try:
        lineup.change_set(performance, notes="Bring a stool.", seen_version=performance.version, **MADE)
    except StaleError:
        return [409, []]
    return [200, []]


def is_sound(event: Event) -> bool:
    """Whether every change made a revision of its own, without a gap, and the trail holds."""
    event.refresh_from_db()
    revisions = list(event.changes.order_by("revision").values_list("revision", flat=True))
    return revisions == list(range(1, event.revision + 1)) and not list(broken_rows(AuditEntry))


def same_set(rounds: int, contestants: int) -> list[dict[str, Any]]:
    """One set, given another time by each, as all saw it."""
    people, event = editors(contestants), make_event()
    performance = make_set(event)
    found = []
    for _round in range(rounds):
        performance.refresh_from_db()
        version, start = performance.version, int(performance.starts_at.timestamp()) // 60
        answers = at_once(
            [
                lambda browser=browser, minutes=minutes: save(browser, performance, minutes=minutes)
                for minutes, (_user, browser) in enumerate(people, start=1)
            ]
        )
        performance.refresh_from_db()
        winner = [status for status, _told in answers].index(200)
        expected = [version + 1, start + winner + 1, str(people[winner][0])]
        found.append(
            {
                "statuses": sorted(status for status, _told in answers),
                "told the winner's": all(told == [expected] for status, told in answers if status == 409),
                "is the winner's": [performance.version, int(performance.starts_at.timestamp()) // 60] == expected[:2],
                "changes": event.changes.filter(kind=Change.Kind.RETIMED).count(),
                "is sound": is_sound(event),
            }
        )
    return found


def other_sets(rounds: int, contestants: int) -> list[dict[str, Any]]:
    """Sets of one night, one each: everything is kept."""
    people, event = editors(contestants), make_event()
    sets = [make_set(event, f"Band {number}") for number in range(contestants)]
    found = []
    for _round in range(rounds):
        for performance in sets:
            performance.refresh_from_db()
        before = [performance.starts_at for performance in sets]
        answers = at_once(
            [
                lambda browser=browser, performance=performance: save(browser, performance, minutes=5)
                for performance, (_user, browser) in zip(sets, people, strict=True)
            ]
        )
        after = [Performance.objects.get(pk=performance.pk).starts_at for performance in sets]
        found.append(
            {
                "statuses": [status for status, _told in answers],
                "kept": after == [start + SHIFT for start in before],
                "is sound": is_sound(event),
            }
        )
    return found


def board_and_form(rounds: int) -> list[dict[str, Any]]:
    """One set, moved on the board and edited in its form at once."""
    ((_user, browser),) = editors(1)
    event = make_event()
    performance = make_set(event)
    found = []
    for _round in range(rounds):
        lineup.change_set(performance, notes="", **MADE)
        performance.refresh_from_db()
        version = performance.version
        answers = at_once([lambda: save(browser, performance, minutes=1), lambda: edit(performance)])
        performance.refresh_from_db()
        found.append(
            {
                "statuses": sorted(status for status, _told in answers),
                "versions": performance.version - version,
                "is sound": is_sound(event),
            }
        )
    return found


def undo_twice(rounds: int, contestants: int) -> list[dict[str, Any]]:
    """What was saved last, taken back by everybody at once."""
    people, event = editors(contestants), make_event()
    performance = make_set(event)
    start = performance.starts_at
    found = []
    for _round in range(rounds):
        performance.refresh_from_db()
        save(people[0][1], performance, minutes=5)
        batch = str(event.changes.order_by("revision").last().batch)
        answers = at_once(
            [lambda browser=browser, batch=batch: undo(browser, event, batch) for _user, browser in people]
        )
        performance.refresh_from_db()
        found.append(
            {"statuses": sorted(answers), "is back": performance.starts_at == start, "is sound": is_sound(event)}
        )
    return found


RACES = {each.__name__: each for each in (same_set, other_sets, board_and_form, undo_twice)}

if __name__ == "__main__":
    logging.disable(logging.WARNING)
    name, options = sys.argv[1:]
    sys.stdout.write(json.dumps(RACES[name](**json.loads(options))))
