"""The door for web servers: granian settimes.wsgi:application --interface wsgi."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settimes.settings")

application = get_wsgi_application()
