"""The pages that fans read. Public views show what everybody may see, whoever asks."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bands.merging import band_numbered
from bands.models import BandProfile
from bands.naming import lookup_key
from bands.photos import content_type_of, main_name
from schedule.models import Event
from schedule.models.event import PUBLIC
from schedule.nights import night_of
from schedule.outputs import ical
from schedule.previews import Preview, open_link
from schedule.season import load_season
from schedule.snapshot import Programme, SetRow, set_rows, visible_bands, visible_venues
from settimes.public import public

LONGEST_ID = 18  # digits that every id has room for


@public
def home(request: HttpRequest) -> HttpResponse:
    """Tonight, upcoming and past events."""
    return render(request, "schedule/home.html", {"season": load_season(PUBLIC, now=timezone.now())})


@public
def event_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """An event's running order by night and time."""
    event = Event.objects.visible_to(PUBLIC).filter(slug=slug).first()
    if event is None:
        return _redirect_to_renamed(slug, "schedule:event_detail")
    return render_event(request, Programme.load(event, PUBLIC), now=timezone.now())


@login_not_required
@require_safe
def shared_preview(request: HttpRequest, token: str) -> HttpResponse:
    """An event as an organizer lets somebody see it before it is public."""
    preview = open_link(token, now=timezone.now())
    if preview is None:
        raise Http404
    return render_preview(request, preview)


def render_preview(request: HttpRequest, preview: Preview, **context: Any) -> HttpResponse:
    """The page of an event as a preview: for whoever asked alone, kept nowhere and found by nobody."""
    response = render_event(request, preview.programme(), now=preview.at, preview=preview, **context)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer" if preview.is_shared else "same-origin"
    return response


def render_event(request: HttpRequest, programme: Programme, *, now: datetime, **context: Any) -> HttpResponse:
    """The page of an event as of a time."""
    playing = programme.playing_at(now)
    shown = {
        "event": programme.event,
        "programme": programme,
        "playing": playing,
        "following": programme.next_at(now) if playing or _is_tonight(programme.event, now) else [],
        "now": now,
    }
    return render(request, "schedule/event_detail.html", {**shown, **context})


@public
def event_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """An event's sets as iCalendar, for download and subscription."""
    event = Event.objects.visible_to(PUBLIC).filter(slug=slug).first()
    if event is None:
        return _redirect_to_renamed(slug, "schedule:event_calendar")
    content = ical.event_calendar(Programme.load(event, PUBLIC), now=timezone.now())
    return _calendar_response(content, filename=f"{event.slug}.ics")


