"""What is sent to call each function of the site: an address, a method, and a body that is right.

A body that is wrong would be refused for being wrong, and hide that nobody asked who sends it.
"""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import hotp

from accounts import links
from accounts.admin.person import ACTS
from accounts.models import (
    Invite,
    User,
)
from accounts.models.factor import code_from
from bands.models import BandProfile, Genre
from schedule.models import Event, EventAccess, Performance, Venue
from settimes.sealing import seal
from tests.accounts.people import PASSWORD, code_for
from tests.admin_pages import form_in
from tests.factories import SATURDAY
from tests.security.world import address_of, admin_address, browser_of, first_entry, history_pages

NEW_PASSWORD = "another staple of my own"
SENT_ALONG = "csrfmiddlewaretoken"  # with every form of a browser


class Call(NamedTuple):
    """A request. `before` is done first, in the same browser, to get where the request can be made."""

    method: str
    path: str
    data: Any = None
    content_type: str | None = None
    before: Callable[[Client], None] | None = None

    def send(self, browser: Client) -> Any:
        more = {"content_type": self.content_type} if self.content_type else {}
        return (
            browser.generic(self.method, self.path) if self.data is None else browser.post(self.path, self.data, **more)
        )


def get(path: str, **more: Any) -> Call:
    return Call("GET", path, **more)


def post(path: str, data: Any = None, **more: Any) -> Call:
    return Call("POST", path, {} if data is None else data, **more)


# --- The admin ---------------------------------------------------------------------------------


def admin_functions() -> dict[str, Callable[[SimpleNamespace, str], Call]]:
    """Every function of every model in the registry, by "app.model function"."""
    found: dict[str, Callable[[SimpleNamespace, str], Call]] = {}
    for model, model_admin in admin.site._registry.items():
        label = model._meta.label_lower
        found |= {f"{label} {name}": each for name, each in _functions_of_pages(model).items()}
        actions = [name if isinstance(name, str) else name.__name__ for name in model_admin.actions]
        for action in dict.fromkeys([*actions, "delete_selected"]):
            found[f"{label} action {action}"] = _action(model, action)
        for inline in model_admin.inlines:
            found[f"{label} inline {inline.__name__}"] = _inline(model, inline)
        for page in [*getattr(model_admin, "pages", []), *history_pages(model_admin)]:
            found[f"{label} look at {page.name}"] = _row_page(model, page.name, is_acting=False)
            found[f"{label} do {page.name}"] = _row_page(model, page.name, is_acting=True)
        for field in model_admin.autocomplete_fields:
            found[f"{label} autocomplete {field}"] = _autocomplete(model, field)
    found["schedule.event save of a given event"] = _save_of(Event, "given", {"city": "Hamilton"})
    found["schedule.performance save of a given set"] = _save_of(Performance, "given_set", {"notes": "Bring a stool."})
    for act in ACTS:
        found[f"accounts.user act {act} page"] = _act(act, is_page=True)
        found[f"accounts.user act {act}"] = _act(act, is_page=False)
    return found


def _functions_of_pages(model: type[models.Model]) -> dict[str, Callable[[SimpleNamespace, str], Call]]:
    def page(name: str, *, of_row: bool = True) -> Callable[[SimpleNamespace, str], Call]:
        return lambda world, who: get(admin_address(model, name, world.rows[model] if of_row else None))

    def add(world: SimpleNamespace, who: str) -> Call:
        path = admin_address(model, "add")
        return post(path, world.forms.setdefault(path, _added(world, model, path)))

    def save(world: SimpleNamespace, who: str) -> Call:
        path = admin_address(model, "change", world.rows[model])
        return post(path, world.forms.setdefault(path, _changed(world, model, path)))

    return {
        "list": page("changelist", of_row=False),
        "add page": page("add", of_row=False),
        "add": add,
        "page": page("change"),
        "save": save,
        "history": page("history"),
        "delete page": page("delete"),
        "delete": lambda world, who: post(
            admin_address(model, "delete", world.rows[model]), {"post": "yes", "confirmed_name": str(world.rows[model])}
        ),
    }


def _form(world: SimpleNamespace, model: type[models.Model], path: str) -> dict[str, Any]:
    """What an admin's browser would send back; nothing for a page that has no form for anybody."""
    page = browser_of(world, "D").get(path)
    form_id = f"{model._meta.model_name}_form"
    if page.status_code != 200 or f'id="{form_id}"'.encode() not in page.content:
        return {}
    return form_in(page, form_id)


