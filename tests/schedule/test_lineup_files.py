"""Files as rows of text: what is read, what is refused, and cells that no spreadsheet runs."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedule.lineup_files import (
    COLUMNS,
    EXTRA_COLUMNS,
    KNOWN_KEYS,
    LineupFile,
    LineupRow,
    UnreadableFileError,
    neutralise,
    read_lineup,
    restore,
)

LINEUPS = Path(__file__).resolve().parent.parent / "data" / "lineups"

TABLE = """night,venue,band,start,end,genre,notes
2026-02-15,Room 47,Witchrot,20:50,21:30,metal,"Loud, bring plugs"
2026-02-15,Prohibition Warehouse,$wamp A$$,23:55,00:25,,
"""
ROWS = [
    LineupRow(
        label="row 2 (set 1)",
        night="2026-02-15",
        venue="Room 47",
        band="Witchrot",
        start="20:50",
        end="21:30",
        genre="metal",
        notes="Loud, bring plugs",
    ),
    LineupRow(
        label="row 3 (set 2)",
        night="2026-02-15",
        venue="Prohibition Warehouse",
        band="$wamp A$$",
        start="23:55",
        end="00:25",
    ),
]


def read_table(text):
    return read_lineup(text.encode(), is_json=False)


def read_json(content):
    text = content if isinstance(content, str) else json.dumps(content)
    return read_lineup(text.encode(), is_json=True)


def refusal_of(read, *args, **kwargs):
    """The message of the UnreadableFileError that a call raises."""
    with pytest.raises(UnreadableFileError) as refusal:
        read(*args, **kwargs)
    return str(refusal.value)


def with_delimiter(text, delimiter):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(csv.reader(io.StringIO(text)))
    return out.getvalue()


# Tables


def test_table_is_read_as_rows_that_carry_their_number_in_the_spreadsheet():
    assert read_table(TABLE) == LineupFile(ROWS)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + TABLE,
        TABLE.replace("\n", "\r\n"),
        TABLE.replace("\n", "\r"),
        "\ufeff" + with_delimiter(TABLE, ";"),
        with_delimiter(TABLE, "\t"),
        TABLE.replace("night,venue,band", " Night , VENUE,Band "),
        TABLE.replace("Room 47,Witchrot", "  Room 47 , Witchrot\t"),
        TABLE.removesuffix("\n"),
        TABLE + ",,,,,,\n \n",
        TABLE.replace(",,\n", "\n"),  # the last row ends after its last value
        TABLE.replace(",,\n", ",,,,\n"),
    ],
    ids=["bom", "crlf", "cr", "semicolons", "tabs", "header", "blanks", "no-end", "blank-rows", "short", "long"],
)
def test_table_is_the_same_however_a_program_saved_it(text):
    assert read_table(text) == LineupFile(ROWS)


def test_table_with_blank_rows_keeps_the_numbers_of_the_spreadsheet():
    header, first, second = TABLE.splitlines()

    file = read_table(f"\n,,\n{header}\n\n{first}\n,,,,,,\n{second}\n")

    assert [row.label for row in file.rows] == ["row 5 (set 1)", "row 7 (set 2)"]


def test_table_with_line_breaks_in_cells_keeps_the_numbers_of_the_spreadsheet():
    file = read_table(
        'venue,band,start,end,notes\nRoom 47,Witchrot,20:50,21:30,"One\nTwo\r\nThree"\nRoom 47,AAWKS,,,\n'
    )

    assert [(row.label, row.notes) for row in file.rows] == [
        ("row 2 (set 1)", "One\nTwo\r\nThree"),
        ("row 3 (set 2)", ""),
    ]


def test_table_has_its_columns_in_any_order_and_may_lack_night_genre_and_notes():
    file = read_table("end,start,band,venue\n21:30,20:50,Witchrot,Room 47\n")

    assert file == LineupFile(
        [LineupRow(label="row 2 (set 1)", band="Witchrot", venue="Room 47", start="20:50", end="21:30")]
    )


def test_table_reads_the_columns_of_an_export_and_names_those_that_it_leaves_out():
    file = read_table(
        "venue,band,start,end,billing,kind,status,Fee,,crew\nRoom 47,AAWKS,,,AAWKS (DJ),set,cancelled,100 $,x,Ana\n"
    )

    assert file == LineupFile(
        [
            LineupRow(
                label="row 2 (set 1)",
                band="AAWKS",
                venue="Room 47",
                billing="AAWKS (DJ)",
                kind="set",
                status="cancelled",
            )
        ],
        left_out=["column “fee”", "column “crew”"],
    )


def test_table_with_a_header_alone_has_no_rows():
    assert read_table("venue,band,start,end\n") == LineupFile([])


@pytest.mark.parametrize("column", ["venue", "band", "start", "end"])
def test_table_without_a_needed_column_is_refused(column):
    header = ",".join(name for name in COLUMNS if name != column)

    assert refusal_of(read_table, f"{header}\n") == (
        f"The first line must name the columns night, venue, band, start, end, genre, notes; there is no {column}."
    )


@pytest.mark.parametrize("text", ["", "\n\n", "Witchrot plays at 20:50\n", "\ufeff"])
def test_table_without_a_header_is_refused(text):
    assert refusal_of(read_table, text) == (
        "The first line must name the columns night, venue, band, start, end, genre, notes; "
        "there is no venue and no band and no start and no end."
    )


def test_table_with_a_doubled_column_is_refused():
    assert refusal_of(read_table, "venue,band,start,end,Band, start ,x,x\n") == (
        "The column band and the column start and the column x stands in the first line twice. Remove one of them."
    )


@pytest.mark.parametrize(
    "content",
    [
        "venue,band,start,end\nCafé,Mötley,,\n".encode("latin-1"),
        "venue,band,start,end\nCafé,Mötley,,\n".encode("utf-16"),
        "venue,band,start,end\nCafe,Motley,,\n".encode("utf-16-le"),  # is UTF-8, too, full of NUL
        b"\xff\xfe",
        b"venue,band,start,end\nRoom\x0047,AAWKS,,\n",
    ],
)
def test_table_that_is_not_utf_8_is_refused(content):
    assert refusal_of(read_lineup, content, is_json=False) == ("The file is not UTF-8 text. Save it as “CSV UTF-8”.")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('Room 47,"Wit"chrot,,', "Line 2 is broken: ',' expected after '\"'. Look for a stray quotation mark."),
        ('Room 47,"Witchrot,,\n', "Line 3 is broken: unexpected end of data. Look for a stray quotation mark."),
        (
            f"Room 47,{'x' * 131_073},,",
            "Line 2 is broken: field larger than field limit (131072). Look for a stray quotation mark.",
        ),
    ],
)
def test_table_with_a_broken_line_is_refused_with_its_number(row, message):
    assert refusal_of(read_table, f"venue,band,start,end\n{row}\n") == message


def test_table_row_with_too_many_cells_says_so():
    file = read_table("venue,band,start,end\nRoom 47,Crosby, Stills,20:00,21:00\nRoom 47,AAWKS,20:00,21:00,\n")

    assert [row.problem for row in file.rows] == [
        "The row has 5 cells for 4 columns. Put values with a comma into quotation marks.",
        "",
    ]


# Cells that a spreadsheet would run


@pytest.mark.parametrize(
    ("cell", "harmless"),
    [
        ("=1+1", "'=1+1"),
        ("+/-", "'+/-"),
        ("-(16)-", "'-(16)-"),
        ("@handle", "'@handle"),
        ("＝1", "'＝1"),
        ("＠x", "'＠x"),
        (" =1+1", "' =1+1"),
        ("\t=1+1", "'\t=1+1"),
        ("\tindented", "'\tindented"),
        ("\r\nline", "'\r\nline"),
        ("'=x", "''=x"),
        ("''+x", "'''+x"),
        ("' @x", "'' @x"),
    ],
)
def test_neutralise_puts_an_apostrophe_before_what_a_spreadsheet_would_run(cell, harmless):
    assert neutralise(cell) == harmless
    assert restore(harmless) == cell


@pytest.mark.parametrize(
    "cell", ["", "Witchrot", "$wamp A$$", "!!!", "'68", "'", "a=b", "2 + 2", "(=)", "20:00", "A - B", "–", " x"]
)
def test_neutralise_leaves_everything_else_alone(cell):
    assert neutralise(cell) == cell
    assert restore(cell) == cell


@given(st.text(st.sampled_from("'=+-@ \t\r\nx＝")) | st.text())
def test_neutralised_cells_come_back_as_they_were(cell):
    harmless = neutralise(cell)

    assert restore(harmless) == cell
    assert not harmless.lstrip().startswith(("=", "+", "-", "@"))


def test_table_restores_neutralised_cells():
    file = read_table("venue,band,start,end,notes\n'@home,'-(16)-,,,'=1+1\n'@home,''=x,,,'68\n")

    assert [(row.venue, row.band, row.notes) for row in file.rows] == [
        ("@home", "-(16)-", "=1+1"),
        ("@home", "'=x", "'68"),
    ]


# Event files


def test_event_file_is_read_as_rows_and_what_it_says_of_event_venues_and_bands():
    event = {"name": "Crawl", "date": "2026-08-07", "city": None, "doors": {"2026-08-07": "15:00"}}
    venue, band = {"name": "Room 47", "latitude": 43.5}, {"name": 311, "social_links": {"website": None}}

    file = read_json(
        {
            "event": event,
            "venues": [venue],
            "bands": [band],
            "performances": [
                {
                    "band": " ALL ",
                    "venue": "Room 47",
                    "date": "2026-08-07",
                    "start_time": "22:00",
                    "end_time": "23:00",
                    "notes": "sold out",
                    "is_announced": False,
                },
                {
                    "band": 311,
                    "venue": None,
                    "night": "2026-08-07",
                    "start_time": 2030,
                    "genre": "rock",
                    "billing": "311 (DJ)",
                    "kind": "set",
                    "status": "cancelled",
                },
                {},
            ],
        }
    )

    assert file == LineupFile(
        [
            LineupRow(
                label="set 1",
                band="ALL",
                venue="Room 47",
                date="2026-08-07",
                start="22:00",
                end="23:00",
                notes="sold out",
                is_announced=False,
            ),
            LineupRow(
                label="set 2",
                band="311",
                night="2026-08-07",
                start="2030",
                genre="rock",
                billing="311 (DJ)",
                kind="set",
                status="cancelled",
            ),
            LineupRow(label="set 3", band=""),
        ],
        event=event,
        venues=[venue],
        bands=[band],
    )


@pytest.mark.parametrize("parts", [{}, {"event": None, "venues": None, "bands": None}])
def test_event_file_needs_only_its_performances(parts):
    assert read_json({**parts, "performances": []}) == LineupFile([])


def test_event_file_names_what_it_leaves_out():
    file = read_json(
        {
            "event": {"name": "Crawl", "show": "18:45"},
            "venues": [{"name": "Room 47", "notes": "x"}, {"notes": "y", "smell": "z"}],
            "bands": [{"source_names": ["x"]}],
            "performances": [{"band": "AAWKS", "fee": 100}],
            "source_rows": ["x"],
            "quirks": None,
        }
    )

    assert file.left_out == [
        "event.show",
        "venues.notes",
        "venues.smell",
        "bands.source_names",
        "performances.fee",
        '"source_rows"',
        '"quirks"',
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file is not JSON: Expecting value: line 1 column 1 (char 0)."),
        ('{"performances": [}', "The file is not JSON: Expecting value: line 1 column 19 (char 18)."),
        (
            '{"performances": ["a\nb"]}',
            "The file is not JSON: Invalid control character at: line 1 column 21 (char 20).",
        ),
        (
            "[" * 100_000,
            "The file is not JSON: maximum recursion depth exceeded while decoding a JSON array from a unicode string.",
        ),
        ("[]", 'The file is no event file: it needs a list called "performances".'),
        ("{}", 'The file is no event file: it needs a list called "performances".'),
        ("null", 'The file is no event file: it needs a list called "performances".'),
        ('"performances"', 'The file is no event file: it needs a list called "performances".'),
        ('{"performances": null}', 'The file is no event file: it needs a list called "performances".'),
        ('{"performances": {}}', 'The file is no event file: it needs a list called "performances".'),
        ('{"performances": [{}, "AAWKS"]}', '"performances" must be a list of objects.'),
        ('{"performances": [null]}', '"performances" must be a list of objects.'),
        ('{"performances": [], "event": []}', '"event" must be an object.'),
        ('{"performances": [], "event": "Crawl"}', '"event" must be an object.'),
        ('{"performances": [], "venues": {}}', '"venues" must be a list of objects.'),
        ('{"performances": [], "venues": ["Room 47"]}', '"venues" must be a list of objects.'),
        ('{"performances": [], "bands": "AAWKS"}', '"bands" must be a list of objects.'),
        ('{"performances": [], "bands": [[]]}', '"bands" must be a list of objects.'),
    ],
)
def test_event_file_of_another_shape_is_refused(text, message):
    assert refusal_of(read_json, text) == message


@pytest.mark.parametrize(
    ("part", "facts", "message"),
    [
        ("event", {"name": ["Crawl"]}, 'In event: “name” must be text, not ["Crawl"].'),
        ("event", {"city": True}, "In event: “city” must be text, not true."),
        ("event", {"reveal_mode": "yes"}, 'In event: “reveal_mode” must be true or false, not "yes".'),
        ("event", {"doors": "18:30"}, 'In event: “doors” must be an object of texts, not "18:30".'),
        ("event", {"doors": ["18:30"]}, 'In event: “doors” must be an object of texts, not ["18:30"].'),
        ("event", {"theme_colors": {"a": {}}}, 'In event: “theme_colors” must be an object of texts, not {"a": {}}.'),
        ("event", {"venue_info": {}}, "In event: “venue_info” must be a list of objects of texts, not {}."),
        ("event", {"venue_info": ["x"]}, 'In event: “venue_info” must be a list of objects of texts, not ["x"].'),
        ("venues", {"name": {}}, "In number 2 of venues: “name” must be text, not {}."),
        ("venues", {"room_of": ["x"]}, 'In number 2 of venues: “room_of” must be text, not ["x"].'),
        ("bands", {"genre": ["punk"]}, 'In number 2 of bands: “genre” must be text, not ["punk"].'),
        (
            "bands",
            {"name": False, "social_links": ["x" * 99]},
            "In number 2 of bands: “name” must be text, not false. "
            f'“social_links” must be an object of texts, not ["{"x" * 58}….',
        ),
    ],
)
def test_event_file_with_misshapen_facts_is_refused(part, facts, message):
    content = {"performances": [], part: facts if part == "event" else [{}, facts]}

    assert refusal_of(read_json, content) == message


def test_event_file_with_misshapen_values_in_a_row_leaves_the_refusal_to_that_row():
    file = read_json(
        {"performances": [{"band": ["ALL"], "venue": {"name": "x"}, "is_announced": 1}, {"band": "ALL", "x": []}]}
    )

    assert file.rows == [
        LineupRow(
            label="set 1",
            band="",
            problem='“band” must be text, not ["ALL"]. “venue” must be text, not {"name": "x"}. '
            "“is_announced” must be true or false, not 1.",
        ),
        LineupRow(label="set 2", band="ALL"),
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("1e999", "“capacity” holds a number that is too large, or none at all. Correct it."),
        ("NaN", "“capacity” holds a number that is too large, or none at all. Correct it."),
        ("-Infinity", "“capacity” holds a number that is too large, or none at all. Correct it."),
        ("9" * 19, "“capacity” holds a number that is too large, or none at all. Correct it."),
        ("-" + "9" * 5000, "“capacity” holds a number that is too large, or none at all. Correct it."),
        (r'"\ud800"', r'“capacity” holds a broken character: "\ud800". Write the text again.'),
        (r'"a\u0000"', r'“capacity” holds a broken character: "a\u0000". Write the text again.'),
        (r'{"\udfff": 1}', r'“capacity” holds a broken character: "\udfff". Write the text again.'),
        ("[" * 19 + "]" * 19, "“capacity” is nested too deeply."),
    ],
)
def test_event_file_with_what_no_database_keeps_is_refused(value, message):
    assert refusal_of(read_json, f'{{"performances": [], "venues": [{{"capacity": {value}}}]}}') == message


@pytest.mark.parametrize(
    "value", ["1e308", "9" * 18, "-" + "9" * 18, r'"\ud83d\ude00"', '"\\u0001"', "[" * 18 + "]" * 18]
)
def test_event_file_with_what_databases_just_keep_is_read(value):
    file = read_json(f'{{"performances": [], "venues": [{{"unknown": {value}}}]}}')

    assert file.venues == [{"unknown": json.loads(value)}]


@pytest.mark.parametrize(
    ("name", "row_count", "left_out"),
    [
        (
            "lwbc-vol-12-2025-05-18",
            19,
            ["bands.source_names", "bands.notes", '"source_rows"', '"rows_that_are_not_acts"'],
        ),
        (
            "lwbc-vol-13-2025-08-03",
            18,
            ["bands.source_names", "bands.notes", '"source_rows"', '"rows_that_are_not_acts"'],
        ),
        ("lwbc-vol-15-2026-02-15", 14, ["venues.notes"]),
        ("lwbc-vol-17-2026-08-02", 0, ["event.show", "event.notes", "venues.notes", '"notes"']),
        ("lwbc-vol-18-2026-10-11", 0, ["event.notes"]),
        ("buddies-fest-2-2026-08-07", 5, ["event.notes"]),
    ],
)
def test_real_event_files_are_read(name, row_count, left_out):
    file = read_lineup((LINEUPS / f"{name}.json").read_bytes(), is_json=True)

    assert (len(file.rows), file.left_out, [row.problem for row in file.rows if row.problem]) == (
        row_count,
        left_out,
        [],
    )


@pytest.mark.parametrize("name", ["treefort-2015", "2000trees-2026"])
def test_real_festival_files_are_no_event_files(name):
    assert refusal_of(read_lineup, (LINEUPS / f"{name}.json").read_bytes(), is_json=True) == (
        'The file is no event file: it needs a list called "performances".'
    )


# Anything at all


def read_or_refuse(content, *, is_json):
    """The file, None when it was refused; any other exception is a failure."""
    try:
        return read_lineup(content, is_json=is_json)
    except UnreadableFileError:
        return None


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def facts_of(part):
    return st.dictionaries(st.sampled_from(sorted(KNOWN_KEYS[part])) | st.text(max_size=5), JSON_VALUES, max_size=6)


EVENT_FILES = st.fixed_dictionaries(
    {"performances": st.lists(facts_of("performances"), max_size=3) | JSON_VALUES},
    optional={
        "event": facts_of("event") | JSON_VALUES,
        "venues": st.lists(facts_of("venues"), max_size=3) | JSON_VALUES,
        "bands": st.lists(facts_of("bands"), max_size=3) | JSON_VALUES,
    },
)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12).map(str.strip)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_arbitrary_bytes_are_read_or_refused(content, is_json):
    read_or_refuse(content, is_json=is_json)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("venue,band,start,end;\t\"\r\n' =x"), max_size=80))
def test_arbitrary_tables_are_read_or_refused(text):
    read_or_refuse(f"venue,band,start,end,notes\n{text}".encode(), is_json=False)


@settings(max_examples=300, deadline=None)
@given(EVENT_FILES | JSON_VALUES)
def test_arbitrary_event_files_are_read_or_refused(content):
    file = read_or_refuse(json.dumps(content).encode(), is_json=True)

    if file:
        assert len(file.rows) == len(content["performances"])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys((*COLUMNS, *EXTRA_COLUMNS), CELLS)), max_size=4),
    st.sampled_from(",;\t"),
)
def test_tables_bring_back_every_cell_that_was_neutralised(records, delimiter):
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*COLUMNS, *EXTRA_COLUMNS], delimiter=delimiter)
    writer.writeheader()
    for each in records:
        writer.writerow({name: neutralise(cell) for name, cell in each.items()})

    file = read_table(out.getvalue())

    filled = [each for each in records if any(each.values())]
    assert [{name: getattr(row, name) for name in records[0]} for row in file.rows] == filled
