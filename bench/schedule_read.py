"""How fast the running order of one event is read: `make bench`, or `python -m bench.schedule_read`.

Starts the web server of the Procfile on a database of its own with one published event of 120 sets,
and asks for GET /api/schedule, for the event page, for both again with their ETag, and for constant
bytes of the same sizes through the same middleware. All are asked in turn, round after round, so
that whatever else the machine does hits all alike. The ratio to the constant bytes is the result;
requests per second belong to one machine at one time.
"""

import argparse
import cProfile
import json
import os
import platform
import pstats
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from bench.load import Load, Target, put_load, read_once
from bench.own_site import database_name, free_port, own_database, own_event, running_server, server_flags

if TYPE_CHECKING:
    from schedule.models import Event

WARM_UP_SECONDS, ALONE_SECONDS = 0.5, 0.5
PROFILED_REQUESTS, PROFILED_LINES = 50, 60
READS_AFTER_A_CHANGE = 20  # enough that every thread of the server answers


@dataclass
class Row:
    """One line of the table: a target, what was measured, and the row it is compared with."""

    target: Target
    baseline: "Row | None" = None
    alone: Load | None = None
    rounds: list[Load] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        return [load.per_second for load in self.rounds]

    @property
    def ratio(self) -> float:
        """To the constant bytes, round by round; the middle one of these."""
        others = (self.baseline or self).rates
        return median(own / other for own, other in zip(self.rates, others, strict=True))

    def milliseconds(self, percent: int) -> float:
        latencies = [seconds for load in self.rounds for seconds in load.latencies]
        return quantiles(latencies, n=100)[percent - 1] * 1000


def main() -> None:
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # so that the server and the database go
    busy_before = os.getloadavg()[0]
    port = free_port()
    with (
        tempfile.TemporaryDirectory(prefix="settimes-bench-") as name,
        own_database(Path(name)) as database_url,
        own_event(Path(name), database_url, port=port) as event,
    ):
        paths = {"GET /api/schedule": f"/api/schedule?event={event.slug}", "event page": event.get_absolute_url()}
        if options.profile:
            for title, path in paths.items():
                print_profile(title, path)
            return
        with running_server(Path(name), port=port):
            rows = [row for title, path in paths.items() for row in rows_of(title, path, port=port)]
            measure(rows, port=port, options=options)
            print_table(rows)
            print_conditions(rows, options=options, busy_before=busy_before)
            for title, path in paths.items():
                print(f"Database queries of one {title}: {count_queries(path)}.")
            print(prove_freshness(event, list(paths.values()), port=port))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=bounded(float, 0.5, 60), default=1, help="of one measurement (1)")
    parser.add_argument("--rounds", type=bounded(int, 2, 100), default=8, help="measurements of each target (8)")
    parser.add_argument("--connections", type=bounded(int, 1, 256), default=8, help="open at the same time (8)")
    parser.add_argument("--profile", action="store_true", help="instead: where the time goes, without a server")
    return parser.parse_args()


def bounded(kind: type, least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least} and {most}")
        return value

    return number


def rows_of(title: str, path: str, *, port: int) -> list[Row]:
    """The constant bytes of the same size, the address itself, and the address asked with its ETag."""
    status, etag, body = read_once(path, port=port)
    if status != 200 or not etag:
        sys.exit(f"{path} answers {status} with ETag {etag!r}: nothing to measure.")
    constant_path = f"/bench/constant/{len(body)}/"
    _, _, constant_body = read_once(constant_path, port=port)
    baseline = Row(Target(f"constant, as long as {title}", constant_path, 200, constant_body))
    whole = Target(title, path, status, body)
    unchanged = replace(whole, name=f"{title}, unchanged: 304", status=304, body=b"", if_none_match=etag)
    return [baseline, Row(whole, baseline), Row(unchanged, baseline)]


def measure(rows: list[Row], *, port: int, options: argparse.Namespace) -> None:
    for row in rows:
        put_load(row.target, port=port, connections=options.connections, seconds=WARM_UP_SECONDS)
    for row in rows:
        row.alone = put_load(row.target, port=port, connections=1, seconds=ALONE_SECONDS)
    for _ in range(options.rounds):
        for row in rows:
            load = put_load(row.target, port=port, connections=options.connections, seconds=options.seconds)
            row.rounds.append(load)


