"""Races for one row: `python -m tests.schedule.stale_racing NAME OPTIONS`, run as those of tests/accounts/races are."""

import json
import logging
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import django

django.setup()

from django.core.exceptions import ValidationError  # noqa: E402 (models exist only from here on)
from django.test import Client  # noqa: E402

from bands.library import update_band  # noqa: E402
from bands.models import BandProfile  # noqa: E402
from schedule import events, history, lineup  # noqa: E402
from schedule.models import Change, Event, Performance, Venue  # noqa: E402
from settimes.versions import StaleError  # noqa: E402
from tests.accounts.races.running import at_once, total  # noqa: E402
from tests.admin_pages import form_in, sign_in  # noqa: E402
from tests.factories import MADE, make_admin, make_band, make_event, make_set, make_venue  # noqa: E402

# For each kind of row: how to make one, the function that writes it, and a field of it.
ROWS: dict[str, tuple[Callable[[int], Any], Callable[..., Any], str]] = {
    "set": (lambda number: make_set(make_event(f"Vol. {number}"), f"X {number}"), lineup.change_set, "notes"),
    "band": (lambda number: make_band(f"Band {number}"), update_band, "origin_city"),
    "venue": (lambda number: make_venue(f"Venue {number}"), events.update_venue, "city"),
    "event": (lambda number: make_event(f"Volume {number}"), events.update_event, "city"),
}
PAGES = {Performance: "schedule/performance", BandProfile: "bands/bandprofile", Venue: "schedule/venue"}
PAGES |= {Event: "schedule/event"}


def save(row: Any, update: Callable[..., Any], field: str, value: str) -> str:
    """Save over the version that everybody saw: who won, and whom the others find there."""
    try:
        update(row, seen_version=row.version, **{field: value}, **MADE)
    except StaleError as error:
        return f"finds {getattr(error.row, field)}"
    return f"won as {value}"


def _round(answers: list[str], row: Any, field: str) -> dict[str, int]:
    winner = getattr(type(row).objects.get(pk=row.pk), field)
    return {
        "won": answers.count(f"won as {winner}"),
        "told of the winner": answers.count(f"finds {winner}"),
        "version": type(row).objects.get(pk=row.pk).version - row.version,
    }


def domain(kind: str, rounds: int, contestants: int) -> list[dict[str, int]]:
    """One row, written by many at once who all saw the same version."""
    make, update, field = ROWS[kind]
    found = []
    for number in range(rounds):
        row = make(number)
        steps = [partial(save, row, update, field, f"Contestant {each}") for each in range(contestants)]
        found.append(_round(at_once(steps), row, field))
    return found


def form(kind: str, rounds: int, contestants: int) -> list[dict[str, int]]:
    """One form, opened by many and sent at once."""
    make, _update, field = ROWS[kind]
    ana, found = make_admin(), []
    for number in range(rounds):
        row = make(number)
        address, form_id = f"/admin/{PAGES[type(row)]}/{row.pk}/change/", f"{row._meta.model_name}_form"
        browsers = []
        for _each in range(contestants):
            browser = Client()
            sign_in(browser, ana)
            browsers.append((browser, form_in(browser.get(address), form_id)))

        def send(browser: Client, sent: dict[str, Any], value: str) -> str:
            answer = browser.post(address, {**sent, field: value})  # noqa: B023 (called before the next round)
            if answer.status_code == 302:
                return f"won as {value}"
            kept = form_in(answer, form_id)[field] == [value]  # noqa: B023
            found_there = re.search("It is now “(.+?)”", answer.content.decode())
            return f"finds {found_there[1]}" if kept and found_there else "lost what was typed"

        steps = [partial(send, *each, f"Contestant {place}") for place, each in enumerate(browsers)]
        found.append(_round(at_once(steps), row, field))
    return found


def bring_back(rounds: int, contestants: int) -> list[dict[str, int]]:
    """One deleted set, brought back by many at once."""
    found = []
    for number in range(rounds):
        lineup.delete_set(make_set(make_event(f"Vol. {number}"), "X"), **MADE)
        change = Change.objects.filter(kind=Change.Kind.DELETED).latest("pk")

        def act(change: Change = change) -> str:
            try:
                history.bring_back(change, **MADE)
            except ValidationError as error:
                return str(error.code)
            return "back"

        sets = Performance.objects.filter(uid=change.performance_uid)
        found.append({**total(at_once([act] * contestants)), "sets": sets.count()})
    return found


RACES = {each.__name__: each for each in (domain, form, bring_back)}

if __name__ == "__main__":
    logging.disable(logging.WARNING)
    name, options = sys.argv[1:]
    sys.stdout.write(json.dumps(RACES[name](**json.loads(options))))
