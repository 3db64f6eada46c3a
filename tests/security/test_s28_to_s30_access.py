"""S28 to S30: rows of others, fields that are not asked for, and other people's own pages. The rest is the matrix."""

# ruff: noqa: N802 (tests bear the numbers of the security programme)

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.cache import cache
from django.urls import reverse

from accounts.models import Invite, User, UserSession
from bands.models import BandProfile, Genre
from schedule.models import Event, Performance, Venue
from tests.accounts.people import PASSWORD, give_app
from tests.admin_pages import form_in
from tests.security.calls import admin_functions, other_functions
from tests.security.world import (
    SUBJECTS,
    admin_address,
    browser_of,
    fingerprint,
    taken_back,
)

pytestmark = pytest.mark.django_db

# --- S28: guessing and pointing ----------------------------------------------------------------

HIDDEN = ["password", "digest", "salt", "session_key", "session_data", "sealed_secret", "key_hash", "contact_email"]


@pytest.mark.parametrize("subject", ["V", "X", "D"])
def test_S28_lists_are_not_narrowed_by_what_they_hide(world, subject):
    """A filter that anybody can write would tell, sign by sign, what is in a column that no page shows."""
    browser, open_filters = browser_of(world, subject), []
    for model in admin.site._registry:
        path = admin_address(model, "changelist")
        if browser.get(path).status_code != 200:
            continue
        own = {field.name for field in model._meta.get_fields()}
        lookups = [f"{name}__startswith" for name in HIDDEN if name in own]
        related = [field.name for field in model._meta.get_fields() if field.related_model is User]
        lookups += [f"{name}__password__startswith" for name in related]
        lookups += [f"{name}__email__startswith" for name in related]
        lookups += ["user__password__startswith", "event__created_by__password__startswith"]
        answers = {lookup: browser.get(path, {lookup: "a"}) for lookup in lookups}
        open_filters += [(path, lookup) for lookup, answer in answers.items() if answer.status_code != 400]
    assert open_filters == []


@pytest.mark.parametrize("subject", ["V", "E", "X"])
def test_S28_lists_of_the_house_are_not_reached_through_a_popup(world, subject):
    browser, answers = browser_of(world, subject), set()
    for model in admin.site._registry:
        if model._meta.app_label == "accounts":
            for query in ("_popup=1", "_to_field=id", "_popup=1&_to_field=password", "_to_field=digest"):
                for page in ("changelist", "add"):
                    answers.add(browser.get(f"{admin_address(model, page)}?{query}").status_code)
    assert answers <= {400, 403}


@pytest.mark.parametrize("model", [Event, Venue, BandProfile, Performance])
@pytest.mark.parametrize("field", ["created_by", "password", "contact_email", "name", "revision"])
def test_S28_popup_returns_no_field_but_the_key(world, model, field):
    response = browser_of(world, "E").get(f"{admin_address(model, 'changelist')}?_to_field={field}&_popup=1")

    assert response.status_code == 400


@pytest.mark.parametrize("subject", ["V", "E", "X", "D"])
@pytest.mark.parametrize(
    ("app", "model", "field"),
    [
        ("accounts", "usersession", "user"),
        ("accounts", "invite", "account"),
        ("schedule", "event", "created_by"),
        ("schedule", "eventaccess", "user"),
        ("schedule", "performance", "password"),
        ("schedule", "nothing", "event"),
        ("auth", "group", "permissions"),
    ],
)
def test_S28_autocomplete_finds_people_for_nobody_who_may_not_see_them(world, subject, app, model, field):
    query = {"app_label": app, "model_name": model, "field_name": field, "term": "label"}
    response = browser_of(world, subject).get("/admin/autocomplete/", query)

    found = response.json().get("results", []) if response.status_code == 200 else []
    assert subject == "D" or found == []
    assert response.status_code in {200, 403}


