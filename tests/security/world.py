"""Everybody who may come to this site, with the cookie she brings, and a row of everything that there is."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin import site as admin_site
from django.contrib.admin.utils import quote
from django.db import connection, models, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential

from accounts import factors, inviting, links, mailing
from accounts.clients import Client as Origin
from accounts.models import (
    AccountLink,
    AccountMail,
    AuditEntry,
    AuthEvent,
    EmailFactor,
    Invite,
    Lockout,
    TrustedDevice,
    User,
    UserSession,
)
from accounts.trusted_devices import trust_device
from bands.library import add_alias, find_genre, update_band
from bands.merging import merge_bands
from bands.models import BandAlias, BandMerge, BandProfile, BandSlugRedirect, Genre
from schedule import announcing, events, lineup, publishing
from schedule.arranging import Wish, arrange
from schedule.models import (
    Change,
    Doors,
    Event,
    EventAccess,
    Performance,
    Pick,
    Plan,
    ShareLink,
    SlugRedirect,
    Venue,
)
from schedule.previews import make_link_token
from tests.accounts.people import HOME, PASSWORD, give_app, sign_in
from tests.admin_pages import sign_in as put_in
from tests.factories import MADE, NOW, SATURDAY, make_band, make_event, make_public_event, make_set, make_venue, wall

SUBJECTS = {
    "A": "anonymous",
    "H": "password given, second factor outstanding",
    "U": "signed in, has yet to enrol the factor she must have",
    "V": "viewer",
    "E": "editor",
    "X": "editor who was given another event",
    "D": "admin",
    "d": "admin whose proof is ten minutes old",
    "Z": "deactivated, with the cookie she had",
}
# Written by anybody who knocks: counted apart from what a request does.
WRITTEN_BY_KNOCKING = {
    "accounts_usersession",
    "accounts_authevent",
    "accounts_autheventorigin",
    "accounts_failedattempt",
    "accounts_lockout",
}


def build() -> SimpleNamespace:
    """The world: `rows` by model, `people` and `keys` (session keys) by subject, and events in every state."""
    world = SimpleNamespace(rows={}, people={}, keys={}, own={})
    _add_events(world)
    _add_people(world)
    _add_rows(world)
    return world


def _add_events(world: SimpleNamespace) -> None:
    world.draft = make_event("Foreign Crawl", city="Foreign City")
    world.given = make_event("Given Crawl", city="Given City")
    world.public = make_public_event("Open Crawl")
    world.archived = make_public_event("Old Crawl")
    publishing.archive_event(world.archived, **MADE)
    world.set = make_set(world.draft, "Foreign Band", venue="Foreign Venue")
    world.given_set = make_set(world.given, "Given Band", venue="Given Venue")
    world.announced = make_set(world.public, "Open Band", is_announced=True)
    world.hidden = make_set(world.draft, "Hidden Band", start="21:00", end="21:30", is_announced=False)
    world.shown = make_set(world.draft, "Shown Band", start="22:00", end="22:30", is_announced=True)
    world.cancelled = make_set(world.draft, "Cancelled Band", start="23:00", end="23:30")
    lineup.cancel_set(world.cancelled, **MADE)
    world.waiting = make_set(world.draft, "Waiting Band", start="17:00", end="17:30", is_announced=False)
    announcing.schedule_announcement([world.waiting], at=NOW + timedelta(days=3650), **MADE)
    lineup.delete_set(make_set(world.draft, "Gone Band", start="16:00", end="16:30"), by=None, now=timezone.now())
    world.deleted = Change.objects.get(kind=Change.Kind.DELETED)


def _add_people(world: SimpleNamespace) -> None:
    roles = {"H": "editor", "U": "editor", "V": "viewer", "E": "editor", "X": "editor", "D": "admin", "d": "admin"}
    for subject, role in {**roles, "Z": "editor"}.items():
        email = f"{'old' if subject == 'd' else ''}{subject.lower()}@label.example"
        user = User.objects.create_user(email, PASSWORD, role=role, require_2fa=subject == "U", first_name=subject)
        world.people[subject] = user
        own = world.own[subject] = {}
        if subject != "U":
            own["app"] = give_app(user).pk
            now = timezone.now()
            EmailFactor.objects.create(user=user, name="Mailbox", confirmed=True, created_at=now)
        own["device"] = trust_device(user, Origin(), now=timezone.now())[0].pk
        own["session"] = UserSession.objects.create(
            session_key=f"other session of {subject}",
            session_data="",
            expire_date=timezone.now() + timedelta(hours=1),
            last_seen_at=timezone.now(),
            user=user,
        ).pk
        world.keys[subject] = _key_of(subject, user)
    world.own["A"] = world.own["D"]
    world.own["U"]["app"] = world.own["D"]["app"]
    world.people["A"] = world.people["D"]
    world.keys["A"] = None
    events_of_x = world.people["X"]
    events_of_x.is_scoped = True
    events_of_x.save()
    EventAccess.objects.create(user=events_of_x, event=world.given)
    # Not by the domain function, which would end the session: every view has to turn the cookie away by itself.
    User.objects.filter(pk=world.people["Z"].pk).update(is_active=False, deactivated_at=timezone.now())


def _key_of(subject: str, user: User) -> str:
    browser = Client()
    if subject == "H":
        sign_in(browser, user.email, agent="")
    else:
        put_in(browser, user, confirmed_minutes_ago=10 if subject == "d" else 0)
    if subject == "U":
        session = browser.session
        del session["factor"]
        session.save()
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def _add_rows(world: SimpleNamespace) -> None:
    now, admin = timezone.now(), world.people["D"]
    tara = User.objects.create_user("tara@label.example", PASSWORD, role="viewer", first_name="Tara")
    world.tara, world.out = tara, User.objects.create_user("out@label.example", PASSWORD, role="viewer")
    User.objects.filter(pk=world.out.pk).update(is_active=False, deactivated_at=now)
    give_app(tara)
    waiting = User.objects.create_user("wait@label.example", PASSWORD, is_active=False, activated_at=None)
    world.invite = inviting.invite_user("viewer", email="new@label.example", by=admin, now=now)
    world.links = {purpose: links.make_link(purpose, tara, now=now) for purpose in AccountLink.Purpose}
    world.links["activate"] = links.make_link(AccountLink.Purpose.ACTIVATE, waiting, now=now)
    world.links["invite"] = world.invite
    device, _token = trust_device(tara, Origin(), now=now)
    session = UserSession.objects.create(
        session_key="session of tara", session_data="", expire_date=now + timedelta(days=1), last_seen_at=now, user=tara
    )
    lock = Lockout.objects.create(
        scope="account", key="x", user=tara, reason="code", locked_at=now, locked_until=now + timedelta(hours=1)
    )
    mail = mailing.queue_notice(tara, "role_changed", now=now, role="viewer")
    band = make_band("Idle Band", contact_email="private@band.example")
    update_band(band, slug="idle-band-renamed", **MADE)
    alias = add_alias(band, "Idlers", **MADE)
    doors = events.set_doors(world.draft, SATURDAY, wall(world.draft, "18:30"), **MADE)
    events.update_event(world.draft, slug="foreign-crawl-renamed", **MADE)
    plan = Plan.objects.create(event=world.draft, key_hash="x")
    world.rows = {
        Invite: world.invite,
        User: tara,
        Lockout: lock,
        UserSession: session,
        TrustedDevice: device,
        AccountMail: mail,
        AuthEvent: AuthEvent.objects.last(),
        AuditEntry: AuditEntry.objects.last(),
        Genre: find_genre("punk", **MADE),
        BandProfile: band,
        BandAlias: alias,
        BandSlugRedirect: BandSlugRedirect.objects.get(slug="idle-band"),
        EventAccess: EventAccess.objects.get(),
        Event: world.draft,
        Doors: doors,
        Performance: world.set,
        Change: Change.objects.filter(event=world.draft).last(),
        Plan: plan,
        Pick: Pick.objects.create(plan=plan, performance=world.set),
        ShareLink: ShareLink.objects.create(slug="abcd1234", event=world.draft, kind="live", plan=plan, expires_at=now),
        SlugRedirect: SlugRedirect.objects.get(event=world.draft),
        BandMerge: merge_bands(make_band("Idle Double"), make_band("Idle Doubles"), by=None, now=now),
        Venue: make_venue("Idle Venue", phone="+1 519 555 0199", contact_email="private@venue.example"),
    }
    world.preview, _until = make_link_token(world.draft, shows_everything=True, days=3, by=admin, now=now)
    world.twin = make_band("Idle Band Too")
    later = Wish(world.hidden.pk, 0, {"starts_at": wall(world.draft, "21:15"), "ends_at": wall(world.draft, "21:45")})
    arrange(world.draft, SATURDAY, [later], **MADE)
    world.hidden.refresh_from_db()
    world.batch = Change.objects.exclude(batch=None).latest("pk").batch


def browser_of(world: SimpleNamespace, subject: str) -> Client:
    """A browser with the cookie of a subject."""
    client = Client(raise_request_exception=False, REMOTE_ADDR=HOME)
    if world.keys[subject]:
        client.cookies[settings.SESSION_COOKIE_NAME] = world.keys[subject]
    return client


def fingerprint() -> dict[str, str]:
    """Every table with the hash of its rows; of the sessions only who is signed in by which."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            if table in WRITTEN_BY_KNOCKING:
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 (a table of our own)
            found[table] = hashlib.sha256(repr(sorted(map(repr, cursor.fetchall()))).encode()).hexdigest()
        sessions = UserSession.objects.filter(user__isnull=False).order_by("pk")
        found["sessions"] = repr(list(sessions.values_list("pk", "session_key", "user")))
    return found


