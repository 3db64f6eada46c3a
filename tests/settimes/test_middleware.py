"""What happens around every request: headers, a number, the language, and the door."""

import re
import uuid

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from django.utils.translation import get_language

from accounts.middleware import AccountMiddleware, open_without_factor, quiet
from settimes.middleware import PERMISSIONS_POLICY, response_headers
from settimes.public import public
from tests.admin_pages import sign_in
from tests.factories import make_admin, make_public_event, make_set, make_user

REQUEST = RequestFactory().get("/somewhere/?a=b")
SIGN_IN = "/account/sign-in/?next="


class Untouchable:
    """A user that nobody may look at."""

    def __getattribute__(self, name):
        raise AssertionError(f"request.user.{name} was looked at")


@public
def open_view(request):
    return HttpResponse("for everybody")


def closed_view(request):
    return HttpResponse(get_language())


# --- Headers -----------------------------------------------------------------------------------


def test_response_headers_switch_off_what_no_page_uses():
    response = response_headers(lambda request: HttpResponse())(REQUEST)

    assert response["Permissions-Policy"] == (
        "geolocation=(), microphone=(), camera=(), publickey-credentials-get=(self)"
    )


def test_response_headers_leave_what_a_view_has_set():
    own = {"Permissions-Policy": "camera=(self)", "X-Request-ID": "mine"}

    response = response_headers(AccountMiddleware(lambda request: HttpResponse(headers=own)))(REQUEST)

    assert {name: response[name] for name in own} == own


def test_requests_are_numbered():
    middleware = AccountMiddleware(lambda request: HttpResponse(request.client.request_id))

    responses = [middleware(REQUEST) for _ in range(20)]

    assert len({response["X-Request-ID"] for response in responses}) == 20
    for response in responses:
        assert uuid.UUID(response["X-Request-ID"]).version == 4
        assert response.content.decode() == response["X-Request-ID"]  # the trails name the same


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/nothing/here/", "/api/nothing", "/admin/", "/account/sign-in/", "/account/", "/account/nothing/"]
)
def test_headers_are_on_every_answer(client, path):
    response = client.get(path)

    assert response["Permissions-Policy"] == PERMISSIONS_POLICY
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert re.fullmatch(r"[0-9a-f-]{36}", response["X-Request-ID"])


# --- The door ----------------------------------------------------------------------------------


def test_door_lets_everybody_into_a_public_view_without_asking_who_it_is():
    request = RequestFactory().get("/somewhere/")
    request.user = Untouchable()

    assert AccountMiddleware(lambda request: HttpResponse()).process_view(request, open_view, (), {}) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/schedule/event/",
        "/admin/schedule/event/1/change/",
        "/admin/x/",
        "/account/",
        "/account/session/",
    ],
)
def test_door_sends_a_stranger_to_sign_in_and_back(client, path):
    response = client.get(path)

    assert (response.status_code, response["Location"]) == (302, SIGN_IN + path.replace("/", "%2F"))


@pytest.mark.django_db
def test_door_keeps_what_a_stranger_asked_for(client):
    response = client.get("/admin/schedule/event/?q=a&p=2")

    assert response["Location"] == f"{SIGN_IN}%2Fadmin%2Fschedule%2Fevent%2F%3Fq%3Da%26p%3D2"


@pytest.mark.django_db
def test_door_answers_scripts_in_json(client):
    response = client.get("/account/session/", headers={"Accept": "application/json"})

    assert response.status_code == 401
    assert response.json() == {"error": "Unauthorized", "message": "Sign in first."}


@pytest.mark.django_db
def test_door_lets_people_who_are_signed_in_into_closed_views(client):
    sign_in(client, make_user("viewer"))

    assert [client.get(path).status_code for path in ("/admin/", "/account/", "/account/security/")] == [200] * 3