def _added(world: SimpleNamespace, model: type[models.Model], path: str) -> dict[str, Any]:
    entered: dict[Any, dict[str, Any]] = {
        Event: {"name": "New Crawl", "date": "2026-12-05", "timezone": "America/Toronto"},
        Performance: {"event": world.draft.pk, "night": str(SATURDAY), "billing": "Late Show", "starts": "23:45"},
        Venue: {"name": "New Venue"},
        BandProfile: {"name": "New Band"},
        Genre: {"name": "new wave", "slug": "new-wave"},
        EventAccess: {"user": world.tara.pk, "event": world.draft.pk},
        Invite: {"email": "second@label.example", "role": "viewer", "days": "7"},
    }
    return {**_form(world, model, path), **entered.get(model, {})}


def _changed(world: SimpleNamespace, model: type[models.Model], path: str) -> dict[str, Any]:
    entered: dict[Any, dict[str, Any]] = {
        Event: {"city": "Hamilton"},
        Performance: {"notes": "Bring a stool."},
        Venue: {"city": "Hamilton"},
        BandProfile: {"description": "Four friends."},
        Genre: {"name": "punk rock"},
        User: {"first_name": "Tamara"},
    }
    return {**_form(world, model, path), **entered.get(model, {})}


def _save_of(model: type[models.Model], which: str, entered: dict[str, Any]) -> Callable[[SimpleNamespace, str], Call]:
    def call(world: SimpleNamespace, who: str) -> Call:
        path = admin_address(model, "change", getattr(world, which))
        return post(path, world.forms.setdefault(path, {**_form(world, model, path), **entered}))

    return call


def _action(model: type[models.Model], action: str) -> Callable[[SimpleNamespace, str], Call]:
    def call(world: SimpleNamespace, who: str) -> Call:
        rows = {
            (Event, "unpublish"): world.public,
            (Event, "archive"): world.public,
            (Event, "unarchive"): world.archived,
            (Performance, "announce"): world.hidden,
            (Performance, "hide"): world.shown,
            (Performance, "restore_state"): world.hidden,
            (Performance, "restore"): world.cancelled,
        }
        row = rows.get((model, action), world.rows[model])
        sent = {"action": action, "_selected_action": [row.pk], "post": "yes"}
        return post(admin_address(model, "changelist"), sent)

    return call


def _inline(model: type[models.Model], inline: Any) -> Callable[[SimpleNamespace, str], Call]:
    def call(world: SimpleNamespace, who: str) -> Call:
        path = admin_address(model, "change", world.rows[model])
        key = f"{path} {inline.__name__}"
        if key not in world.forms:
            prefix = {"DoorsInline": "doors", "AliasInline": "aliases", "PickInline": "picks"}[inline.__name__]
            entered = {
                "DoorsInline": {"night": str(SATURDAY), "opens": "17:00", "venue": world.set.venue_id},
                "AliasInline": {"name": "The Idle Ones"},
                "PickInline": {"performance": world.hidden.pk},
            }[inline.__name__]
            sent = {**_form(world, model, path)}
            count = int((sent.get(f"{prefix}-TOTAL_FORMS") or ["0"])[0])
            sent |= {f"{prefix}-{count}-{name}": value for name, value in entered.items()}
            sent[f"{prefix}-TOTAL_FORMS"] = str(count + 1)
            world.forms[key] = sent
        return post(path, world.forms[key])

    return call


def _autocomplete(model: type[models.Model], field: str) -> Callable[[SimpleNamespace, str], Call]:
    of = f"app_label={model._meta.app_label}&model_name={model._meta.model_name}&field_name={field}"
    return lambda world, who: get(f"/admin/autocomplete/?term=&{of}")


def _row_page(model: type[models.Model], name: str, *, is_acting: bool) -> Callable[[SimpleNamespace, str], Call]:
    """A page of our own about a row: looked at, or with its form sent back."""

    def call(world: SimpleNamespace, who: str) -> Call:
        row: Any = _rows_of_pages(world).get((model, name), world.rows[model])
        more = {"restore_state": first_entry, "export_file": lambda row: "csv"}.get(name)
        path = reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}",
            args=[row.pk, *([more(row)] if more else [])],
        )
        if not is_acting:
            return get(f"{path}?set={world.hidden.pk}" if name.startswith("announce_") else path)
        data = _sent_to_pages(world).get((model, name), {"reason": "She asked."})
        data = _reviewed_poster(world) if name == "poster" else data
        if isinstance(data, str):
            return post(path, data, content_type="application/json")
        return post(path, {**data, "seen_version": getattr(row, "version", "")})

    return call


