"""Excel workbooks (.xlsx) as rows of text, and back: nothing in them is a formula, neither read nor written."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import from_excel

MOST_ROWS = 5000
MOST_COLUMNS = 50
MOST_PARTS = 2000  # files within the file
MOST_UNPACKED_BYTES = 60 * 1024 * 1024
DAY_NOUGHT = datetime(1899, 12, 31)  # noqa: DTZ001 -- what Excel counts the hours of a time above 24 from
HALF_A_MINUTE = timedelta(seconds=30)
FIRST_DAY_NUMBER, LAST_DAY_NUMBER = 20_000, 80_000  # the years 1954 to 2119, as Excel counts days
WIDEST_COLUMN, NARROWEST_COLUMN = 50, 8  # characters


class UnreadableWorkbookError(Exception):
    """The file is no workbook that we can read; the message says why and what to do."""


def read_workbook(content: bytes) -> list[list[str]]:
    """The cells of the first sheet as texts, times and dates as `typed_times` reads them.

    Formulas give the value they had when the workbook was saved. Raises UnreadableWorkbookError.
    """
    _refuse_bombs(content)
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size may be wrong
        cells = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS)
        rows = [_without_empty_end([_text(cell) for cell in row]) for row in cells]
    except Exception as error:  # a damaged workbook fails anywhere in the library, with anything
        raise UnreadableWorkbookError(
            _("The workbook cannot be read. Open it in your spreadsheet program and save it as .xlsx or CSV again.")
        ) from error
    if len(rows) > MOST_ROWS:
        raise UnreadableWorkbookError(
            _("The sheet has more than %(count)d rows; a running order does not.") % {"count": MOST_ROWS}
        )
    return rows


def write_workbook(header: list[str], rows: list[list[str]], *, title: str) -> bytes:
    """A workbook of one sheet whose cells are all text, with a bold header that stays when one scrolls."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("".join(c for c in title if c not in "[]:*?/\\'")[:31] or "Sheet")
    sheet.freeze_panes = "A2"
    for position, name in enumerate(header):
        longest = max([len(name), *(len(row[position]) for row in rows)])
        width = min(WIDEST_COLUMN, max(NARROWEST_COLUMN, longest + 2))
        sheet.column_dimensions[get_column_letter(position + 1)].width = width
    sheet.append([_text_cell(sheet, name, font=Font(bold=True)) for name in header])
    for row in rows:
        sheet.append([_text_cell(sheet, text) for text in row])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _refuse_bombs(content: bytes) -> None:
    """A workbook is a ZIP file, and a small one can unpack to anything; no part is longer than it says."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            sizes = [part.file_size for part in parts.infolist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableWorkbookError(
            _("The file is no Excel workbook (.xlsx). Save it as .xlsx or as CSV in your spreadsheet program.")
        ) from error
    if len(sizes) > MOST_PARTS or sum(sizes) > MOST_UNPACKED_BYTES:
        raise UnreadableWorkbookError(_("The workbook is far too large unpacked. Save the sheet alone, as CSV."))


def _without_empty_end(cells: list[str]) -> list[str]:
    last = max((position for position, cell in enumerate(cells) if cell), default=-1)
    return cells[: last + 1]


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, float):
        value = _of_number(value)
    if isinstance(value, datetime):
        has_time = value.time() != time() or "h" in str(cell.number_format).lower()
        if value.year <= DAY_NOUGHT.year + 1:
            value = value - DAY_NOUGHT
        elif has_time:
            return f"{value + HALF_A_MINUTE:%Y-%m-%d %H:%M}"
        else:
            value = value.date()
    if isinstance(value, timedelta):
        minutes = (value + HALF_A_MINUTE) // timedelta(minutes=1)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if isinstance(value, time):
        return _text_of_time(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _text_of_time(value: time) -> str:
    minutes = (value.hour * 3600 + value.minute * 60 + value.second + 30) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _of_number(value: float) -> Any:
    """What a number without a format means: part of a day is a time, a great one a date with a time."""
    if value.is_integer():
        return int(value)
    if 0 < value < 2:  # up to 48 hours
        return timedelta(days=value)
    return from_excel(value) if FIRST_DAY_NUMBER < value < LAST_DAY_NUMBER else value


def _text_cell(sheet: Any, text: str, *, font: Font | None = None) -> Cell:
    cell = WriteOnlyCell(sheet, value="")
    cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", text)
    cell.data_type = "s"  # also what begins with = is a text
    if font:
        cell.font = font
    return cell
