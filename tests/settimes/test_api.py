"""Answers and errors that all of /api/ shares."""

import json
import uuid
from datetime import UTC, date, datetime

import pytest
from django.http import HttpRequest
from django.urls import include, path

from settimes import api
from settimes.public import public


def test_json_response_is_compact_utf8_with_its_headers():
    response = api.json_response({"name": "Björk", "list": [1, None, True], "empty": {}})

    assert response.status_code == 200
    assert response.content == '{"name":"Björk","list":[1,null,true],"empty":{}}'.encode()
    assert response["Content-Type"] == "application/json"
    assert response["Referrer-Policy"] == "no-referrer"


def test_json_response_writes_dates_and_ids():
    body = {"day": date(2026, 10, 10), "at": datetime(2026, 10, 10, 20, tzinfo=UTC), "id": uuid.UUID(int=1)}

    assert json.loads(api.json_response(body).content) == {
        "day": "2026-10-10",
        "at": "2026-10-10T20:00:00Z",
        "id": "00000000-0000-0000-0000-000000000001",
    }


@pytest.mark.parametrize(
    ("arguments", "content"),
    [
        ((404, "Not found", "Nothing."), b'{"error":"Not found","message":"Nothing."}'),
        ((400, "It must be a number."), b'{"error":"It must be a number."}'),
        ((403, "Forbidden", ""), b'{"error":"Forbidden"}'),
    ],
)
def test_json_error_has_a_message_only_when_there_is_one(arguments, content):
    response = api.json_error(*arguments)

    assert (response.status_code, response.content) == (arguments[0], content)
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize("address", ["/api/", "/api/unknown", "/api/schedule/unknown", "/api/%3Cscript%3E"])
def test_unknown_address_of_the_api_is_answered_in_json(client, address):
    response = client.get(address)

    assert response.status_code == 404
    assert response.content == b'{"error":"Not found","message":"There is nothing at this address."}'
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize("address", ["/unknown/", "/apiary", "/events/a/b/c", "/media/bands/x.jpg", "/x\u2028y"])
def test_unknown_address_elsewhere_is_answered_with_a_page(client, address):
    response = client.get(address)

    assert response.status_code == 404
    assert b"<h1>Nothing here</h1>" in response.content
    assert response["Content-Type"] == "text/html; charset=utf-8"


@public
def broken(request: HttpRequest):
    raise RuntimeError("secret words")


urlpatterns = [path("api/broken", broken), path("broken", broken), path("", include("settimes.urls"))]
handler500 = "settimes.api.server_error"


@pytest.mark.parametrize(
    ("address", "content_type", "words"),
    [
        ("/api/broken", "application/json", '{"error":"Server error","message":"Please try again in a moment."}'),
        ("/broken", "text/html; charset=utf-8", "<h1>Something broke</h1>"),
    ],
)
def test_broken_view_is_answered_without_its_secrets(client, settings, address, content_type, words):
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False

    response = client.get(address)

    assert response.status_code == 500
    assert words in response.content.decode()
    assert b"secret" not in response.content
    assert response["Content-Type"] == content_type
    assert "Cache-Control" not in response
