"""People, invites, lock-outs, sessions and trails in the admin: for admins, after a fresh proof."""

import csv
from datetime import timedelta

import pytest
from django.test import Client

from accounts import factors, inviting, mailing, people
from accounts.lockouts import TooManyAttempts
from accounts.mailing import link_address
from accounts.models import AuditEntry, AuthEvent, FailedAttempt, Invite, Lockout, User, UserSession
from accounts.signing_in import Answer, check_password
from accounts.trails import audit, record_attempt
from tests.accounts.rows import (
    LAPTOP,
    PASSWORD,
    SECOND,
    add_app,
    add_device,
    add_email_factor,
    add_session,
    audited,
    mails,
)
from tests.admin_pages import errors_in, form_in, messages_of, save, sign_in
from tests.factories import NOW, make_admin, make_user

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/"
INVITES = "/admin/accounts/invite/"
LOCKOUTS = "/admin/accounts/lockout/"
SESSIONS = "/admin/accounts/usersession/"
DEVICES = "/admin/accounts/trusteddevice/"
MAILS = "/admin/accounts/accountmail/"
EVENTS = "/admin/accounts/authevent/"
AUDIT = "/admin/accounts/auditentry/"
LISTS = [PEOPLE, INVITES, LOCKOUTS, SESSIONS, DEVICES, MAILS, EVENTS, AUDIT]


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def ana():
    return make_admin()


@pytest.fixture
def admin(client, ana):
    """Ana's browser, her proof fresh."""
    sign_in(client, ana)
    return client


@pytest.fixture
def stale_admin(ana):
    """Ana's browser, her proof one second too old."""
    client = Client()
    sign_in(client, ana)
    session = client.session
    session["confirmed_at"] -= 301
    session.save()
    return client


@pytest.fixture
def ben():
    return make_user("editor", email="ben@label.example", first_name="Benedikt", last_name="Øst")