def test_S28_foreign_row_is_answered_like_one_that_is_not_there(world):
    """For an editor with a scope: in the path, and among her own in a list of selected rows."""
    browser, before = browser_of(world, "X"), fingerprint()

    pages = [browser.get(f"/admin/schedule/event/{pk}/change/") for pk in (world.draft.pk, 10**9)]
    mixed = {"action": "publish_empty", "_selected_action": [world.given.pk, world.draft.pk]}
    in_a_list = browser.post("/admin/schedule/event/", mixed)
    in_a_body = browser.post(
        "/admin/schedule/performance/add/",
        {"event": world.draft.pk, "night": str(world.draft.date), "billing": "Mine", "starts": "23:45"},
    )

    assert [page.status_code for page in pages] == [404, 404]
    assert pages[0].content == pages[1].content
    assert in_a_list.status_code == 404
    assert in_a_body.status_code == 200
    assert "Select a valid choice" in in_a_body.content.decode()
    assert fingerprint() == before


def test_S28_refusal_of_a_role_says_so_and_is_logged(world, log):
    response = browser_of(world, "V").get(admin_address(User, "changelist"))

    assert response.status_code == 403
    assert "Your role does not allow this." in response.content.decode()
    assert log() == ["authz_fail"]


@pytest.mark.parametrize("subject", ["V", "E", "X"])
def test_S28_contact_data_is_read_by_nobody_who_does_not_work_with_it(world, subject):
    browser = browser_of(world, subject)
    said = "".join(
        browser.get(admin_address(model, page, world.rows[model] if page != "changelist" else None)).content.decode()
        for model in (BandProfile, Venue)
        for page in ("changelist", "change", "history")
    )

    found = {secret in said for secret in ("private@band.example", "private@venue.example", "+1 519 555 0199")}
    assert found == {subject != "V"}


# --- S29: fields that no form has --------------------------------------------------------------

NOT_ASKED = {
    "role": "admin",
    "is_active": "on",
    "is_staff": "on",
    "is_superuser": "on",
    "is_scoped": "",
    "require_2fa": "",
    "email": "evil@label.example",
    "email_key": "evil@label.example",
    "password": "pwned pwned pwned",
    "activated_at": "2026-01-01",
    "deactivated_at": "2026-01-01",
    "id": "999999",
    "pk": "999999",
    "user": "1",
    "user_id": "1",
    "created_by": "1",
    "updated_by": "1",
    "account": "1",
    "status": "published",
    "published_at": "2026-01-01",
    "is_announced": "on",
    "announced_at": "2026-01-01",
    "revision": "77",
    "uid": "00000000-0000-4000-8000-000000000000",
    "sequence": "77",
    "used_at": "2026-01-01",
    "revoked_at": "2026-01-01",
    "expires_at": "2036-01-01",
    "digest": "0" * 64,
    "salt": "0",
    "popularity_score": "77",
    "total_views": "77",
    "__proto__": "x",
    "groups": "1",
    "user_permissions": "1",
}
OWN_FORMS = ["profile", "password", "app_add", "email_factor_add", "factor_rename", "sign_up", "reset", "recover"]


@pytest.mark.parametrize("function", OWN_FORMS)
def test_S29_form_with_a_field_that_it_does_not_have_is_refused(world, function):
    """One's own account and the links that are mailed: nothing at all happens, so it is no use to try."""
    call = other_functions()[function](world, "E")
    changed = []
    for field, value in NOT_ASKED.items():
        if field in dict(call.data.items()):
            continue

        def attempt(field=field, value=value):
            cache.clear()
            browser = browser_of(world, "E")
            if call.before:
                call.before(browser)
            before = fingerprint()
            response = browser.post(call.path, {**dict(call.data.items()), field: value})
            return response.status_code, fingerprint() == before

        status, is_unchanged = taken_back(attempt)
        if not is_unchanged or status != 200:
            changed.append((field, status))
    assert changed == []


ADDS = [Event, Performance, Venue, BandProfile, Genre, Invite]
SAVES = [Event, Performance, Venue, BandProfile, Genre, User]


