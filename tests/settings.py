"""The project's own settings in an environment of the tests' making; only DATABASE_URL and REDIS_URL are let in."""

import os
import tempfile

for name in set(os.environ) & {
    "SITE_URL",
    "ALLOWED_HOSTS",
    "DEBUG",
    "TIME_ZONE",
    "SECRET_KEY_FILE",
    "DATABASE_POOL_SIZE",
}:
    del os.environ[name]
os.environ["ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "only-for-tests"
os.environ["SITE_URL"] = "http://testserver"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost"
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="settimes-tests-")

from settimes.settings import *  # noqa: E402, F403
from settimes.settings import DATA_DIR, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir()
WHITENOISE_AUTOREFRESH = True
