"""What happens around every request: headers, and the door."""

import re
import uuid

import pytest
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from settimes.middleware import PERMISSIONS_POLICY, LoginRequiredMiddleware, response_headers
from tests.factories import make_admin, make_public_event, make_set

REQUEST = RequestFactory().get("/somewhere/?a=b")


class Untouchable:
    """A user that nobody may look at."""

    def __getattribute__(self, name):
        raise AssertionError(f"request.user.{name} was looked at")


def closed_view(request):
    return HttpResponse("for organizers")


@login_not_required
def open_view(request):
    return HttpResponse("for everybody")


def ask_the_door(view, user):
    request = RequestFactory().get("/somewhere/?a=b")
    request.user = user
    return LoginRequiredMiddleware(lambda request: HttpResponse()).process_view(request, view, (), {})


# --- Headers -----------------------------------------------------------------------------------


def test_response_headers_are_added():
    response = response_headers(lambda request: HttpResponse())(REQUEST)

    assert uuid.UUID(response["X-Request-ID"]).version == 4
    assert response["Permissions-Policy"] == "geolocation=(), microphone=(), camera=()"


def test_response_headers_number_every_request():
    middleware = response_headers(lambda request: HttpResponse())

    assert len({middleware(REQUEST)["X-Request-ID"] for _ in range(20)}) == 20


def test_response_headers_leave_what_a_view_has_set():
    own = {"X-Request-ID": "mine", "Permissions-Policy": "camera=(self)"}

    response = response_headers(lambda request: HttpResponse(headers=own))(REQUEST)

    assert {name: response[name] for name in own} == own


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/nothing/here/", "/api/nothing", "/admin/", "/admin/login/"])
def test_response_headers_are_on_every_answer(client, path):
    response = client.get(path)

    assert response["Permissions-Policy"] == PERMISSIONS_POLICY
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert re.fullmatch(r"[0-9a-f-]{36}", response["X-Request-ID"])


# --- The door ----------------------------------------------------------------------------------


def test_door_lets_everybody_into_an_open_view_without_asking_who_it_is():
    assert ask_the_door(open_view, Untouchable()) is None


def test_door_sends_a_stranger_to_sign_in_and_back():
    response = ask_the_door(closed_view, AnonymousUser())

    assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/somewhere/%3Fa%3Db")


@pytest.mark.django_db
def test_door_lets_people_who_are_signed_in_into_a_closed_view():
    assert ask_the_door(closed_view, make_admin()) is None


@pytest.mark.django_db
def test_public_answers_do_not_vary_between_people(client):
    event = make_public_event()
    make_set(event)
    stranger = client.get(event.get_absolute_url())

    client.force_login(make_admin())
    organizer = client.get(event.get_absolute_url())

    assert stranger.content == organizer.content
    assert [response.get("Vary") for response in (stranger, organizer)] == [None, None]
    assert [list(response.cookies) for response in (stranger, organizer)] == [[], []]


def views_below(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views_below(pattern, path)
        else:
            yield path, pattern.callback


def test_addresses_of_the_admin_are_the_only_closed_ones_and_only_its_sign_in_is_open():
    is_closed = {path: getattr(view, "login_required", True) for path, view in views_below(get_resolver())}

    assert {path for path, closed in is_closed.items() if closed and not path.startswith("admin/")} == set()
    assert {path for path, closed in is_closed.items() if not closed and path.startswith("admin/")} == {"admin/login/"}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/", "/admin/schedule/event/", "/admin/schedule/event/1/change/", "/admin/x/"])
def test_stranger_is_sent_to_sign_in_by_the_admin(client, path):
    response = client.get(path)

    assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={path}")
