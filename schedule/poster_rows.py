"""The rows of a poster while its lines are being read, and the file that becomes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from bands.naming import folding_key, normalize_name, tidy_name
from schedule.billing import kind_of
from schedule.lineup_files import LineupFile, LineupRow, OtherLine
from schedule.models import Performance
from schedule.poster_lines import Line
from schedule.poster_times import TimesInOrder


@dataclass(frozen=True)
class Around:
    """What the text is read against: the event's zone, nights and doors, the venues and genres that are known.

    `night` is where rows belong that name none; None when that is open.
    """

    zone: ZoneInfo
    rollover: time
    nights: Sequence[date]
    night: date | None = None
    doors: Mapping[date, datetime] = field(default_factory=dict)
    venues: Sequence[str] = ()
    genres: Sequence[str] = ()
    event_name: str = ""


@dataclass
class Draft:
    """A row while the lines around it are still being read."""

    line: Line
    band: str
    venue: str = ""
    night: date | None = None
    start: str = ""
    end: str = ""
    genre: str = ""
    doubts: list[str] = field(default_factory=list)
    is_left_out: bool = False


class PosterRows:
    """Rows and other lines in the order in which they were read."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.others: list[OtherLine] = []

    def add(
        self,
        line: Line,
        band: str,
        venue: str,
        night: date | None,
        start: str = "",
        end: str = "",
        doubts: Sequence[str] = (),
        genre: str = "",
        *,
        is_left_out: bool = False,
    ) -> None:
        draft = Draft(line, band, venue, night, start, end, genre, list(doubts), is_left_out)
        if not normalize_name(band):
            draft.doubts.append(_("has no name"))
            draft.is_left_out = True
        self.drafts.append(draft)

    def leave_out(self, line: Line, text: str, reason: str, *, night: date | None = None) -> None:
        self.drafts.append(Draft(line, tidy_name(text), night=night, doubts=[reason], is_left_out=True))

    def other(self, line: Line, meaning: str) -> None:
        self.others.append(OtherLine(line.label, meaning))

    def file(self, around: Around) -> LineupFile:
        self._fold_doubled()
        order = TimesInOrder(around.zone, around.rollover, around.doors)
        rows = []
        for draft in self.drafts:
            start, end = draft.start, draft.end
            if not draft.is_left_out:
                start, end, guessed = order.read(start, end, night=draft.night, venue=draft.venue)
                draft.doubts += guessed
                draft.doubts += _doubt_about_night(draft.night, around.nights)
            rows.append(_row(draft, start, end))
        return LineupFile(rows, other_lines=self.others)

    def _fold_doubled(self) -> None:
        """Make one row of a name that stands there twice, from a link and its text; other times are other sets."""
        kept: dict[tuple[str, date | None], Draft] = {}
        folded = []
        for draft in self.drafts:
            if draft.is_left_out or kind_of(draft.band) != Performance.Kind.SET:
                continue
            first = kept.setdefault((folding_key(draft.band), draft.night), draft)
            if first is draft or not _may_be_one(first, draft):
                continue
            if not draft.band.isupper():  # titles of links come first and may have capitals of their own
                first.band = draft.band
            if not first.start:
                first.start, first.end = draft.start, draft.end
            first.venue, first.genre = first.venue or draft.venue, first.genre or draft.genre
            self.other(draft.line, _("the same set as line %(number)d") % {"number": first.line.number})
            folded.append(draft)
        self.drafts = [draft for draft in self.drafts if not any(draft is each for each in folded)]


def _may_be_one(first: Draft, second: Draft) -> bool:
    """Whether two rows of one name can be one set: where both say when and where, they say the same."""
    return all(
        not ours or not theirs or ours == theirs
        for ours, theirs in ((first.start, second.start), (first.venue, second.venue))
    )


def _doubt_about_night(night: date | None, nights: Sequence[date]) -> list[str]:
    if night is None or not nights or night in nights:
        return []
    form = "l j F" if all(each.year == night.year for each in nights) else "l j F Y"
    held = get_text_list([date_format(each, form) for each in nights], _("and"))
    return [
        _("The poster says %(night)s; the event is on %(nights)s.")
        % {"night": date_format(night, form), "nights": held}
    ]


def _row(draft: Draft, start: str, end: str) -> LineupRow:
    return LineupRow(
        label=draft.line.label,
        band=draft.band,
        venue=draft.venue,
        night=draft.night.isoformat() if draft.night else "",
        start=start,
        end=end,
        genre=draft.genre,
        doubts=tuple(draft.doubts),
        is_left_out=draft.is_left_out,
        is_typed=True,
    )
