"""The project's own settings, with static files in the folder of the run and one more address."""

from settimes.settings import *  # noqa: F403
from settimes.settings import DATA_DIR

STATIC_ROOT = DATA_DIR / "static"
ROOT_URLCONF = "bench.urls"