def act(client, path, action, *rows, **more):
    """Tick rows of a list and run an action on them, to the page it ends on."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return client.post(path, data, follow=True)


def shown(client, path, **query):
    """The rows that a list shows."""
    return list(client.get(path, query).context["cl"].result_list)


def csv_rows(response):
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(response.content.decode().splitlines()))


def last_entry():
    return AuditEntry.objects.values("action", "user_id", "after", "reason").first()


def locked():
    """Five wrong passwords on one network for one account lock both."""
    for _ in range(5):
        check_password("ben@label.example", "wrong", client=LAPTOP, device_token="", now=NOW)
    return list(Lockout.objects.all())


# --- Who comes in ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_lists_of_accounts_are_for_admins(client, role, path):
    sign_in(client, make_user(role))

    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", [*(f"{path}add/" for path in LISTS if path != INVITES)])
def test_nothing_but_invites_is_added(admin, path):
    assert admin.get(path).status_code == 403
    assert admin.post(path, {"email": "new@label.example"}).status_code == 403
    assert User.objects.count() == 1


@pytest.mark.parametrize("act_name", ["reset-password", "reset-factors", "end-sessions", "deactivate"])
def test_acts_are_for_admins(client, ben, act_name):
    sign_in(client, make_user("editor"))

    assert client.get(f"{PEOPLE}{ben.pk}/act/{act_name}/").status_code == 403
    assert client.post(f"{PEOPLE}{ben.pk}/act/{act_name}/", {"reason": "x"}).status_code == 403
    assert (audited(), mails()) == ([], [])


@pytest.mark.parametrize(
    "path",
    [
        "user/{}/change/",
        "user/{}/delete/",
        "user/{}/act/deactivate/",
        "user/{}/act/reset-password/",
        "user/{}/act/end-sessions/",
    ],
)
def test_page_that_matters_asks_for_a_fresh_proof(stale_admin, ben, path):
    path = "/admin/accounts/" + path.format(ben.pk)

    for response in (stale_admin.get(path), stale_admin.post(path, {"reason": "x", "post": "yes", "role": "admin"})):
        assert (response.status_code, response.templates[0].name) == (403, "accounts/confirm.html")
        assert response.context["next"] == path
    assert list(User.objects.filter(pk=ben.pk).values_list("role", "is_active")) == [("editor", True)]
    assert (audited(), mails()) == ([], [])


def test_proof_is_fresh_for_five_minutes(client, ana, ben, time_machine):
    sign_in(client, ana)
    path = f"{PEOPLE}{ben.pk}/change/"

    time_machine.move_to(NOW + timedelta(minutes=5), tick=False)
    assert client.get(path).status_code == 200
    time_machine.move_to(NOW + timedelta(minutes=5) + SECOND, tick=False)
    assert client.get(path).status_code == 403

    response = client.post("/account/confirm/", {"password": PASSWORD, "next": path})
    assert (response.status_code, response["Location"]) == (302, path)
    assert client.get(path).status_code == 200


# --- The list of people ------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_people_list_takes_the_same_queries_for_one_and_for_three(admin, ana, django_assert_num_queries, count):
    add_app(ana)
    for number in range(count - 1):
        person = make_user("viewer", email=f"person{number}@label.example")
        add_app(person)
        add_email_factor(person)
    admin.get(PEOPLE)

    with django_assert_num_queries(10):  # session, person, rights; counts found and all; people; 4 kinds of factors
        response = admin.get(PEOPLE)

    assert response.context["cl"].result_count == count


def test_people_list_shows_what_she_is_and_what_lets_her_in(admin, ben):
    add_app(ben, name="My phone")
    factors.make_backup_codes(ben, now=NOW)

    page = admin.get(PEOPLE, {"q": "ben"}).content.decode()

    for column, text in {
        "email": "ben@label.example",
        "full_name": "Benedikt Øst",
        "role": "Editor",
        "status": "active",
        "factor_names": "My phone, Backup codes",
    }.items():
        cell = page.partition(f"field-{column} ")[2].partition("</t")[0]
        assert text in cell, column


def test_people_list_finds_by_address_and_name(admin, ben):
    found = {term: shown(admin, PEOPLE, q=term) for term in ("BEN@", "dikt", "Øst", "zz")}

    assert found == {"BEN@": [ben], "dikt": [ben], "Øst": [ben], "zz": []}


def test_people_list_filters(admin, ana, ben):
    waiting = make_user("viewer", email="c@label.example", activated_at=None)
    gone = make_user("viewer", email="d@label.example", deactivated_at=NOW, require_2fa=True)
    never = make_user("viewer", email="e@label.example", activated_at=None, deactivated_at=NOW)
    people.limit_to_events(never, is_limited=True, by=None, now=NOW)

    assert {
        query: shown(admin, PEOPLE, **dict([query]))
        for query in [
            ("status", "active"),
            ("status", "waiting"),
            ("status", "deactivated"),
            ("role__exact", "viewer"),
            ("role__exact", "admin"),
            ("require_2fa__exact", "1"),
            ("is_scoped__exact", "1"),
        ]
    } == {
        ("status", "active"): [ana, ben],
        ("status", "waiting"): [waiting],
        ("status", "deactivated"): [gone, never],
        ("role__exact", "viewer"): [waiting, gone, never],
        ("role__exact", "admin"): [ana],
        ("require_2fa__exact", "1"): [gone],
        ("is_scoped__exact", "1"): [never],
    }


def test_people_are_exported_which_is_written_down(admin, ana, ben):
    User.objects.filter(pk=ben.pk).update(first_name="=HYPERLINK(1)", last_name="")

    response = act(admin, PEOPLE, "export", ana, ben)

    assert csv_rows(response) == [
        ["e-mail", "name", "role", "status", "last sign-in"],
        ["ana@label.example", "", "admin", "active", str(User.objects.get(pk=ana.pk).last_login)],
        ["ben@label.example", "'=HYPERLINK(1)", "editor", "active", ""],
    ]
    assert last_entry() == {"action": "people.exported", "user_id": ana.pk, "after": {"people": 2}, "reason": ""}


@pytest.mark.parametrize(
    ("path", "action"),
    [
        (PEOPLE, "export"),
        (AUDIT, "export"),
        (EVENTS, "export"),
        (LOCKOUTS, "lift"),
        (SESSIONS, "end"),
        (DEVICES, "revoke"),
        (INVITES, "revoke"),
        (INVITES, "mail_again"),
    ],
)
def test_actions_of_lists_ask_for_a_fresh_proof(stale_admin, ana, ben, path, action):
    inviting.invite_user("editor", email="c@label.example", by=None, now=NOW)
    add_session(ben)
    add_device(ben)
    locked()
    audit("something", None, by=None, now=NOW)
    rows = list(stale_admin.get(path).context["cl"].queryset)
    before = (audited(), mails(), Lockout.objects.count(), UserSession.objects.count())

    response = act(stale_admin, path, action, *rows)

    assert (response.status_code, response.context["next"]) == (403, path)
    assert (audited(), mails(), Lockout.objects.count(), UserSession.objects.count()) == before


# --- A person ----------------------------------------------------------------------------------


def test_person_is_changed_and_each_change_is_written_down(admin, ben):
    response = save(
        admin, f"{PEOPLE}{ben.pk}/change/", first_name="Ben", role="viewer", is_scoped="on", require_2fa="on"
    )

    assert response["Location"] == PEOPLE
    ben.refresh_from_db()
    assert (ben.first_name, ben.last_name, ben.role, ben.is_scoped, ben.require_2fa) == (
        *("Ben", "Øst", "viewer"),
        *(True, True),
    )
    assert [action for action, _ in audited()] == ["user.updated"] * 3 + ["user.role_changed"]
    assert mails() == [("role_changed", "ben@label.example")]


def test_person_is_not_changed_by_fields_that_the_page_does_not_have(admin, ben):
    before = User.objects.values().get(pk=ben.pk)

    save(
        admin,
        f"{PEOPLE}{ben.pk}/change/",
        email="evil@label.example",
        email_key="evil@label.example",
        password="plain",
        is_active="",
        is_superuser="on",
        is_staff="on",
        groups="1",
        user_permissions="1",
        activated_at="2000-01-01",
        created_at_0="2000-01-01",
        last_login_0="2000-01-01",
        id="99",
    )

    assert User.objects.values().get(pk=ben.pk) == before
    assert audited() == []


def test_person_cannot_be_given_an_unknown_role(admin, ben):
    response = save(admin, f"{PEOPLE}{ben.pk}/change/", role="owner")

    assert errors_in(response) == {"role": ["Select a valid choice. owner is not one of the available choices."]}


def test_last_admin_keeps_her_role(admin, ana):
    response = save(admin, f"{PEOPLE}{ana.pk}/change/", role="editor")

    assert errors_in(response) == {"role": ["This is the last active admin. Make somebody else an admin first."]}
    assert User.objects.get(pk=ana.pk).role == "admin"


def test_admin_who_gives_her_own_role_away_is_signed_out(admin, ana):
    make_user("admin", email="bea@label.example")

    response = save(admin, f"{PEOPLE}{ana.pk}/change/", role="editor")

    assert response.status_code == 302
    assert User.objects.get(pk=ana.pk).role == "editor"
    assert admin.get(PEOPLE)["Location"].startswith("/account/sign-in/")


def test_person_page_says_what_lets_her_in(admin, ben):
    add_app(ben, name="My phone")
    add_session(ben, device="Safari on iPhone")
    add_device(ben)

    page = admin.get(f"{PEOPLE}{ben.pk}/change/").content.decode()

    for text in ("My phone", "<p>Safari on iPhone 203.0.113.7</p>", "<p>Firefox on Linux</p>"):
        assert text in page


def test_person_is_deleted_after_a_question(admin, ana, ben):
    add_session(ben)
    inviting.invite_user("viewer", email="c@label.example", by=ben, now=NOW)
    path = f"{PEOPLE}{ben.pk}/delete/"
    assert admin.get(path).status_code == 200
    assert User.objects.filter(pk=ben.pk).exists()

    response = admin.post(path, {"post": "yes"})

    assert (response.status_code, response["Location"]) == (302, PEOPLE)
    assert not User.objects.filter(pk=ben.pk).exists()
    assert last_entry()["action"] == "user.deleted"


def test_person_does_not_delete_herself(admin, ana):
    make_user("admin", email="bea@label.example")

    response = admin.post(f"{PEOPLE}{ana.pk}/delete/", {"post": "yes"}, follow=True)

    assert messages_of(response) == ["You cannot delete yourself. Ask another admin."]
    assert User.objects.filter(pk=ana.pk).exists()


def test_people_are_not_deleted_by_the_dozen(admin, ben):
    assert "delete_selected" not in admin.get(PEOPLE).content.decode()

    act(admin, PEOPLE, "delete_selected", ben, post="yes")

    assert User.objects.filter(pk=ben.pk).exists()


# --- Acts --------------------------------------------------------------------------------------


def acts_offered(client, person):
    return [name for name, _label in client.get(f"{PEOPLE}{person.pk}/change/").context["acts"]]


def test_acts_that_are_offered_are_those_that_make_sense(admin, ben):
    assert acts_offered(admin, ben) == ["reset-password", "end-sessions", "deactivate"]
    add_app(ben)
    assert acts_offered(admin, ben) == ["reset-password", "reset-factors", "end-sessions", "deactivate"]
    people.deactivate_user(ben, by=None, now=NOW)
    assert acts_offered(admin, ben) == ["reset-factors", "end-sessions", "reactivate"]


@pytest.mark.parametrize("name", ["reset-factors", "reactivate", "make-owner"])
def test_act_that_is_not_offered_is_not_found(admin, ben, name):
    path = f"{PEOPLE}{ben.pk}/act/{name}/"

    assert [admin.get(path).status_code, admin.post(path, {"reason": "x"}).status_code] == [404, 404]
    assert admin.get(f"{PEOPLE}99999/act/deactivate/").status_code == 404


@pytest.mark.parametrize("name", ["reset-password", "reset-factors", "deactivate"])
@pytest.mark.parametrize("reason", ["", "  "])
def test_act_that_needs_a_reason_is_not_done_without(admin, ben, name, reason):
    add_app(ben)
    before = (audited(), mails())

    response = admin.post(f"{PEOPLE}{ben.pk}/act/{name}/", {"reason": reason})

    assert response.context["form"].errors == {"reason": ["This field is required."]}
    assert (audited(), mails()) == before


@pytest.mark.parametrize(("length", "is_done"), [(500, True), (501, False)])
def test_reason_has_500_characters_at_most(admin, ben, length, is_done):
    admin.post(f"{PEOPLE}{ben.pk}/act/deactivate/", {"reason": "x" * length})

    assert User.objects.get(pk=ben.pk).is_active is not is_done


def test_admin_has_a_new_password_set(admin, ana, ben):
    response = admin.post(f"{PEOPLE}{ben.pk}/act/reset-password/", {"reason": "she rang"}, follow=True)

    assert messages_of(response) == ["Done: Have a new password set."]
    assert (last_entry()["action"], last_entry()["reason"]) == ("user.password_reset", "she rang")
    assert mails() == [("reset", "ben@label.example")]


def test_admin_resets_factors(admin, ana, ben):
    add_app(ana)
    add_app(ben)

    admin.post(f"{PEOPLE}{ben.pk}/act/reset-factors/", {"reason": "lost her phone"})

    assert factors.factors_of(User.objects.get(pk=ben.pk)) == []
    assert (last_entry()["action"], last_entry()["reason"]) == ("factors.reset", "lost her phone")


def test_admin_cannot_reset_her_own_factors(admin, ana):
    add_app(ana)

    response = admin.post(f"{PEOPLE}{ana.pk}/act/reset-factors/", {"reason": "x"})

    assert response.context["form"].non_field_errors() == ["Remove your own factors on your own page."]
    assert factors.has_factor(User.objects.get(pk=ana.pk))


def test_admin_signs_somebody_out_everywhere(admin, ben):
    add_session(ben)
    device = add_device(ben)
    assert admin.get(f"{PEOPLE}{ben.pk}/act/end-sessions/").status_code == 200
    assert ben.sessions.count() == 1  # asking does nothing

    admin.post(f"{PEOPLE}{ben.pk}/act/end-sessions/")

    device.refresh_from_db()
    assert (ben.sessions.count(), device.revoked_at) == (0, None)


def test_admin_deactivates_and_reactivates(admin, ana, ben):
    admin.post(f"{PEOPLE}{ben.pk}/act/deactivate/", {"reason": "left"})
    ben.refresh_from_db()
    assert (ben.is_active, ben.deactivated_by) == (False, ana)

    admin.post(f"{PEOPLE}{ben.pk}/act/reactivate/")
    ben.refresh_from_db()
    assert (ben.is_active, ben.deactivated_by) == (True, None)


def test_admin_cannot_deactivate_herself(admin, ana):
    make_user("admin", email="bea@label.example")

    response = admin.post(f"{PEOPLE}{ana.pk}/act/deactivate/", {"reason": "x"})

    assert response.context["form"].non_field_errors() == ["You cannot deactivate yourself. Ask another admin."]


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_acts_know_two_methods(admin, ben, method):
    assert getattr(admin, method)(f"{PEOPLE}{ben.pk}/act/deactivate/").status_code == 405


# --- Invites -----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_invite_list_takes_the_same_queries_for_one_and_for_three(admin, ana, django_assert_num_queries, count):
    for number in range(count):
        inviting.invite_user("editor", email=f"{number}@label.example", by=ana, now=NOW)
    admin.get(INVITES)

    with django_assert_num_queries(6):  # session, person, rights; counts found and all; invites with people
        response = admin.get(INVITES)

    assert response.context["cl"].result_count == count


def test_invite_is_made_and_its_link_shown(admin, ana):
    response = save(admin, f"{INVITES}add/", email="ben@label.example", role="viewer", days="365")

    invite = Invite.objects.get()
    assert response["Location"] == f"{INVITES}{invite.pk}/change/"
    assert (invite.email, invite.role, invite.created_by, invite.expires_at) == (
        *("ben@label.example", "viewer"),
        *(ana, NOW + timedelta(days=365)),
    )
    assert mails() == [("invite", "ben@label.example")]
    assert link_address(invite) in admin.get(response["Location"]).content.decode()


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"days": "0"}, {"days": ["Ensure this value is greater than or equal to 1."]}),
        ({"days": "366"}, {"days": ["Ensure this value is less than or equal to 365."]}),
        ({"days": ""}, {"days": ["This field is required."]}),
        ({"email": "ben"}, {"email": ["Enter a valid email address."]}),
        ({"role": "owner"}, {"role": ["Select a valid choice. owner is not one of the available choices."]}),
    ],
)
def test_invite_that_will_not_do_is_refused_beside_the_field(admin, fields, errors):
    assert errors_in(save(admin, f"{INVITES}add/", **fields)) == errors

    assert (Invite.objects.count(), mails()) == (0, [])


def test_invite_proposes_an_editor_and_seven_days(admin):
    sent = form_in(admin.get(f"{INVITES}add/"), "invite_form")

    assert (sent["email"], sent["role"], sent["days"]) == ([""], ["editor"], ["7"])


def test_invite_takes_nothing_else(admin, ana, ben):
    save(
        admin,
        f"{INVITES}add/",
        created_by=str(ben.pk),
        account=str(ben.pk),
        salt="x",
        digest="x",
        used_at_0="2026-01-01",
    )

    invite = Invite.objects.get()
    assert (invite.created_by, invite.account, invite.used_at) == (ana, None, None)
    assert len(invite.digest) == 64


@pytest.mark.parametrize("end", ["used", "revoked", "expired"])
def test_invite_shows_its_link_only_while_it_is_open(admin, ana, end):
    invite = inviting.invite_user("viewer", email="ben@label.example", by=ana, now=NOW - timedelta(days=7) + SECOND)
    path, address = f"{INVITES}{invite.pk}/change/", link_address(invite)
    assert address in admin.get(path).content.decode()

    if end == "used":
        inviting.sign_up(invite, email=invite.email, password=PASSWORD, first_name="B", last_name="", now=NOW)
    elif end == "revoked":
        inviting.revoke_invite(invite, by=ana, now=NOW)
    else:
        Invite.objects.update(expires_at=NOW)

    page = admin.get(path).content.decode()
    assert address not in page
    assert "This link no longer works." in page
    assert f">{end}<" in page


def test_invite_is_not_shown_a_link_that_the_key_cannot_make_again(admin, ana, settings):
    invite = inviting.invite_user("viewer", by=ana, now=NOW)
    Invite.objects.filter(pk=invite.pk).update(salt="another")

    page = admin.get(f"{INVITES}{invite.pk}/change/").content.decode()

    assert "The key of this installation was changed since: revoke this invite and make a new one." in page


def test_invite_is_not_changed_or_deleted(admin, ana):
    invite = inviting.invite_user("viewer", by=ana, now=NOW)
    before = Invite.objects.values().get()

    assert admin.post(f"{INVITES}{invite.pk}/change/", {"role": "admin"}).status_code == 403
    assert admin.post(f"{INVITES}{invite.pk}/delete/", {"post": "yes"}).status_code == 403

    assert Invite.objects.values().get() == before


def test_invites_are_revoked(admin, ana):
    rows = [inviting.invite_user("viewer", email=f"{n}@label.example", by=ana, now=NOW) for n in range(2)]
    inviting.revoke_invite(rows[0], by=ana, now=NOW)

    assert messages_of(act(admin, INVITES, "revoke", *rows)) == ["1 invite revoked."]
    assert messages_of(act(admin, INVITES, "revoke", *rows)) == ["0 invites revoked."]

    assert Invite.objects.filter(revoked_at=NOW).count() == 2


def test_invites_are_mailed_again(admin, ana):
    rows = [inviting.invite_user("viewer", email=email, by=ana, now=NOW) for email in ("ben@label.example", "")]

    response = act(admin, INVITES, "mail_again", *rows)

    assert sorted(messages_of(response)) == [
        "The invite is on its way to ben@label.example.",
        "anybody (Viewer) cannot be mailed: it names no address or works no more.",
    ]
    assert mails() == [("invite", "ben@label.example")] * 2


# --- Lock-outs, sessions, devices, mails -------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("path", [LOCKOUTS, SESSIONS, DEVICES, MAILS, EVENTS, AUDIT])
def test_lists_take_the_same_queries_for_one_and_for_three(admin, ana, django_assert_num_queries, path, count):
    UserSession.objects.filter(user=ana).update(signed_in_at=NOW)
    for number in range(count):
        person = make_user("viewer", email=f"person{number}@label.example")
        Lockout.objects.create(
            scope="account", key=str(number), user=person, reason="password", locked_at=NOW, locked_until=NOW + SECOND
        )
        if number:
            add_session(person)
        add_device(person)
        mailing.queue_notice(person, "tried", now=NOW)
    admin.get(path)

    # session, person, active, rights; counts found and all; rows. Mails and audit: choices of the filter.
    # Trails: one count, first and last, years.
    with django_assert_num_queries({MAILS: 7, EVENTS: 7, AUDIT: 8}.get(path, 6)):
        response = admin.get(path)

    assert response.context["cl"].result_count == count


def test_lockouts_are_lifted(admin, ana, ben):
    locks = locked()
    assert len(locks) == 2
    with pytest.raises(TooManyAttempts):
        check_password("ben@label.example", PASSWORD, client=LAPTOP, device_token="", now=NOW)

    response = act(admin, LOCKOUTS, "lift", *locks)

    assert messages_of(response) == ["2 lock-outs lifted."]
    assert (Lockout.objects.count(), FailedAttempt.objects.count()) == (0, 0)
    answer = check_password("ben@label.example", PASSWORD, client=LAPTOP, device_token="", now=NOW).answer
    assert answer is Answer.RIGHT
    assert [action for action, _ in audited()] == ["lockout.lifted"] * 2


def test_sessions_are_ended(admin, ana, ben):
    session = add_session(ben)
    UserSession.objects.create(session_key="x", session_data="", expire_date=NOW + SECOND, last_seen_at=NOW)
    assert {row.user for row in shown(admin, SESSIONS)} == {ana, ben}  # nobody's are not listed

    response = act(admin, SESSIONS, "end", session)

    assert messages_of(response) == ["1 session ended."]
    assert ben.sessions.count() == 0
    assert audited() == [("session.ended", "Benedikt Øst")]


def test_trusted_devices_are_revoked(admin, ben):
    device = add_device(ben)

    response = act(admin, DEVICES, "revoke", device)

    device.refresh_from_db()
    assert (messages_of(response), device.revoked_at) == (["The second factor is asked again."], NOW)


@pytest.mark.parametrize("path", [LOCKOUTS, SESSIONS, DEVICES, MAILS, EVENTS, AUDIT])
def test_rows_that_the_house_writes_are_looked_at_alone(admin, ana, ben, path):
    locked()
    add_session(ben)
    add_device(ben)
    row = shown(admin, path)[-1]

    page = f"{path}{row.pk}/change/"
    assert admin.get(page).status_code == 200
    assert admin.post(page, {"reason": "x", "user": ana.pk}).status_code == 403
    assert admin.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert 'name="_save"' not in admin.get(page).content.decode()
    act(admin, path, "delete_selected", row, post="yes")
    assert type(row).objects.filter(pk=row.pk).exists()


def test_mails_show_neither_link_nor_code(admin, ben):
    add_email_factor(ben)
    invite = inviting.invite_user("viewer", email="c@label.example", by=None, now=NOW)

    pages = [admin.get(MAILS), *(admin.get(f"{MAILS}{row.pk}/change/") for row in shown(admin, MAILS))]

    for page in pages:
        for mail in ben.mails.filter(kind="code"):
            assert mail.facts["salt"] not in page.content.decode()
        assert link_address(invite).rsplit("/", 2)[1] not in page.content.decode()


# --- Trails ------------------------------------------------------------------------------------


def test_audit_trail_shows_each_change(admin, ana, ben):
    people.change_role(ben, "viewer", by=ana, now=NOW)

    page = admin.get(AUDIT).content.decode()

    assert '<div>role: <span class="trail-before">editor</span> → viewer</div>' in page
    assert "ana@label.example" in page


def test_audit_trail_shows_what_somebody_typed_as_text(admin, ana, ben):
    people.update_profile(ben, by=ana, now=NOW, first_name="<script>alert(1)</script>")

    assert "<script>alert" not in admin.get(AUDIT).content.decode()


def test_audit_trail_is_searched_and_filtered(admin, ana, ben):
    people.change_role(ben, "viewer", by=ana, now=NOW)
    audit("trail.pruned", None, by=None, now=NOW, reason="yearly")
    role, pruned = AuditEntry.objects.order_by("pk")

    assert {
        query: shown(admin, AUDIT, **dict([query]))
        for query in [("q", "ana@"), ("q", "yearly"), ("q", "zz"), ("action", "user.role_changed")]
    } == {("q", "ana@"): [role], ("q", "yearly"): [pruned], ("q", "zz"): [], ("action", "user.role_changed"): [role]}


def test_audit_trail_is_exported_without_formulas(admin, ana):
    for label in ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "1-1"):
        audit("thing.changed", None, by=ana, now=NOW, label=label, after={"name": "=2"})
    rows = list(AuditEntry.objects.order_by("pk"))

    response = act(admin, AUDIT, "export", *rows)

    text = response.content.decode()
    assert response["Content-Disposition"] == 'attachment; filename="auditentry.csv"'
    head, *cells = csv.reader(text.replace("\rx", "<CR>x").splitlines())
    labels = [row[head.index("object_label")] for row in cells]
    assert labels == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "'<CR>x", "1-1"]
    assert head[:3] == ["at", "who", "action"]
    assert last_entry() == {"action": "trail.exported", "user_id": ana.pk, "after": {"rows": 7}, "reason": ""}


def test_sign_in_history_is_exported(admin, ana, ben):
    event = record_attempt(AuthEvent.Kind.SIGN_IN, success=False, event="x", reason="wrong password", user=ben, now=NOW)

    rows = csv_rows(act(admin, EVENTS, "export", event))

    assert rows == [
        ["at", "kind", "success", "reason", "who", "address", "agent"],
        ["2026-10-01T12:00:00+00:00", "sign_in", "False", "wrong password", "ben@label.example", "", ""],
    ]
    assert [action for action, _ in audited()] == ["trail.exported"]


def test_trail_whose_origin_was_erased_says_so(admin, ana):
    entry = audit("thing.changed", None, by=ana, now=NOW)
    entry.origin.delete()

    page = admin.get(f"{AUDIT}{entry.pk}/change/").content.decode()

    assert page.count("erased") == 2


def test_trail_is_exported_as_a_whole_the_newest_row_last(admin, ana):
    for number in range(60):  # a page of the list has 50
        audit("thing.changed", None, by=ana, now=NOW, label=f"row {number}")

    head, *cells = csv_rows(act(admin, AUDIT, "export", AuditEntry.objects.first(), select_across="1"))

    assert [row[head.index("object_label")] for row in cells] == [f"row {number}" for number in range(60)]
    assert last_entry()["after"] == {"rows": 60}


# --- Selections that no page offers ------------------------------------------------------------


@pytest.mark.parametrize("selected", ["abc", "-1", "1.5", "²", "999999", "9" * 30])
@pytest.mark.parametrize("path", [PEOPLE, AUDIT])
def test_selection_with_a_row_that_is_not_there_is_not_found(admin, ana, path, selected):
    audit("thing.changed", None, by=ana, now=NOW)
    own = (ana if path == PEOPLE else AuditEntry.objects.get()).pk

    answers = [
        admin.post(path, {"action": "export", "_selected_action": each}).status_code
        for each in (selected, [own, selected])
    ]

    assert answers == [404, 404]
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "query"),
    [(PEOPLE, "password__startswith"), (PEOPLE, "email__contains"), (INVITES, "account__password__startswith")],
)
def test_lists_are_narrowed_by_their_own_filters_alone(admin, path, query):
    assert admin.get(path, {query: "a"}).status_code == 400
