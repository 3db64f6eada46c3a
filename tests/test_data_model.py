"""docs/data-model.md is true: it has every column of the predecessor, and names only fields that exist."""

import json
import re
from pathlib import Path

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")
PREDECESSOR = json.loads((ROOT / "tests" / "data" / "predecessor_schema.json").read_text(encoding="utf-8"))
OUR_APPS = ["accounts", "bands", "schedule", "notifications", "analytics"]

ROW = re.compile(r"^\| `(\w+\.\w+)` \| ([\w, ]+) \| (.+?) \|(?: (.+?))? \|$", re.MULTILINE)
PLACE = r"`(?:planned: )?[a-z_]+\.[A-Z]\w*\.\w+`"
NAME = re.compile(r"`(planned: )?([a-z_]+)\.([A-Z]\w*)(?:\.(\w+))?`")


def test_columns_of_the_predecessor_each_have_a_row_that_says_which_document_has_them():
    documented = {
        (f"{table}.{column}", year)
        for year, document in PREDECESSOR.items()
        for table, columns in document["tables"].items()
        for column in columns
    }
    absent = {
        (f"{table}.{column}", "absent")
        for document in PREDECESSOR.values()
        for table, columns in document["absent"].items()
        for column in columns
    }

    rows = {(column, where) for column, wheres, _, _ in ROW.findall(PAGE) for where in wheres.split(", ")}

    assert sorted((documented | absent) - rows) == []  # a column without a row
    assert sorted(rows - documented - absent) == []  # a row without a column


def test_columns_of_the_predecessor_have_one_row_only():
    columns = [column for column, *_ in ROW.findall(PAGE)]

    assert sorted(columns) == sorted(set(columns))


def test_tables_of_the_predecessor_each_have_a_section():
    tables = {table for document in PREDECESSOR.values() for kind in ("tables", "absent") for table in document[kind]}

    assert sorted(re.findall(r"^#### `(\w+)`$", PAGE, re.MULTILINE)) == sorted(tables)


def test_rows_name_places_or_say_why_there_is_none():
    def is_answer(place: str, note: str) -> bool:
        return bool(note) if place == "gone" else bool(re.fullmatch(rf"{PLACE}(, {PLACE})*", place))

    assert [column for column, _, place, note in ROW.findall(PAGE) if not is_answer(place, note)] == []


def test_places_that_are_not_planned_exist():
    missing = [_spell(*name) for planned, *name in NAME.findall(PAGE) if not planned and not _exists(*name)]

    assert missing == []


def test_planned_places_do_not_exist_yet():
    there_already = [_spell(*name) for planned, *name in NAME.findall(PAGE) if planned and _exists(*name)]

    assert there_already == []


def test_tables_that_each_app_owns_are_the_ones_listed():
    listed = {
        app: (sorted(re.findall(r"`(\w+)`", today)), sorted(re.findall(r"`(\w+)`", later)))
        for app, today, later in re.findall(rf"^\| ({'|'.join(OUR_APPS)}) \|(.*)\|(.*)\|$", PAGE, re.MULTILINE)
    }

    owned = {app: sorted(model.__name__ for model in apps.get_app_config(app).get_models()) for app in OUR_APPS}
    assert {app: today for app, (today, _) in listed.items()} == owned
    assert [name for app, (_, later) in listed.items() for name in later if name in owned[app]] == []


def _exists(app: str, model: str, field: str) -> bool:
    """Whether there is such a field, the far end of a relation not counted; without a field, such a model."""
    try:
        options = apps.get_model(app, model)._meta
        return not field or options.get_field(field) in (*options.fields, *options.many_to_many)
    except (LookupError, FieldDoesNotExist):
        return False


def _spell(app: str, model: str, field: str) -> str:
    return ".".join(part for part in (app, model, field) if part)