def _rows_of_pages(world: SimpleNamespace) -> dict[tuple[type[models.Model], str], models.Model]:
    """The rows in the state in which a page acts on them, where that is not any row."""
    return {
        (Event, "unpublish"): world.public,
        (Event, "archive"): world.public,
        (Event, "unarchive"): world.archived,
        (Performance, "restore"): world.cancelled,
        (Performance, "hide"): world.shown,
        (Performance, "restore_state"): world.hidden,
    }


def _sent_to_pages(world: SimpleNamespace) -> dict[tuple[type[models.Model], str], dict[str, Any] | str]:
    """What the forms of pages send."""
    moved = {"id": world.set.pk, "version": world.set.version, "start": None, "end": None, "venue": None}
    arranged = json.dumps({"night": str(SATURDAY), "changes": [moved]})
    hidden = {"set": [world.hidden.pk]}
    return {
        (Event, "announce_now"): hidden,
        (Event, "announce_later"): {**hidden, "date": "2036-10-10", "time": "12:00"},
        (Event, "announce_not_after_all"): {"set": [world.waiting.pk]},
        (Event, "reveal"): {"reveal_mode": "on", "seen_version": world.rows[Event].version},
        (Event, "board_preview"): arranged,
        (Event, "board_save"): arranged,
        (Event, "board_undo"): json.dumps({"batch": str(world.batch)}),
        (Event, "duplicate"): {"name": "Copied Crawl", "date": "2036-10-11", "with_bands": "on"},
        (Event, "deleted_sets"): {"change": world.deleted.pk},
        (Event, "preview_link"): {"days": "3", "show": "everything"},
        (Performance, "replace"): {"reason": "She asked.", "billing": "Somebody else"},
        (BandProfile, "merge"): {"with": world.twin.pk},
    }


def _reviewed_poster(world: SimpleNamespace) -> dict[str, Any]:
    """The rows of a pasted line, as the page that shows them sends them to be imported."""
    path = reverse("admin:schedule_event_poster", args=[world.rows[Event].pk])
    if path not in world.forms:
        page = browser_of(world, "D").post(
            path, {"step": "read", "text": "23:15 Late Band", "night": str(SATURDAY), "dates": "calendar"}
        )
        world.forms[path] = {**form_in(page, "review_form"), "step": "import"}
    return dict(world.forms[path])


def _act(act: str, *, is_page: bool) -> Callable[[SimpleNamespace, str], Call]:
    def call(world: SimpleNamespace, who: str) -> Call:
        person = world.out if act == "reactivate" else world.tara
        path = reverse("admin:accounts_user_act", args=[person.pk, act])
        return get(path) if is_page else post(path, {"reason": "She asked.", SENT_ALONG: "x"})

    return call


# --- Everything else ---------------------------------------------------------------------------


def other_functions() -> dict[str, Callable[[SimpleNamespace, str], Call]]:
    """Functions outside the models of the admin, by the name of their route and what is done there."""
    return {
        "index": at("admin/"),
        "login": at("admin/login/"),
        "app_list": at("admin/^(?P<app_label>accounts|bands|schedule)/$"),
        "autocomplete": lambda world, who: get("/admin/autocomplete/"),
        "jsi18n": at("admin/jsi18n/"),
        "catch_all": at("admin/(?P<url>.*)$"),
        "schedule_event_current_board": at("admin/schedule/event/now/board/"),
        "schedule_event_current_announcements": at("admin/schedule/event/now/announcements/"),
        "schedule_performance_echo": _echo,
        "bands_bandprofile_similar": lambda world, who: get("/admin/bands/bandprofile/similar/?name=Idle"),
        "bands_bandprofile_preview": lambda world, who: post("/admin/bands/bandprofile/preview/", {"text": "*New*"}),
        "shared_preview of a draft": at("^preview/(?P<token>[\\w-]{40,2000})/$"),
        **_own_account(),
        **_door(),
        **_links(),
        **_public(),
    }