@public
def set_calendar(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """One set as iCalendar; a set without a time has none."""
    event = Event.objects.visible_to(PUBLIC).filter(slug=slug).first()
    if event is None:
        return _redirect_to_renamed(slug, "schedule:set_calendar", uid)
    programme = Programme.load(event, PUBLIC)
    row = next((row for row in programme.rows if str(row.uid) == str(uid) and row.starts_at), None)
    if row is None:
        raise Http404
    return _calendar_response(ical.set_calendar(programme, row), filename=f"{event.slug}-{row.pk}.ics")


@public
def band_list(request: HttpRequest) -> HttpResponse:
    """Every band that plays or has played, by name."""
    return render(request, "schedule/band_list.html", {"bands": visible_bands(PUBLIC)})


@public
def band_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A band with its upcoming and past sets."""
    bands = visible_bands(PUBLIC).prefetch_related("genres")
    band = bands.filter(slug=slug).first()
    if band is None:
        return _redirect_to_band(get_object_or_404(bands, former_slugs__slug=slug))
    upcoming, past = _split_by_now(set_rows(PUBLIC, band=band), timezone.now())
    return render(request, "schedule/band_detail.html", {"band": band, "upcoming": upcoming, "past": past})


@public
def venue_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A venue with its address, rooms, upcoming and past sets."""
    venues = visible_venues(PUBLIC).select_related("parent")
    venue = venues.filter(slug=slug).first()
    if venue is None:
        return redirect(get_object_or_404(venues, former_slugs__slug=slug), permanent=True)
    rooms = list(visible_venues(PUBLIC).filter(parent=venue))
    upcoming, past = _split_by_now(set_rows(PUBLIC, venue__in=[venue, *rooms]), timezone.now())
    return render(
        request, "schedule/venue_detail.html", {"venue": venue, "rooms": rooms, "upcoming": upcoming, "past": past}
    )


@public
def old_event_address(request: HttpRequest, slug: str) -> HttpResponse:
    """/event/SLUG of the predecessor."""
    events = Event.objects.visible_to(PUBLIC)
    event = events.filter(slug=slug).first() or get_object_or_404(events, former_slugs__slug=slug)
    return redirect(event, permanent=True)


@public
def old_band_address(request: HttpRequest, name: str) -> HttpResponse:
    """/band/ID and /band/NAME of the predecessor, whose clients make NAME from a band's name by a rule of their own."""
    bands = visible_bands(PUBLIC)
    if name.isascii() and name.isdigit():
        return _redirect_to_band(get_object_or_404(bands, pk=band_numbered(int(name[:LONGEST_ID]))))
    band = bands.filter(slug=name).first() or bands.filter(former_slugs__slug=name).first()
    key = lookup_key(name)
    if band is None and key:
        band = bands.filter(lookup_key=key).order_by("pk").first()
    if band is None:
        raise Http404
    return _redirect_to_band(band)


@login_not_required
@require_safe
def band_photo(request: HttpRequest, name: str) -> HttpResponseBase:
    """A band's photo in any of its sizes: for everybody once the band is public, before that for who may see it."""
    path, photo = f"bands/{name}", f"bands/{main_name(name)}"
    if visible_bands(PUBLIC).filter(photo=photo).exists():
        return _picture(path, is_public=True)
    if request.user.has_perm("bands.view_bandprofile") and BandProfile.objects.filter(photo=photo).exists():
        return _picture(path, is_public=False)
    raise Http404


@login_not_required
@require_safe
def event_poster(request: HttpRequest, name: str) -> HttpResponseBase:
    """An event's poster: for everybody once the event is public, before that for people who may see the event."""
    path = f"posters/{name}"
    if Event.objects.visible_to(PUBLIC).filter(poster=path).exists():
        return _picture(path, is_public=True)
    if Event.objects.visible_to(request.user).filter(poster=path).exists():
        return _picture(path, is_public=False)
    raise Http404


def _redirect_to_renamed(slug: str, view: str, *arguments: str) -> HttpResponse:
    """To a view of the event that had this address before; calendars are subscribed to by address, too."""
    event = get_object_or_404(Event.objects.visible_to(PUBLIC), former_slugs__slug=slug)
    return redirect(view, event.slug, *arguments, permanent=True)


def _redirect_to_band(band: BandProfile) -> HttpResponse:
    return redirect("schedule:band_detail", band.slug, permanent=True)


def _is_tonight(event: Event, now: datetime) -> bool:
    return event.has_night(night_of(now, event.zone, event.rollover))


def _split_by_now(rows: list[SetRow], now: datetime) -> tuple[list[SetRow], list[SetRow]]:
    """Rows still to come or running, and those that are over, latest first."""
    past = [row for row in rows if _is_over(row, now)]
    return [row for row in rows if not _is_over(row, now)], past[::-1]


def _is_over(row: SetRow, now: datetime) -> bool:
    """Whether a set has ended; without an end it has when its night is over."""
    if row.ends_at:
        return row.ends_at <= now
    has_begun = row.starts_at is None or row.starts_at <= now
    return has_begun and row.night < night_of(now, row.zone, row.event_rollover)


def _calendar_response(content: bytes, *, filename: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="{filename}"'},
    )


def _picture(path: str, *, is_public: bool) -> FileResponse:
    """The file as a picture and nothing else, so that a browser never runs what somebody hid in it."""
    try:
        response = FileResponse(default_storage.open(path), content_type=content_type_of(path))
    except FileNotFoundError as error:
        raise Http404 from error
    response["Cache-Control"] = "public, max-age=60" if is_public else "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
