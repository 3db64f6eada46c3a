"""S22: requests that another site makes a browser send, and addresses that do something when only read."""

# ruff: noqa: N802 (tests bear the numbers of the security programme)

import json

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import UserSession
from tests.security.world import address_of, all_patterns, browser_of, fingerprint

pytestmark = pytest.mark.django_db

TOO_OLD = "This page was open too long. Reload and try again."


def pair():
    """A token for forms, and the cookie that it goes with."""
    request = RequestFactory().get("/")
    token = get_token(request)
    return token, request.META["CSRF_COOKIE"]


def send(client, path, attack):
    """Post to an address as the attack does."""
    token, cookie = pair()
    client.cookies[settings.CSRF_COOKIE_NAME] = cookie
    good, others = {"csrfmiddlewaretoken": token}, {"csrfmiddlewaretoken": pair()[0]}
    if attack == "no token":
        return client.post(path, {"action": "x"})
    if attack == "no cookie":
        del client.cookies[settings.CSRF_COOKIE_NAME]
        return client.post(path, good)
    if attack == "token of somebody else":
        return client.post(path, others)
    if attack == "JSON as plain text":
        return client.post(path, json.dumps(good), content_type="text/plain")
    if attack == "another method in a header":
        return client.post(path, {}, headers={"x-http-method-override": "GET"})
    if attack == "DELETE":
        return client.delete(path)
    if attack == "missing referer":
        return client.post(path, good, secure=True)
    origin = {"null": "null", "foreign": "https://evil.example", "subdomain": "http://evil.testserver"}[attack]
    return client.post(path, good, headers={"origin": origin})


@pytest.mark.parametrize(
    "attack",
    [
        *("no token", "no cookie", "token of somebody else", "JSON as plain text", "another method in a header"),
        *("DELETE", "missing referer", "null", "foreign", "subdomain"),
    ],
)
def test_S22_forged_request_is_refused_on_every_route(world, log, attack):
    before = fingerprint()
    addresses = [address_of(world, name, pattern) for name, pattern, _ in all_patterns()]
    addresses = list(dict.fromkeys(addresses))

    wrong = []
    for path in addresses:
        client = Client(enforce_csrf_checks=True)
        client.cookies[settings.SESSION_COOKIE_NAME] = world.keys["D"]
        response = send(client, path, attack)
        words = json.loads(response.content)["message"] if path.startswith("/api/") else response.content.decode()
        if response.status_code != 403 or TOO_OLD not in words:
            wrong.append((path, response.status_code))

    assert wrong == []
    assert log() == ["malicious_csrf"] * len(addresses)
    assert fingerprint() == before


def test_S22_right_token_is_let_through(world):
    """The attacks above would do something: with the right token the same request does."""
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = world.keys["D"]
    token, client.cookies[settings.CSRF_COOKIE_NAME] = pair()

    response = client.post(reverse("accounts:profile"), {"csrfmiddlewaretoken": token, "first_name": "Dora"})

    assert response.status_code == 302
    world.people["D"].refresh_from_db()
    assert world.people["D"].first_name == "Dora"


def test_S22_no_view_is_exempt():
    assert [pattern for _, pattern, view in all_patterns() if getattr(view, "csrf_exempt", False)] == []


@pytest.mark.parametrize("subject", ["A", "V", "D"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_S22_reading_every_address_writes_nothing(world, subject, method):
    def counts():
        return {
            model._meta.db_table: model._default_manager.count()
            for model in apps.get_models(include_auto_created=True)
            if model is not UserSession
        }

    before, print_before = counts(), fingerprint()
    statuses = set()
    for name, pattern, _ in all_patterns():
        cache.clear()
        statuses.add(getattr(browser_of(world, subject), method)(address_of(world, name, pattern)).status_code)

    assert counts() == before
    assert fingerprint() == print_before
    assert 200 in statuses
    assert statuses <= {200, 301, 302, 403, 404, 405, 410}
