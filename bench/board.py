"""What the running-order board costs: `make bench`, or `python -m bench.board [--rounds 20]`.

A night of 180 sets in 12 venues is opened, and read as plain rows for comparison; then 200 sets are
given new places in one save, and by one call of `change_set` each. Everything is asked in turn,
round after round; the ratios are the result. Django is imported where it is used, once the
environment is set.
"""

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bench.own_site import database_name, own_database
from bench.sign_in import set_up

if TYPE_CHECKING:
    from django.test import Client

    from schedule.models import Event

NIGHT = date(2026, 10, 10)
EVENING = datetime(2026, 10, 10, 16, 0, tzinfo=ZoneInfo("America/Toronto"))
VENUES, OPENED_SETS, SAVED_SETS = 12, 180, 200
FIVE_MINUTES = timedelta(minutes=5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, help="measurements of each (20)")
    rounds = parser.parse_args().rounds
    if not 2 <= rounds <= 1000:
        sys.exit("--rounds is not between 2 and 1000")
    with (
        tempfile.TemporaryDirectory(prefix="settimes-bench-") as name,
        own_database(Path(name)) as database_url,
    ):
        os.environ["DATABASE_URL"] = database_url
        set_up(name)
        from django.db import connections

        try:
            measure(rounds)
            print(f"\n{rounds} rounds, all in turn, {database_name()}; load {os.getloadavg()[0]:.1f} at the end.")
        finally:
            connections.close_all()


def measure(rounds: int) -> None:
    browser = signed_in()
    opened, saved = make_night("Opened", OPENED_SETS), make_night("Saved", SAVED_SETS)
    address = f"/admin/schedule/event/{opened.pk}/board/"
    page, data = browser.get(address), browser.get(f"{address}data/")
    if (page.status_code, data.status_code) != (200, 200):
        sys.exit(f"{address} answers {page.status_code}, its data {data.status_code}: nothing to measure.")
    readers: dict[str, Callable[[], Any]] = {
        f"the {OPENED_SETS} rows, by values()": lambda: rows_of(opened),
        "the board's data": lambda: browser.get(f"{address}data/"),
        "the board's page": lambda: browser.get(address),
    }
    print_table("opening", readers, rounds)
    for title, answer in (("data", data), ("page", page)):
        print(f"The {title}: {len(answer.content):,} bytes, {len(gzip.compress(answer.content)):,} compressed.")
    writers: dict[str, Callable[[], Any]] = {
        f"{SAVED_SETS} calls of change_set": lambda: save_one_by_one(saved),
        f"one save of {SAVED_SETS}": lambda: save_at_once(browser, saved),
        f"trying {SAVED_SETS} out": lambda: save_at_once(browser, saved, page="preview/"),
    }
    print_table("saving", writers, max(2, rounds // 5))


def signed_in() -> "Client":
    """An editor's browser, with a second factor proved."""
    from django.test import Client

    from accounts.models import User
    from tests.admin_pages import sign_in

    browser = Client(headers={"host": "localhost"})
    sign_in(browser, User.objects.create_user("editor@label.example", "seven new strings a night", role="editor"))
    return browser


def make_night(name: str, sets: int) -> "Event":
    """A published night of so many sets, every half hour in each of twelve venues."""
    from django.utils import timezone

    from bands.library import add_band
    from schedule import lineup, publishing
    from schedule.events import add_venue, create_event

    made: dict[str, Any] = {"by": None, "now": timezone.now()}
    event = create_event(name=f"{name} Night", date=NIGHT, timezone="America/Toronto", **made)
    venues = [add_venue(f"{name} Venue {number}", walking_order=number, **made) for number in range(VENUES)]
    for number in range(sets):
        starts_at = EVENING + timedelta(minutes=number // VENUES * 30)
        lineup.add_set(
            event,
            night=NIGHT,
            band=add_band(f"{name} Band {number}", **made),
            venue=venues[number % VENUES],
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=25),
            **made,
        )
    publishing.publish_event(event, **made)
    return event


def rows_of(event: "Event") -> list[dict[str, Any]]:
    """The same columns, read plainly."""
    names = ("pk", "version", "billing", "kind", "venue", "starts_at", "ends_at", "status", "is_announced")
    rows = event.performances.filter(night=NIGHT)
    return list(rows.values(*names, "band", "band__name", "venue__name", "venue__parent__name"))


def save_one_by_one(event: "Event") -> None:
    """Every set five minutes later or earlier, each in a transaction of its own."""
    from django.utils import timezone

    from accounts.models import User
    from schedule import lineup

    editor = User.objects.get()
    for performance in event.performances.select_related("event"):
        lineup.change_set(performance, **there_and_back(performance), by=editor, now=timezone.now())


def save_at_once(browser: "Client", event: "Event", page: str = "save/") -> None:
    """The same by one request."""
    changes = [
        {
            "id": performance.pk,
            "version": performance.version,
            "start": int(there_and_back(performance)["starts_at"].timestamp()) // 60,
            "end": int(there_and_back(performance)["ends_at"].timestamp()) // 60,
        }
        for performance in event.performances.all()
    ]
    body = json.dumps({"night": NIGHT.isoformat(), "changes": changes})
    address = f"/admin/schedule/event/{event.pk}/board/{page}"
    answer = browser.post(address, body, content_type="application/json")
    if answer.status_code != 200:
        sys.exit(f"{address} answers {answer.status_code}: {answer.content[:200]!r}")


def there_and_back(performance: Any) -> dict[str, Any]:
    """Five minutes later from the full and half hours, and back again."""
    shift = FIVE_MINUTES if performance.starts_at.minute % 30 == 0 else -FIVE_MINUTES
    return {"starts_at": performance.starts_at + shift, "ends_at": performance.ends_at + shift}


def print_table(title: str, steps: dict[str, Callable[[], Any]], rounds: int) -> None:
    """How long each takes, and how that compares with the first; the median of the rounds."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _round in range(rounds):
        for name, step in steps.items():
            begun = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - begun)
    first = seconds[next(iter(steps))]
    print(f"\n| {title} | queries | ms | ratio |\n| --- | --: | --: | --: |")
    for name, own in seconds.items():
        ratio = median(one / other for one, other in zip(own, first, strict=True))
        print(f"| {name} | {queries_of(steps[name])} | {median(own) * 1000:.1f} | {ratio:.3f} |")


def queries_of(step: Callable[[], Any]) -> int:
    """Counted as they go out: the log that Django keeps of them is cut off."""
    from django.db import connection

    count = 0

    def counted(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*arguments)

    with connection.execute_wrapper(counted):
        step()
    return count


if __name__ == "__main__":
    main()