def tables() -> list[str]:
    return sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)})


def taken_back(do: Callable[[], Any]) -> Any:
    """What `do` answers; whatever it wrote is taken back."""
    with transaction.atomic():
        answer = do()
        transaction.set_rollback(True)
    return answer


# --- Addresses ---------------------------------------------------------------------------------


def all_patterns(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str | None, str, Any]]:
    """Every pattern of the site, the admin's too: its name, its text, its view."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from all_patterns(pattern, f"{prefix}{pattern.pattern}")
        elif isinstance(pattern, URLPattern):
            yield pattern.name, f"{prefix}{pattern.pattern}", pattern.callback


def admin_address(model: type[models.Model], page: str, row: models.Model | None = None) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=[quote(row.pk)] if row else [])


def address_of(world: SimpleNamespace, name: str | None, pattern: str) -> str:
    """An address that a pattern answers, of a row that exists."""
    app, _, rest = pattern.removeprefix("admin/").partition("/")
    if pattern.startswith("admin/") and "<path:object_id>" in pattern and name != "view_on_site":
        row = world.rows[apps.get_model(app, rest.partition("/")[0])]
        return f"/{pattern.replace('<path:object_id>', str(row.pk))}"
    if pattern.startswith("admin/") and "/<int:pk>/" in pattern and "/act/" not in pattern:
        row = world.rows[apps.get_model(app, rest.partition("/")[0])]
        filled = pattern.replace("<int:pk>", str(row.pk)).replace("<str:file_format>", "csv")
        return "/" + (filled.replace("<int:entry>", str(first_entry(row))) if "<int:entry>" in filled else filled)
    values = {
        "^preview/(?P<token>[\\w-]{40,2000})/$": f"/preview/{world.preview}/",
        "admin/r/<path:content_type_id>/<path:object_id>/": "/admin/r/1/1/",
        "admin/accounts/user/<int:pk>/act/<slug:act>/": f"/admin/accounts/user/{world.tara.pk}/act/end-sessions/",
        "admin/^(?P<app_label>accounts|bands|schedule)/$": "/admin/schedule/",
        "admin/(?P<url>.*)$": "/admin/nothing-here/",
        "account/link/<purpose:purpose>/<token:token>/": f"/account/link/invite/{links.token_of(world.invite)}/",
        "api/^schedule/?$": "/api/schedule?event=current",
        "api/^events/timeline/?$": "/api/events/timeline",
        "api/^events/public/?$": "/api/events/public",
        "api/^events/(?P<event_id>[^/]+)/details/?$": f"/api/events/{world.public.pk}/details",
        "^event/(?P<slug>[^/\\0]+)/?$": f"/event/{world.public.slug}",
        "^band/(?P<name>[^/\\0]+)/?$": "/band/open-band",
        "^media/bands/(?P<name>[0-9a-f]{32}(?:-320|-800)?\\.(?:jpg|webp))$": f"/media/bands/{'0' * 32}.jpg",
        "^media/posters/(?P<name>[0-9a-f]{32}\\.jpg)$": f"/media/posters/{'0' * 32}.jpg",
        "bands/<slug:slug>/": "/bands/open-band/",
        "venues/<slug:slug>/": "/venues/blue-anchor/",
    }
    if pattern in values:
        return values[pattern]
    own = world.own["D"]
    pk = own["session"] if "sessions" in pattern else own["device"] if "devices" in pattern else own["app"]
    filled = pattern.replace("<slug:slug>", world.public.slug).replace("<uuid:uid>", str(world.announced.uid))
    filled = filled.replace("<slug:kind>", "app").replace("<int:pk>", str(pk))
    assert not set("<^(") & set(filled), f"{pattern}: give it an address in tests/security/world.py, address_of()"
    return f"/{filled}"


def history_pages(model_admin: Any) -> list[Any]:
    """The pages that bring earlier states back, for models whose history is kept."""
    return model_admin._history_pages() if hasattr(model_admin, "_history_pages") else []


def row_pages() -> set[str]:
    """The names of the routes of our own pages about rows."""
    return {
        f"{model._meta.app_label}_{model._meta.model_name}_{page.name}"
        for model, model_admin in admin_site._registry.items()
        for page in [*getattr(model_admin, "pages", []), *history_pages(model_admin)]
    }


def first_entry(row: Any) -> int:
    """The oldest state of a row that can be brought back."""
    if hasattr(row, "history"):
        return int(row.history.last().history_id)
    changes = Change.objects.filter(event=row, kind="event_edited") if isinstance(row, Event) else row.changes
    return int(changes.first().pk)


def passkey_of(user: User) -> WebAuthnCredential:
    """A passkey as the library would store it."""
    return WebAuthnCredential.objects.create(
        user=user, name="Key", confirmed=True, credential_id=b"key", public_key=b"public", credential_id_sha256="0" * 64
    )


def backup_codes(user: User) -> list[str]:
    return factors.make_backup_codes(user, now=timezone.now())
