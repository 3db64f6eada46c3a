"""The Celery application: celery -A settimes worker, celery -A settimes beat."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settimes.settings")

app = Celery("settimes")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
