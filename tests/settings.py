"""The project's own settings in an environment of the tests' making; only DATABASE_URL and REDIS_URL are let in."""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"
LET_IN = {"DATABASE_URL", "REDIS_URL"}

for name in re.findall(r"^(\w+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE):
    if name not in LET_IN:
        os.environ.pop(name, None)
os.environ["ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "only-for-tests"
os.environ["SITE_URL"] = "http://testserver"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost"
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="settimes-tests-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

from settimes.settings import *  # noqa: E402, F403
from settimes.settings import DATA_DIR, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir()
WHITENOISE_AUTOREFRESH = True
