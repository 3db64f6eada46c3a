"""Addresses of the public pages, and the predecessor's, which lead to them."""

from django.urls import path, re_path

from schedule import views

ANYTHING = r"[^/\0]+"  # but for a NUL, with which PostgreSQL takes no query

app_name = "schedule"
urlpatterns = [
    path("", views.home, name="home"),
    path("events/<slug:slug>/", views.event_detail, name="event_detail"),
    path("events/<slug:slug>/schedule.ics", views.event_calendar, name="event_calendar"),
    path("events/<slug:slug>/sets/<uuid:uid>.ics", views.set_calendar, name="set_calendar"),
    re_path(r"^preview/(?P<token>[\w-]{40,2000})/$", views.shared_preview, name="shared_preview"),
    path("bands/", views.band_list, name="band_list"),
    path("bands/<slug:slug>/", views.band_detail, name="band_detail"),
    path("venues/<slug:slug>/", views.venue_detail, name="venue_detail"),
    re_path(rf"^event/(?P<slug>{ANYTHING})/?$", views.old_event_address, name="old_event_address"),
    re_path(rf"^band/(?P<name>{ANYTHING})/?$", views.old_band_address, name="old_band_address"),
    re_path(r"^media/bands/(?P<name>[0-9a-f]{32}(?:-320|-800)?\.(?:jpg|webp))$", views.band_photo, name="band_photo"),
    re_path(r"^media/posters/(?P<name>[0-9a-f]{32}\.jpg)$", views.event_poster, name="event_poster"),
]
