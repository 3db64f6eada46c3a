"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("api/", include("schedule.api.urls")),
    path("", include("schedule.urls")),
]
handler403 = "accounts.views.failures.permission_denied"
handler404 = "settimes.api.page_not_found"
handler500 = "settimes.api.server_error"