def count_queries(path: str) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="localhost")
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return len(queries)


def prove_freshness(event: "Event", paths: list[str], *, port: int) -> str:
    """Move a set by five minutes and read at once with the ETag of before; an old answer ends the run."""
    from django.utils import timezone

    from schedule import lineup

    performance = event.performances.select_related("event").first()
    before = performance.starts_at.astimezone(event.zone)
    after = before + timedelta(minutes=5)
    etags = {}
    for path in paths:
        _, etags[path], body = read_once(path, port=port)
        if not shows(body, performance.pk, before):
            sys.exit(f"{path} does not show that set {performance.pk} starts at {before}.")
    ends_at = performance.ends_at + timedelta(minutes=5)
    lineup.retime_set(performance, starts_at=after, ends_at=ends_at, by=None, now=timezone.now())
    for path in paths * READS_AFTER_A_CHANGE:
        status, etag, body = read_once(path, port=port, if_none_match=etags[path])
        if status != 200 or etag == etags[path] or not shows(body, performance.pk, after):
            sys.exit(f"{path} is stale: {status} after set {performance.pk} was moved to {after}.")
    return (
        f"Another process moved a set from {before:%H:%M} to {after:%H:%M}: the very next answers of both show it, and "
        f"{READS_AFTER_A_CHANGE} of {READS_AFTER_A_CHANGE} asked with the ETag of before are 200 with a new ETag."
    )


def shows(body: bytes, performance_id: int, start: datetime) -> bool:
    """Whether an answer, JSON or page, gives the set this start."""
    text = body.decode()
    if text.startswith("{"):
        band = next(each for each in json.loads(text)["bands"] if each["performance_id"] == performance_id)
        return band["startTime"] == f"{start:%H:%M}"
    return start.isoformat() in text.partition(f'id="set-{performance_id}"')[2].partition("</li>")[0]


def print_profile(title: str, path: str) -> None:
    """Where the time of a request goes inside Django. The profiler itself makes many small calls look dear."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import RequestFactory

    handler, requests = WSGIHandler(), RequestFactory(SERVER_NAME="localhost")

    def answer() -> None:
        response = handler(requests.get(path).environ, lambda *_: None)
        b"".join(response)
        response.close()

    answer()
    with cProfile.Profile() as profile:
        for _ in range(PROFILED_REQUESTS):
            answer()
    print(f"\n{title}: {PROFILED_REQUESTS} requests")
    pstats.Stats(profile).strip_dirs().sort_stats("cumulative").print_stats(PROFILED_LINES)


def print_table(rows: list[Row]) -> None:
    print("| target | bytes | requests/s (min–max) | p50 ms | p99 ms | alone ms | ratio |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    for row in rows:
        rates = row.rates
        print(
            f"| {row.target.name} | {len(row.target.body):,} "
            f"| {median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f}) "
            f"| {row.milliseconds(50):.1f} | {row.milliseconds(99):.1f} "
            f"| {median(row.alone.latencies) * 1000:.2f} | {row.ratio:.3f} |"
        )


def print_conditions(rows: list[Row], *, options: argparse.Namespace, busy_before: float) -> None:
    loads = [load for row in rows for load in row.rounds]
    client_share = max(load.client_cpu_seconds / load.seconds for load in loads)
    print(
        f"\n{platform.system()}, {len(os.sched_getaffinity(0))} cores shared with the load generator "
        f"(which took at most {client_share:.0%} of one; load before the start {busy_before:.1f}). "
        f"Python {platform.python_version()}, Django {version('django')}, granian {version('granian')} "
        f"{server_flags()}, {database_name()}.\n"
        f"{options.connections} connections, {options.rounds} rounds of {options.seconds:g} s, all targets in turn; "
        f"{sum(len(load.latencies) for load in loads):,} answers, every one compared with the expected one."
    )


if __name__ == "__main__":
    main()
