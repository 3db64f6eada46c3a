"""Public answers: cached for a minute, not sent twice, the same for everybody."""

import pytest
from django.http import HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect, StreamingHttpResponse
from django.test import Client

from settimes.public import etag_of, public
from tests.admin_pages import sign_in
from tests.factories import NOW, make_admin, make_event, make_public_event, make_set, make_venue

METHODS = ["post", "put", "patch", "delete", "options"]


# The decorator


def answer(rf, make_response, **headers):
    """What a public view answers that makes this response."""
    return public(lambda request: make_response())(rf.get("/", headers=headers))


def test_public_answer_has_a_tag_and_a_minute_of_caching(rf):
    response = answer(rf, lambda: HttpResponse("content"))

    assert response.content == b"content"
    assert response["Cache-Control"] == "public, max-age=60"
    assert response["ETag"] == etag_of(b"content")


def test_tag_is_that_of_the_content():
    assert etag_of(b"content") == etag_of(b"content")
    assert etag_of(b"content") != etag_of(b"contents")
    assert etag_of(b"").startswith('"')
    assert etag_of(b"").endswith('"')


@pytest.mark.parametrize(
    ("asked_with", "status"),
    [
        ("{}", 304),
        ("W/{}", 304),
        ('"other", {}', 304),
        ("*", 304),
        ('"other"', 200),
        ("{}x", 200),
    ],
)
def test_answer_is_not_sent_to_somebody_who_has_it(rf, asked_with, status):
    tag = etag_of(b"content")

    response = answer(rf, lambda: HttpResponse("content"), if_none_match=asked_with.format(tag))

    assert response.status_code == status
    assert response.content == (b"" if status == 304 else b"content")
    assert (response["ETag"], response["Cache-Control"]) == (tag, "public, max-age=60")


def test_view_may_set_a_tag_of_its_own(rf):
    def make_response():
        return HttpResponse("content", headers={"ETag": 'W/"mine"'})

    assert answer(rf, make_response)["ETag"] == 'W/"mine"'
    assert answer(rf, make_response, if_none_match='W/"mine"').status_code == 304
    assert answer(rf, make_response, if_none_match=etag_of(b"content")).status_code == 200


@pytest.mark.parametrize("status", [204, 400, 404, 500])
def test_other_answers_are_not_cached(rf, status):
    response = answer(rf, lambda: HttpResponse("content", status=status), if_none_match="*")

    assert response.status_code == status
    assert "Cache-Control" not in response
    assert "ETag" not in response


def test_permanent_redirect_is_kept_for_a_minute_only(rf):
    permanent = answer(rf, lambda: HttpResponsePermanentRedirect("/new"))
    temporary = answer(rf, lambda: HttpResponseRedirect("/new"))

    assert (permanent.status_code, permanent["Cache-Control"], "ETag" in permanent) == (
        301,
        "public, max-age=60",
        False,
    )
    assert "Cache-Control" not in temporary


def test_answer_that_is_streamed_passes_through(rf):
    response = answer(rf, lambda: StreamingHttpResponse(iter([b"a", b"b"])))

    assert b"".join(response) == b"ab"
    assert "ETag" not in response


@pytest.mark.parametrize("method", METHODS)
def test_public_view_only_reads(rf, method):
    @public
    def view(request):
        raise AssertionError("must not be asked")

    response = getattr(rf, method)("/")
    response = view(response)

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


def test_public_view_keeps_its_name_and_is_open():
    @public
    def view(request):
        """What it does."""

    assert (view.__name__, view.__doc__) == ("view", "What it does.")
    assert view.login_required is False


# Every public address


@pytest.fixture
def addresses(db, time_machine):
    """The address of every public page, calendar and JSON of a small world."""
    time_machine.move_to(NOW, tick=False)
    event = make_public_event(slug="crawl")
    room = make_venue("Upstairs", parent=make_venue("Knitting Factory"))
    performance = make_set(event, venue="Upstairs")
    make_set(event, "Moth Choir", None, None, venue=None)
    make_set(make_event("Draft", slug="draft"), "Draft Band")
    return [
        *("/", "/events/crawl/", "/bands/", "/bands/the-harpoonist/", "/venues/knitting-factory/"),
        room.get_absolute_url(),
        *("/events/crawl/schedule.ics", f"/events/crawl/sets/{performance.uid}.ics"),
        *(
            "/api/schedule",
            "/api/schedule?event=crawl",
            "/api/events/timeline",
            "/api/events/timeline?includeBands=false",
        ),
        *(f"/api/events/{event.pk}/details", "/api/events/public", "/api/events/public?upcoming=false"),
    ]


NOT_FOUND = ["/events/draft/", "/bands/draft-band/", "/api/schedule?event=draft", "/api/nothing", "/nothing/"]


def test_every_public_answer_is_cached_and_not_sent_twice(client, addresses):
    for address in addresses:
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        other = client.get(address, headers={"If-None-Match": '"other"'})

        assert (address, first.status_code, first["Cache-Control"]) == (address, 200, "public, max-age=60")
        assert (address, again.status_code, again.content, again["ETag"]) == (address, 304, b"", first["ETag"])
        assert (address, again["Cache-Control"]) == (address, "public, max-age=60")
        assert (address, other.status_code, other.content) == (address, 200, first.content)


def test_every_public_answer_is_the_same_for_somebody_who_is_signed_in(client, addresses):
    admin = Client()
    sign_in(admin, make_admin())
    assert admin.get("/admin/").status_code == 200

    for address in [*addresses, *NOT_FOUND]:
        anonymous, signed_in = client.get(address), admin.get(address)

        assert (address, signed_in.status_code) == (address, anonymous.status_code)
        assert (address, signed_in.content) == (address, anonymous.content)
        assert (address, signed_in.headers.get("ETag")) == (address, anonymous.headers.get("ETag"))
        for response in (anonymous, signed_in):
            assert (address, dict(response.cookies), response.headers.get("Vary")) == (address, {}, None)


def test_every_public_answer_has_a_head(client, addresses):
    for address in addresses:
        full, head = client.get(address), client.head(address)

        assert (address, head.status_code, head.content) == (address, 200, b"")
        for name in ("ETag", "Cache-Control", "Content-Type"):
            assert (address, head[name]) == (address, full[name])


@pytest.mark.parametrize("method", METHODS)
def test_every_public_address_only_reads(client, addresses, method):
    for address in [*addresses, "/event/crawl", "/band/the-harpoonist", f"/media/bands/{'0' * 32}.jpg"]:
        response = getattr(client, method)(address)

        assert (address, response.status_code, response["Allow"]) == (address, 405, "GET, HEAD")
        assert (address, dict(response.cookies)) == (address, {})


def test_every_answer_of_the_api_tells_no_other_site_where_a_visitor_came_from(client, addresses):
    for address in [*addresses, *NOT_FOUND]:
        if address.startswith("/api/"):
            response = client.get(address)

            assert (address, response["Content-Type"]) == (address, "application/json")
            assert (address, response["Referrer-Policy"]) == (address, "no-referrer")
            assert (address, response["X-Content-Type-Options"]) == (address, "nosniff")
            assert (address, response["X-Frame-Options"]) == (address, "DENY")
