"""Events, venues and the running order in the admin. Every change goes through the domain functions."""

from schedule.admin import (
    access,
    announcing,
    board,
    endings,
    event,
    history,
    importing,
    lifecycle,
    performance,
    previewing,
    records,
    venue,
)

__all__ = [
    "access",
    "announcing",
    "board",
    "endings",
    "event",
    "history",
    "importing",
    "lifecycle",
    "performance",
    "previewing",
    "records",
    "venue",
]
