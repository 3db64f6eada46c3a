"""Addresses under /api/; with and without a slash at the end."""

from django.urls import re_path

from schedule.api import views

app_name = "schedule_api"
urlpatterns = [
    re_path(r"^schedule/?$", views.schedule, name="schedule"),
    re_path(r"^events/timeline/?$", views.timeline, name="timeline"),
    re_path(r"^events/public/?$", views.public_events, name="public_events"),
    re_path(r"^events/(?P<event_id>[^/]+)/details/?$", views.event_details, name="event_details"),
]