def _echo(world: SimpleNamespace, who: str) -> Call:
    return get(f"/admin/schedule/performance/echo/?event={world.draft.pk}&night={SATURDAY}&starts=20:00&ends=20:30")


def at(pattern: str) -> Callable[[SimpleNamespace, str], Call]:
    return lambda world, who: get(address_of(world, "", pattern))


def _named(name: str, **data: Any) -> Callable[[SimpleNamespace, str], Call]:
    path = reverse(f"accounts:{name}")
    return lambda world, who: post(path, data) if data else get(path)


def _bare_post(name: str, **more: Any) -> Callable[[SimpleNamespace, str], Call]:
    return lambda world, who: post(reverse(f"accounts:{name}"), **more)


def _door() -> dict[str, Callable[[SimpleNamespace, str], Call]]:
    def with_code(world: SimpleNamespace, who: str) -> Call:
        return post(reverse("accounts:factor"), {"code": code_for(world.people[who]) if who != "U" else "000000"})

    def ceremony(name: str) -> Callable[[SimpleNamespace, str], Call]:
        def call(world: SimpleNamespace, who: str) -> Call:
            answer = {"name": "Key"}

            def begin(browser: Client) -> None:
                begun = browser.post(reverse(f"accounts:{name}_begin"))
                if begun.status_code == 200:
                    answer["state"] = begun.json()["state"]

            path = reverse(f"accounts:{name}_finish")
            return post(path, answer, content_type="application/json", before=begin)

        return call

    return {
        "sign_in page": _named("sign_in"),
        "sign_in": _named("sign_in", email="v2@label.example", password=PASSWORD),
        "factor page": _named("factor"),
        "factor": with_code,
        "email_code": _bare_post("email_code"),
        "passkey_sign_in_begin": _bare_post("passkey_sign_in_begin"),
        "passkey_sign_in_finish": ceremony("passkey_sign_in"),
        "sign_out": _bare_post("sign_out"),
        "language_choose": _named("language_choose", language="fr"),
        "confirm page": _named("confirm"),
        "confirm": _named("confirm", password=PASSWORD),
        "passkey_confirm_begin": _bare_post("passkey_confirm_begin"),
        "passkey_confirm_finish": ceremony("passkey_confirm"),
        "passkey_register_begin": _bare_post("passkey_register_begin"),
        "passkey_register_finish": ceremony("passkey_register"),
        "session_left": _named("session_left"),
        "session_stay": _bare_post("session_stay"),
    }


def _own_account() -> dict[str, Callable[[SimpleNamespace, str], Call]]:
    def own(name: str, what: str, *kind: str, data: Any = None, **more: Any) -> Callable[[SimpleNamespace, str], Call]:
        def call(world: SimpleNamespace, who: str) -> Call:
            path = reverse(f"accounts:{name}", args=[*kind, world.own[who][what]])
            return get(path) if data is None else post(path, data)

        return call

    def new_app(world: SimpleNamespace, who: str) -> Call:
        path = reverse("accounts:app_add")
        secret = "3132" * 10

        def keep_secret(browser: Client) -> None:
            if browser.get(path).status_code == 200:
                session = browser.session
                session["app_secret"] = seal(secret)
                session.save()

        user = User(email="nobody@label.example")
        return post(path, {"code": app_code(secret), "name": user.email}, before=keep_secret)

    def mailed_code(world: SimpleNamespace, who: str) -> Call:
        path, user = reverse("accounts:email_factor_add"), world.people[who]

        def ask(browser: Client) -> None:
            user.emailfactor_set.all().delete()
            browser.post(path)

        return post(path, _LateCode(user), before=ask)

    def codes(world: SimpleNamespace, who: str) -> Call:
        def keep_codes(browser: Client) -> None:
            session = browser.session
            if "_auth_user_id" in session:
                session["backup_codes"] = seal("ABCD EFGH")
                session.save()

        return get(reverse("accounts:codes_show"), before=keep_codes)

    return {
        "profile page": _named("profile"),
        "profile": _named("profile", first_name="Renamed", last_name="", language="", time_format=""),
        "security": _named("security"),
        "password page": _named("password"),
        "password": _named("password", current_password=PASSWORD, password=NEW_PASSWORD),
        "factor_setup": _named("factor_setup"),
        "app_add page": _named("app_add"),
        "app_add": new_app,
        "email_factor_add page": _named("email_factor_add"),
        "email_factor_add": mailed_code,
        "factor_rename page": own("factor_rename", "app", "app"),
        "factor_rename": own("factor_rename", "app", "app", data={"name": "Her phone"}),
        "factor_remove page": own("factor_remove", "app", "app"),
        "factor_remove": own("factor_remove", "app", "app", data={}),
        "codes_make": _bare_post("codes_make"),
        "codes_show": codes,
        "device_revoke": own("device_revoke", "device", data={}),
        "devices_revoke": _bare_post("devices_revoke"),
        "session_end": own("session_end", "session", data={}),
        "sessions_end": _bare_post("sessions_end"),
    }