@pytest.mark.django_db
def test_door_sends_who_must_enrol_a_factor_to_where_she_can(client):
    client.force_login(make_admin())

    closed = [
        client.get(path) for path in ("/admin/", "/account/", "/account/security/", "/account/security/codes/show/")
    ]
    script = client.get("/account/security/", headers={"Accept": "application/json"})

    assert {(each.status_code, each["Location"]) for each in closed} == {(302, "/account/security/factor/")}
    assert (script.status_code, script.json()["error"]) == (401, "Second factor required")
    assert [client.get(path).status_code for path in ("/account/security/factor/", "/account/session/")] == [200, 200]


@pytest.mark.django_db
def test_door_is_closed_for_who_was_deactivated_meanwhile(client):
    ben = make_user("editor")
    sign_in(client, ben)
    type(ben).objects.filter(pk=ben.pk).update(is_active=False, deactivated_at=ben.activated_at)

    assert client.get("/account/").status_code == 302


@pytest.mark.django_db
def test_public_answers_do_not_vary_between_people(client):
    event = make_public_event()
    make_set(event)
    stranger = client.get(event.get_absolute_url())

    sign_in(client, make_user("editor", language="fr"))
    organizer = client.get(event.get_absolute_url(), headers={"Accept-Language": "fr"})

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


def paths_where(mark, *, default=False):
    return {path for path, view in views_below(get_resolver()) if getattr(view, mark, default)}


def test_addresses_of_the_admin_and_of_accounts_are_the_only_closed_ones():
    closed = paths_where("login_required", default=True)

    assert {path for path in closed if not path.startswith(("admin/", "account/"))} == set()
    assert {path for path, _ in views_below(get_resolver()) if path.startswith("admin/")} - closed == set()
    assert {path for path, _ in views_below(get_resolver()) if path.startswith("account/")} - closed == {
        *(f"account/{name}/" for name in ("activate", "language", "mailbox", "recover", "resend", "reset", "unlock")),
        *("account/sign-in/", "account/sign-in/factor/", "account/sign-in/factor/mail/", "account/sign-up/"),
        *("account/sign-in/passkey/begin/", "account/sign-in/passkey/finish/"),
        "account/link/<purpose:purpose>/<token:token>/",
    }


def test_addresses_that_are_open_without_a_factor_are_those_on_the_way_to_one():
    assert {path for path in paths_where("is_open_without_factor") if not path.startswith("account/confirm/")} == {
        *("account/sign-out/", "account/session/", "account/session/stay/"),
        *("account/security/factor/", "account/security/factor/app/", "account/security/factor/email/"),
        *("account/security/factor/passkey/begin/", "account/security/factor/passkey/finish/"),
    }
    assert paths_where("is_quiet") == {"account/session/"}


def test_marks_of_views_leave_them_as_they_are():
    def view(request):
        raise AssertionError("must not be asked")

    assert quiet(open_without_factor(view)) is view


# --- The language ------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("chosen", "clock", "browser", "used"),
    [
        ("", "", "fr-CA,en;q=0.5", "fr"),
        ("", "", "de", "en"),
        ("en", "", "fr", "en"),
        ("fr", "", "en", "fr"),
        ("en", "24", "fr", "en-gb"),
        ("fr", "12", "en", "fr-ca"),
        ("en", "12", "fr", "en"),
        ("fr", "24", "en", "fr"),
        ("", "24", "en", "en-gb"),
    ],
)
def test_language_is_her_own_with_the_clock_she_wants(client, rf, chosen, clock, browser, used):
    person = make_user("viewer", language=chosen, time_format=clock)
    sign_in(client, person)
    request = rf.get("/account/", headers={"Accept-Language": browser})
    request.user, request.session = person, client.session

    def answer(request):
        assert middleware.process_view(request, closed_view, (), {}) is None
        return closed_view(request)

    middleware = AccountMiddleware(answer)

    assert middleware(request).content.decode() == used
    assert get_language() == "en"  # nothing of it stays behind