@pytest.mark.parametrize(
    ("model", "function"), [*((model, "add") for model in ADDS), *((model, "save") for model in SAVES)]
)
def test_S29_fields_that_no_form_of_the_admin_shows_are_left_alone(world, model, function):
    """What is written with them is what is written without them."""
    call = admin_functions()[f"{model._meta.label_lower} {function}"](world, "D")
    shown = set(form_in(browser_of(world, "D").get(call.path), f"{model._meta.model_name}_form"))
    more = {name: value for name, value in NOT_ASKED.items() if name not in shown}
    assert len(more) > 20

    def written(data):
        cache.clear()
        known = set(model._default_manager.values_list("pk", flat=True))
        response = browser_of(world, "D").post(call.path, data)
        assert response.status_code == 302, response.context["errors"]
        rows = model._default_manager.all()
        row = rows.exclude(pk__in=known).get() if function == "add" else rows.get(pk=world.rows[model].pk)
        fields = [field.attname for field in model._meta.concrete_fields if field.attname not in TOUCHED]
        return row.pk, {name: getattr(row, name) for name in fields}

    _, plain = taken_back(lambda: written(call.data))
    number, attacked = taken_back(lambda: written({**call.data, **more}))

    assert attacked == plain
    assert str(number) != NOT_ASKED["id"]


# Made anew at every writing.
TOUCHED = {
    "id",  # PostgreSQL gives no number twice, also not after a rollback
    "created_at",
    "updated_at",
    "changed_at",
    "announced_at",
    "published_at",
    "salt",
    "digest",
    "uid",
    "expires_at",
}


# --- S30: "me" of somebody else ----------------------------------------------------------------


@pytest.mark.parametrize("subject", ["V", "E", "X", "D"])
def test_S30_nobody_acts_on_what_is_somebody_elses(world, subject):
    owner = world.people["E" if subject != "E" else "D"]
    own = world.own["E" if subject != "E" else "D"]
    codes = owner.backupcodesheet_set.create(name="Codes", created_at=owner.created_at)
    mail = owner.emailfactor_set.get()
    before = fingerprint()

    addresses = {
        "device": reverse("accounts:device_revoke", args=[own["device"]]),
        "session": reverse("accounts:session_end", args=[own["session"]]),
        **{
            f"{kind} {act}": reverse(f"accounts:factor_{act}", args=[kind, pk])
            for kind, pk in (("app", own["app"]), ("email", mail.pk), ("codes", codes.pk), ("nothing", 1))
            for act in ("rename", "remove")
        },
    }
    answers = {name: browser_of(world, subject).post(path, {"name": "Mine"}) for name, path in addresses.items()}
    pages = {name: browser_of(world, subject).get(path) for name, path in addresses.items() if " " in name}

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(addresses, 404)
    assert {answer.status_code for answer in pages.values()} == {404}
    assert len({answer.content for answer in (*answers.values(), *pages.values())}) == 1
    assert fingerprint() == before


@pytest.mark.parametrize("subject", ["V", "E", "X"])
def test_S30_what_ends_all_ends_ones_own_alone(world, subject):
    others = UserSession.objects.exclude(user=world.people[subject]).exclude(user=None)
    before = set(others.values_list("pk", flat=True))

    browser_of(world, subject).post(reverse("accounts:sessions_end"))
    browser_of(world, subject).post(reverse("accounts:devices_revoke"))

    assert set(others.values_list("pk", flat=True)) == before
    assert world.people[subject].sessions.count() == 1
    devices = apps.get_model("accounts", "trusteddevice").objects
    assert {device.user_id for device in devices.filter(revoked_at__isnull=False)} == {world.people[subject].pk}


def test_S30_passwords_of_others_are_not_asked_for(world):
    """Her own page changes her own password, whatever number goes with it."""
    give_app(world.people["V"], "31" * 20)
    data = {"current_password": PASSWORD, "password": "another staple of my own"}
    browser = browser_of(world, "V")
    browser.post(f"{reverse('accounts:password')}?user={world.people['D'].pk}&pk={world.people['D'].pk}", data)

    changed = {who for who in SUBJECTS if not User.objects.get(pk=world.people[who].pk).check_password(PASSWORD)}
    assert changed == {"V"}
