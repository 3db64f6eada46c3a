"""The house keeps its order: which way imports and keys point, where clocks are read, what is pinned."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent.parent

# An app may import from those it has on the right; settimes, the project, from none.
APPS = {
    "settimes": set(),
    "accounts": {"settimes"},
    "bands": {"settimes", "accounts"},
    "schedule": {"settimes", "accounts", "bands"},
    "notifications": {"settimes", "accounts", "bands", "schedule"},
    "analytics": {"settimes", "accounts", "bands", "schedule"},
}
# Each layer may import from itself and those before it.
MODELS, DOMAIN, INPUT, EDGE = range(4)
LAYERS = {
    "models": MODELS,
    "forms": INPUT,
    "serializers": INPUT,
    "tasks": INPUT,
    "views": EDGE,
    "api": EDGE,
    "admin": EDGE,
    "management": EDGE,
    "urls": EDGE,
    "middleware": EDGE,
    "gates": EDGE,
    "limits": EDGE,
    "admin_site": EDGE,
    "domain_admin": EDGE,
    "session_store": EDGE,  # Django's session engine, which is handed no time
}
# Rules about letters that know no rows: they import nothing of ours but each other, so models may use them.
LETTERS = {"bands.naming", "bands.slugs"}
# Who may ask what time it is; everybody else is told.
CLOCK_READERS = {
    "views",
    "api",
    "admin",
    "management",
    "tasks",
    "forms",
    "middleware",
    "gates",
    "limits",
    "domain_admin",
    "session_store",
}
# Django's own createsuperuser makes users and knows of no clock.
CLOCK_MODULES = {"accounts.models.user"}


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def our_modules():
    """Name and syntax tree of every module of the apps and the project, migrations apart."""
    paths = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]
    return {module_name(path): ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in paths}


MODULES = our_modules()


def imported_modules(name, tree):
    """Every module of ours that a module imports, wherever in it: `from a import b` is a.b where that is a module."""
    package = name if (ROOT / name.replace(".", "/")).is_dir() else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{origin}.{alias.name}"
                found.add(inner if inner in MODULES else origin)
    return {each for each in found if each.partition(".")[0] in APPS}


IMPORTS = {(name, imported) for name, tree in MODULES.items() for imported in imported_modules(name, tree)}


def app_of(module):
    return module.partition(".")[0]


def layer_of(module):
    return LAYERS.get(module.split(".")[1] if "." in module else "", DOMAIN)


# --- Arrows ------------------------------------------------------------------------------------


def test_imports_between_apps_point_one_way():
    against = [
        (name, imported)
        for name, imported in sorted(IMPORTS)
        if app_of(imported) not in {app_of(name), *APPS[app_of(name)]}
    ]

    assert against == []


def test_imports_between_layers_point_one_way():
    """models ← domain modules ← forms, serializers, tasks ← views, api, admin, commands; inside an app and across."""
    against = [
        (name, imported)
        for name, imported in sorted(IMPORTS)
        if "settimes" not in (app_of(name), app_of(imported))
        and layer_of(imported) > layer_of(name)
        and imported not in LETTERS
        and imported != f"{app_of(name)}.tasks"  # whoever has work to do later queues it
    ]

    assert against == []


def test_modules_about_letters_import_nothing_else_of_ours():
    assert [(name, imported) for name, imported in sorted(IMPORTS) if name in LETTERS and imported not in LETTERS] == []


def test_imports_that_were_looked_at_include_those_of_packages_and_functions():
    tree = ast.parse("import bands.models\ndef f():\n    from schedule import lineup\n    from . import views")

    assert imported_modules("schedule.forms", tree) == {"bands.models", "schedule.lineup", "schedule.views"}
    assert ("schedule.lineup", "schedule.changes") in IMPORTS
    assert ("schedule.models.performance", "schedule.models.event") in IMPORTS


def test_migrations_import_no_code_of_ours_but_what_their_fields_name():
    allowed = {("schedule", "schedule.models.event")}  # the validator of a field

    found = {
        (app, imported)
        for app in APPS
        for path in sorted((ROOT / app).glob("migrations/*.py"))
        for imported in imported_modules(module_name(path), ast.parse(path.read_text(encoding="utf-8")))
    }

    assert found - allowed == set()


def test_foreign_keys_point_the_way_imports_do():
    ours = [model for model in apps.get_models() if model._meta.app_label in APPS]

    keys = {
        (model._meta.app_label, field.related_model._meta.app_label)
        for model in ours
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.is_relation and field.related_model._meta.app_label in APPS
    }

    assert {("bands", "accounts"), ("schedule", "bands"), ("schedule", "schedule")} <= keys
    assert [(own, other) for own, other in sorted(keys) if other not in {own, *APPS[own]}] == []


# --- Names -------------------------------------------------------------------------------------


def test_modules_are_named_for_what_they_do():
    vague = {"utils", "util", "helpers", "helper", "services", "service", "base", "common", "misc"}

    assert [name for name in MODULES if set(name.split(".")) & vague] == []


# --- Clocks and the rollover -------------------------------------------------------------------


def test_clocks_are_read_at_the_edge_only():
    clocks = {"timezone.now", "timezone.localdate", "timezone.localtime", "date.today", "datetime.now", "time.time"}
    clocks |= {f"dt.{clock}" for clock in ("date.today", "datetime.now")} | {"datetime.today", "datetime.utcnow"}

    readers = {
        name
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in clocks
    }

    assert {"schedule.views", "schedule.api.views"} <= readers
    told = readers - CLOCK_MODULES
    assert [name for name in sorted(told) if name.split(".")[1] not in CLOCK_READERS] == []


def functions_of(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def test_the_rollover_is_read_in_one_place_for_typing_and_in_one_for_the_night():
    """Elsewhere it is only handed on: whoever compares it or takes it apart holds a rule of nights of her own."""
    readers = set()
    for name, tree in MODULES.items():
        for function in functions_of(tree):
            for node in ast.walk(function):
                taken_apart = isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("rollover")
                compared = isinstance(node, ast.Compare) and any(
                    ast.unparse(side).endswith("rollover") for side in (node.left, *node.comparators)
                )
                if taken_apart or compared:
                    readers.add(f"{name}.{function.name}")

    assert readers == {
        "schedule.nights.night_of",
        "schedule.nights.typed_text",  # writes what typing reads
        "schedule.typed_times._on_night",
    }


def is_six_o_clock(node):
    """06:00 in one of its disguises: time(6), "06:00", .hour < 6, timedelta(hours=6) taken off an instant."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "time":
        return bool(node.args) and ast.unparse(node.args[0]) == "6"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.search(r"\b0?6:00\b", node.value) is not None
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        hours = any(ast.unparse(side).split(".")[-1] in {"hour", "hours"} for side in sides)
        return hours and any(isinstance(side, ast.Constant) and side.value in (4, 5, 6, 7) for side in sides)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        return re.fullmatch(r"(dt\.)?timedelta\(hours=[4-7]\)", ast.unparse(node.right)) is not None
    return False