class _LateCode(dict):
    """A form with the code that was mailed, known only once it was asked for."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user

    def items(self) -> Any:
        factor = self.user.emailfactor_set.first()
        return {"code": code_from(factor.salt) if factor and factor.salt else "000000"}.items()


def app_code(secret: str) -> str:
    return f"{hotp(bytes.fromhex(secret), int(timezone.now().timestamp()) // 30):06}"


def _links() -> dict[str, Callable[[SimpleNamespace, str], Call]]:
    def opened(world: SimpleNamespace, purpose: str) -> str:
        return reverse("accounts:link_open", args=[purpose, links.token_of(world.links[purpose])])

    def with_link(purpose: str, page: str, data: Any = None) -> Callable[[SimpleNamespace, str], Call]:
        def call(world: SimpleNamespace, who: str) -> Call:
            path, link = reverse(f"accounts:{page}"), opened(world, purpose)

            def open_link(browser: Client) -> None:
                browser.get(link)

            return get(path, before=open_link) if data is None else post(path, data, before=open_link)

        return call

    signed_up = {"email": "new@label.example", "first_name": "New", "last_name": "One", "password": NEW_PASSWORD}
    return {
        "link_open": lambda world, who: get(opened(world, "invite")),
        "sign_up without a link": _named("sign_up"),
        "sign_up page": with_link("invite", "sign_up"),
        "sign_up": with_link("invite", "sign_up", signed_up),
        "activate page": with_link("activate", "activate"),
        "activate": with_link("activate", "activate", {}),
        "reset page": with_link("reset", "reset"),
        "reset": with_link("reset", "reset", {"password": NEW_PASSWORD}),
        "unlock page": with_link("unlock", "unlock"),
        "unlock": with_link("unlock", "unlock", {}),
        "recover page": _named("recover"),
        "recover": _named("recover", email="v2@label.example"),
        "resend page": _named("resend"),
        "resend": _named("resend", email="wait@label.example"),
        "mailbox": _named("mailbox"),
    }


def _public() -> dict[str, Callable[[SimpleNamespace, str], Call]]:
    return {
        "home": at(""),
        "event_detail": at("events/<slug:slug>/"),
        "event_detail of a draft": lambda world, who: get(f"/events/{world.draft.slug}/"),
        "event_calendar": at("events/<slug:slug>/schedule.ics"),
        "event_calendar of a draft": lambda world, who: get(f"/events/{world.draft.slug}/schedule.ics"),
        "set_calendar": at("events/<slug:slug>/sets/<uuid:uid>.ics"),
        "set_calendar of a draft": lambda world, who: get(f"/events/{world.draft.slug}/sets/{world.set.uid}.ics"),
        "band_list": at("bands/"),
        "band_detail": at("bands/<slug:slug>/"),
        "venue_detail": at("venues/<slug:slug>/"),
        "old_event_address": at("^event/(?P<slug>[^/\\0]+)/?$"),
        "old_band_address": at("^band/(?P<name>[^/\\0]+)/?$"),
        "band_photo of nobody": at("^media/bands/(?P<name>[0-9a-f]{32}(?:-320|-800)?\\.(?:jpg|webp))$"),
        "event_poster of nothing": at("^media/posters/(?P<name>[0-9a-f]{32}\\.jpg)$"),
        "schedule": at("api/^schedule/?$"),
        "timeline": at("api/^events/timeline/?$"),
        "public_events": at("api/^events/public/?$"),
        "event_details": at("api/^events/(?P<event_id>[^/]+)/details/?$"),
        "event_details of a draft": lambda world, who: get(f"/api/events/{world.draft.pk}/details"),
        "security_txt": at(".well-known/security.txt"),
        "change_password": at(".well-known/change-password"),
    }
