"""What bands have played and will play, told by whoever knows the sets: bands must not import their readers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from bands.models import BandProfile

NAMED_EVENTS = 3  # beside a band's name, to tell who it is


@dataclass(frozen=True)
class Show:
    """A set of a band, as far as somebody may see it. `time` is in words, in the event's zone, "" while it is open.

    `address` is where it is edited, empty for whom it is not open to.
    """

    set_id: int
    event: str
    night: date
    time: str
    venue: str
    billing: str
    status: str
    status_text: str
    is_over: bool
    address: str

    def __str__(self) -> str:
        return f"{self.event}, {date_format(self.night, 'j M Y')}"

    @property
    def takes_place(self) -> bool:
        return self.status == "scheduled"


@dataclass(frozen=True)
class BandShows:
    """A band's shows in order of time, with how many sets it has."""

    shows: tuple[Show, ...] = ()

    @property
    def past(self) -> list[Show]:
        """Those that are over, latest first."""
        return [show for show in reversed(self.shows) if show.is_over]

    @property
    def upcoming(self) -> list[Show]:
        return [show for show in self.shows if not show.is_over]

    @property
    def last(self) -> Show | None:
        return next((show for show in self.past if show.takes_place), None)

    @property
    def next(self) -> Show | None:
        return next((show for show in self.upcoming if show.takes_place), None)

    @property
    def summary(self) -> str:
        """ "played Vol. 5, Vol. 4", "plays Vol. 6", or that it has not played yet."""
        played, plays = self._events(self.past), self._events(self.upcoming)
        if played:
            return _("played %(events)s") % {"events": played}
        return _("plays %(events)s") % {"events": plays} if plays else _("no shows yet")

    @staticmethod
    def _events(shows: list[Show]) -> str:
        return ", ".join(list(dict.fromkeys(show.event for show in shows if show.takes_place))[:NAMED_EVENTS])


class ShowBook(Protocol):
    """Who knows the sets: for each of some bands its shows, those alone that the reader may see."""

    def __call__(self, bands: Iterable[int], *, reader: User, now: datetime) -> dict[int, BandShows]: ...


BOOKS: list[ShowBook] = []


def register(book: ShowBook) -> None:
    """Let bands know of their shows; called once when the app that has them is ready."""
    if book not in BOOKS:
        BOOKS.append(book)


def shows_of(bands: Iterable[BandProfile], *, reader: User, now: datetime) -> dict[int, BandShows]:
    """The shows of each band by its id, as many queries whatever their number."""
    ids = [band.pk for band in bands]
    found = {pk: BandShows() for pk in ids}
    for book in BOOKS if ids else ():
        found |= book(ids, reader=reader, now=now)
    return found