def test_nobody_has_a_private_six_o_clock():
    found = [
        (name, ast.unparse(node)) for name, tree in MODULES.items() for node in ast.walk(tree) if is_six_o_clock(node)
    ]

    assert found == [("schedule.demo", "time(6)"), ("schedule.models.event", "time(6)")]


@pytest.mark.parametrize(
    "code",
    [
        "time(6)",
        "dt.time(6, 0)",
        "'06:00'",
        "local.hour < 6",
        "6 > local.hour",
        "local.hour <= 5",
        "instant - timedelta(hours=6)",
    ],
)
def test_disguises_of_six_o_clock_are_known(code):
    assert any(is_six_o_clock(node) for node in ast.walk(ast.parse(code)))


@pytest.mark.parametrize("code", ["time(18)", "local.hour < 12", "'16:00'", "timedelta(hours=6)", "hour % 12"])
def test_other_times_are_no_disguise_of_six_o_clock(code):
    assert not any(is_six_o_clock(node) for node in ast.walk(ast.parse(code)))


# --- What is pinned ----------------------------------------------------------------------------

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINNED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>\S+)(?: ; [^\\]+)? \\$")


def pins_of(file_name):
    """Name, version, number of hashes and the comment of what asks for it, of every line that pins."""
    pins, name = {}, None
    for line in (ROOT / file_name).read_text(encoding="utf-8").splitlines():
        if match := PINNED.match(line):
            name = match["name"].lower()
            pins[name] = {"version": match["version"], "hashes": 0, "asked_by": ""}
        elif re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line):
            pins[name]["hashes"] += 1
        else:
            assert line.startswith("    #"), f"{file_name}: {line}"
            pins[name]["asked_by"] += line.removeprefix("    #")
    return pins


@pytest.mark.parametrize(
    ("file_name", "asked"),
    [
        ("requirements.txt", PROJECT["project"]["dependencies"]),
        ("requirements-dev.txt", [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]),
    ],
)
def test_requirements_pin_what_the_project_asks_for(file_name, asked):
    pins = pins_of(file_name)
    requirements = {requirement.name.lower(): requirement for requirement in map(Requirement, asked)}

    assert sorted(name for name, pin in pins.items() if "pyproject.toml" in pin["asked_by"]) == sorted(requirements)
    assert [name for name, wanted in requirements.items() if not wanted.specifier.contains(pins[name]["version"])] == []
    assert [name for name, pin in pins.items() if not pin["hashes"]] == []


def test_requirements_of_the_project_are_exact():
    assert [
        each
        for each in PROJECT["project"]["dependencies"]
        if [specifier.operator for specifier in Requirement(each).specifier] != ["=="]
    ] == []


def test_requirements_for_development_are_those_of_production_and_more():
    production, development = pins_of("requirements.txt"), pins_of("requirements-dev.txt")

    assert {name: pin["version"] for name, pin in production.items()} == {
        name: development[name]["version"] for name in production
    }


# --- What is documented ------------------------------------------------------------------------


def test_commands_are_named_in_the_documentation():
    pages = [ROOT / "README.md", ROOT / "docs" / "operations.md"]
    if missing := [page.name for page in pages if not page.is_file()]:
        pytest.skip(f"{' and '.join(missing)} not written yet")
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)

    commands = [
        path.stem for app in APPS for path in (ROOT / app).glob("management/commands/*.py") if path.stem != "__init__"
    ]

    assert "create_admin" in commands
    assert [command for command in sorted(commands) if not re.search(rf"(manage\.py |`){command}\b", text)] == []
