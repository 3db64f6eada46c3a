""".env.example lists every variable that is read, and nothing else, and says what each does."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
SETTINGS = ast.parse((ROOT / "settimes" / "settings.py").read_text(encoding="utf-8"))


def example_variables():
    """Each variable of .env.example, in order, with the comment above it and its value."""
    found, comment, is_after_variable = [], [], False
    for line in EXAMPLE.splitlines():
        if line.startswith("#") and not line.startswith("# ---"):
            comment = [line] if is_after_variable else [*comment, line]
        elif variable := re.fullmatch(r"([A-Z_]+)=(.*)", line):
            found.append((variable[1], " ".join(comment), variable[2]))
        else:
            comment = []
        is_after_variable = not line.startswith("#")
    return found


def is_call_of(node, owner):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == owner


def variables_read_in_settings():
    """NAME of every env.<method>("NAME", …) and os.environ.get("NAME", …); a secret also has a NAME_FILE."""
    names = set()
    for node in ast.walk(SETTINGS):
        if is_call_of(node, "env"):
            names.add(ast.literal_eval(node.args[0]))
            if node.func.attr == "secret":
                names.add(f"{ast.literal_eval(node.args[0])}_FILE")
        elif is_call_of(node, "os.environ"):
            names.add(ast.literal_eval(node.args[0]))
    return names


def variables_of_make_run():
    procfile, makefile = ((ROOT / name).read_text(encoding="utf-8") for name in ("Procfile", "Makefile"))
    return {*re.findall(r"\$([A-Z]\w*)", procfile), *re.findall(r"^([A-Z]+) \?= .*\.env", makefile, re.MULTILINE)}


def test_env_example_has_exactly_the_variables_that_are_read():
    names = [name for name, _, _ in example_variables()]

    assert sorted(names) == sorted(variables_read_in_settings() | variables_of_make_run())


def test_env_example_was_compared_with_more_than_nothing():
    assert {"SECRET_KEY", "SECRET_KEY_FILE", "ENV_FILE", "SITE_URL", "DATABASE_URL"} <= variables_read_in_settings()
    assert variables_of_make_run() == {"HOST", "PORT"}


def test_env_example_says_what_each_variable_does():
    assert [name for name, comment, _ in example_variables() if len(comment.split()) < 5] == []


def test_env_example_shows_defaults_and_no_secret():
    assert {name: value for name, _, value in example_variables() if value} == {
        "SITE_URL": "http://localhost:8000",
        "TRUSTED_PROXY_COUNT": "0",
        "TRUST_CF_CONNECTING_IP": "false",
        "HSTS_SECONDS": "63072000",
        "HOST": "127.0.0.1",
        "PORT": "8000",
        "DEBUG": "false",
        "DATABASE_POOL_SIZE": "0",
        "TIME_ZONE": "America/Toronto",
        "LOG_LEVEL": "INFO",
    }


def test_settings_are_the_only_place_that_reads_the_environment():
    readers = []
    for path in sorted(ROOT.glob("*/**/*.py")):
        app = path.relative_to(ROOT).parts[0]
        if app in {"accounts", "bands", "schedule", "notifications", "analytics", "settimes"} and re.search(
            r"os\.environ(?!\.setdefault\(\"DJANGO_SETTINGS_MODULE\")|\bgetenv\b", path.read_text(encoding="utf-8")
        ):
            readers.append(str(path.relative_to(ROOT)))

    assert readers == ["settimes/environment.py", "settimes/settings.py"]
