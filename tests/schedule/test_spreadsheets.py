"""Excel workbooks: cells of every kind as text, bombs and wrecks refused, nothing ever a formula."""

import io
import zipfile
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from schedule import spreadsheets
from schedule.lineup_files import UnreadableFileError, read_file
from schedule.spreadsheets import MOST_ROWS, UnreadableWorkbookError, read_workbook, write_workbook

HEADER = ["night", "venue", "band", "start", "end"]


def workbook_of(*rows, formats=None):
    """A workbook as a spreadsheet program saves it, with number formats by cell."""
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    for cell, number_format in (formats or {}).items():
        workbook.active[cell].number_format = number_format
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def refusal_of(content):
    with pytest.raises(UnreadableWorkbookError) as refusal:
        read_workbook(content)
    return str(refusal.value)


def repacked(content, **members):
    """The workbook with parts replaced, by the last part of their name without its ending."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            stem = info.filename.rpartition("/")[2].partition(".")[0]
            new.writestr(info.filename, members.get(stem, old.read(info.filename)))
    return out.getvalue()


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        ("Witchrot", "General", "Witchrot"),
        (None, "General", ""),
        (47, "General", "47"),
        (47.0, "General", "47"),
        (date(2026, 2, 15), "yyyy-mm-dd", "2026-02-15"),
        (datetime.fromisoformat("2026-02-15"), "yyyy-mm-dd", "2026-02-15"),
        (datetime.fromisoformat("2026-02-16"), "yyyy-mm-dd hh:mm", "2026-02-16 00:00"),
        (datetime.fromisoformat("2026-02-15T20:50"), "yyyy-mm-dd hh:mm", "2026-02-15 20:50"),
        (datetime.fromisoformat("2026-02-15T20:49:59"), "yyyy-mm-dd hh:mm", "2026-02-15 20:50"),
        (time(20, 50), "hh:mm", "20:50"),
        (time(8, 0), "h:mm AM/PM", "08:00"),
        (time(20, 49, 59), "hh:mm", "20:50"),
        (timedelta(hours=24, minutes=10), "[h]:mm", "24:10"),
        (1 + 10 / 1440, "h:mm", "24:10"),
        (0.8680555555, "General", "20:50"),
        (1 + 10 / 1440, "General", "24:10"),
        (46068.8680555555, "General", "2026-02-15 20:50"),
        (2.5, "General", "2.5"),
        (True, "General", "True"),
    ],
)
def test_cell_is_read_as_text(value, number_format, text):
    content = workbook_of(["x", value], formats={"B1": number_format})

    assert read_workbook(content) == [["x", text] if text else ["x"]]


def test_formula_is_read_as_nothing_where_its_value_was_never_saved():
    assert read_workbook(workbook_of(["x", "=1+1", "y"])) == [["x", "", "y"]]


def test_only_the_first_sheet_is_read():
    workbook = Workbook()
    workbook.active.append(["first"])
    workbook.create_sheet().append(["second"])
    out = io.BytesIO()
    workbook.save(out)

    assert read_workbook(out.getvalue()) == [["first"]]


@pytest.mark.parametrize("count", [MOST_ROWS - 1, MOST_ROWS])
def test_sheet_of_many_rows_is_read(count):
    assert len(read_workbook(workbook_of(*[["x"]] * count))) == count


def test_sheet_of_too_many_rows_is_refused():
    assert refusal_of(workbook_of(*[["x"]] * (MOST_ROWS + 1))) == (
        "The sheet has more than 5000 rows; a running order does not."
    )


def test_row_far_below_is_not_reached():
    workbook = Workbook()
    workbook.active["A1"], workbook.active["XFD1"], workbook.active["A1000000"] = "x", "far right", "far below"
    out = io.BytesIO()
    workbook.save(out)

    assert refusal_of(out.getvalue()) == "The sheet has more than 5000 rows; a running order does not."


@pytest.mark.parametrize("content", [b"", b"night,venue,band", b"PK\x03\x04", b"\xd0\xcf\x11\xe0 an old .xls"])
def test_what_is_no_workbook_is_refused(content):
    assert refusal_of(content) == (
        "The file is no Excel workbook (.xlsx). Save it as .xlsx or as CSV in your spreadsheet program."
    )


def test_zip_file_of_something_else_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("hello.txt", "hello")

    assert refusal_of(out.getvalue()) == (
        "The workbook cannot be read. Open it in your spreadsheet program and save it as .xlsx or CSV again."
    )


def read_or_refuse(content):
    """The rows, None when the workbook was refused; any other exception is a failure."""
    try:
        return read_workbook(content)
    except UnreadableWorkbookError:
        return None


@pytest.mark.parametrize(("sheet", "rows"), [("<", None), ("<worksheet/>", []), ("", None)])
def test_broken_sheet_is_refused_and_an_empty_one_is_empty(sheet, rows):
    assert read_or_refuse(repacked(workbook_of(["x"]), sheet1=sheet)) == rows


def test_entities_of_xml_are_refused():
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
    )

    assert refusal_of(repacked(workbook_of(["x"]), sheet1=bomb)).startswith("The workbook cannot be read.")


def test_small_file_that_unpacks_to_anything_is_refused_before_it_is_opened(monkeypatch):
    monkeypatch.setattr(spreadsheets, "load_workbook", None)
    content = repacked(workbook_of(["x"]), theme1=b"0" * (spreadsheets.MOST_UNPACKED_BYTES + 1))

    assert len(content) < 200_000
    assert refusal_of(content) == "The workbook is far too large unpacked. Save the sheet alone, as CSV."


def test_file_of_very_many_parts_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for number in range(spreadsheets.MOST_PARTS + 1):
            packed.writestr(str(number), "")

    assert refusal_of(out.getvalue()) == "The workbook is far too large unpacked. Save the sheet alone, as CSV."


SOUND = workbook_of(HEADER, ["2026-02-15", "Room 47", "Witchrot", time(20, 50), None])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_workbook_is_read_or_refused(data):
    content = bytearray(SOUND)
    for position in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
        content[position] = data.draw(st.integers(0, 255))

    assert isinstance(read_or_refuse(bytes(content)), list | None)


def test_workbook_is_written_for_people():
    content = write_workbook(["band", "start"], [["Witchrot", "20:50"], ["x" * 80, ""]], title="Vol. 15: [a/b]?")

    sheet = load_workbook(io.BytesIO(content)).active
    assert (sheet.title, sheet.freeze_panes, [cell.font.bold for cell in sheet[1]]) == (
        "Vol. 15 ab",
        "A2",
        [True, True],
    )
    assert [round(sheet.column_dimensions[name].width) for name in "AB"] == [50, 8]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


@pytest.mark.parametrize("text", ["=1+1", "+/-", "-(16)-", "@handle", "20:50", "47", "TRUE", "a\nb", " x ", "#REF!"])
def test_written_cell_is_text_and_comes_back(text):
    content = write_workbook(["band"], [[text]], title="x")

    (cell,) = load_workbook(io.BytesIO(content)).active[2]
    assert (cell.data_type, cell.value) == ("s", text)
    assert read_workbook(content) == [["band"], [text]]


def test_control_characters_become_blanks():
    assert read_workbook(write_workbook(["band"], [["a\x0bb"]], title="")) == [["band"], ["a b"]]


# --- As a running order ------------------------------------------------------------------------


def test_header_is_found_below_a_title():
    content = workbook_of(
        ["Vol. 15"], [], ["printed", date(2026, 2, 1)], HEADER, [None, "Room 47", "Witchrot", time(8, 50)]
    )

    assert [(row.label, row.band, row.start) for row in read_file(content, "Lineup.XLSX").rows] == [
        ("row 5 (set 1)", "Witchrot", "08:50")
    ]


def test_workbook_without_the_columns_is_refused():
    with pytest.raises(UnreadableFileError) as refusal:
        read_file(workbook_of(["Vol. 15"], ["who", "where"]), "lineup.xlsx")

    assert str(refusal.value) == (
        "The first line must name the columns night, venue, band, start, end, genre, notes; "
        "there is no venue and no band and no start and no end."
    )


def test_wreck_is_refused_as_a_file():
    with pytest.raises(UnreadableFileError, match="no Excel workbook"):
        read_file(b"x", "lineup.xlsx")
