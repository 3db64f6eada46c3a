"""Does the time of a refused sign-in tell whether an account exists? `python -m bench.sign_in [--rounds 200]`.

Every kind of account is tried once a round, in an order that turns round each time, so that what
the machine does besides hits all alike. A kind that is measured twice ("known, again") tells how
much of a difference is noise. Django is imported where it is used, once the environment is set.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import timedelta

PASSWORD = "seven new strings a night"
WARM_UP_ROUNDS = 5
UNKNOWN, KNOWN = "unknown", "known"


def set_up(data_dir: str) -> None:
    """A database of its own with production's settings."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="bench.settings",
        ENV_FILE=os.devnull,
        SECRET_KEY="for measuring only",  # noqa: S106
        DATA_DIR=data_dir,
    )
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


def make_accounts() -> dict[str, str]:
    """An account of each kind; the address to try by the name of its kind."""
    from django.utils import timezone

    from accounts.models import User

    kinds = {
        KNOWN: (PASSWORD, {}),
        "known, again": (PASSWORD, {}),
        "not activated": (PASSWORD, {"activated_at": None}),
        "deactivated": (PASSWORD, {"deactivated_at": timezone.now()}),
        "without password": (None, {}),
        "locked": (PASSWORD, {}),
    }
    addresses = {}
    for number, (kind, (password, fields)) in enumerate(kinds.items()):
        addresses[kind] = f"person{number}@label.example"
        User.objects.create_user(addresses[kind], password, **fields)
    return {**addresses, UNKNOWN: "person9@label.example"}


def lock(email: str) -> None:
    """Lock an account as five failures would."""
    from django.utils import timezone

    from accounts.models import Lockout
    from accounts.trails import account_key

    now = timezone.now()
    scope, until = Lockout.Scope.ACCOUNT, now + timedelta(hours=1)
    Lockout.objects.create(scope=scope, key=account_key(email), reason="password", locked_at=now, locked_until=until)


def seconds_of(email: str) -> float:
    """How long a wrong password takes to be refused, in a browser of its own, with nothing counted before."""
    from django.core.cache import cache
    from django.test import Client

    from accounts.models import FailedAttempt, Lockout

    client = Client(headers={"host": "localhost"})
    client.get("/account/sign-in/")
    begun = time.perf_counter()
    response = client.post("/account/sign-in/", {"email": email, "password": "not the right one"})
    taken = time.perf_counter() - begun
    if response.status_code != 200:
        sys.exit(f"{email}: {response.status_code} instead of a refusal")
    FailedAttempt.objects.all().delete()
    Lockout.objects.all().delete()
    cache.clear()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200, help="sign-ins of each kind (200)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as data_dir:
        set_up(data_dir)
        addresses = make_accounts()
        taken: dict[str, list[float]] = {kind: [] for kind in addresses}
        for number in range(WARM_UP_ROUNDS + rounds):
            for kind in addresses if number % 2 else reversed(addresses):
                if kind == "locked":
                    lock(addresses[kind])
                taken[kind].append(seconds_of(addresses[kind]))
    medians = {kind: statistics.median(seconds[WARM_UP_ROUNDS:]) for kind, seconds in taken.items()}
    print(f"{rounds} refused sign-ins of each kind; a known address takes {medians[KNOWN] * 1000:.1f} ms (median).")
    for kind, seconds in medians.items():
        print(f"{kind:>18}  {seconds / medians[KNOWN]:.3f}")


if __name__ == "__main__":
    main()
