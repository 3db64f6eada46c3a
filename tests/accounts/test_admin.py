"""People in the admin: found, made and edited by their address."""

import pytest
from django.contrib.auth.models import Permission

from accounts.models import User
from tests.factories import make_admin, make_event, make_set

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"
PASSWORD = "seven new strings a night"


@pytest.fixture
def admin_client(client):
    client.force_login(make_admin())
    return client


def errors_of(response):
    assert response.status_code == 200
    return {name: list(errors) for name, errors in response.context["adminform"].form.errors.items()}


def person_data(user, **changes):
    """What the change form would post unchanged, with changes; a box is ticked by "on"."""
    data = {"email": user.email, "first_name": user.first_name, "last_name": user.last_name}
    data |= {name: "on" for name in ("is_active", "is_staff", "is_superuser") if getattr(user, name)}
    return {name: value for name, value in {**data, **changes}.items() if value is not None}


@pytest.mark.parametrize("count", [1, 3])
def test_user_list_takes_the_same_queries_for_one_and_for_three(admin_client, django_assert_num_queries, count):
    for number in range(count - 1):
        User.objects.create_user(f"person{number}@label.example")
    admin_client.get(LIST)

    with django_assert_num_queries(6):  # session; who asks; groups for the filter; counts found and all; people
        response = admin_client.get(LIST)

    assert response.context["cl"].result_count == count


def test_user_list_finds_by_address_and_name(admin_client):
    ben = User.objects.create_user("ben@label.example", first_name="Benedikt", last_name="Øst")

    found = {
        term: list(admin_client.get(LIST, {"q": term}).context["cl"].queryset) for term in ("BEN@", "dikt", "Øst", "zz")
    }

    assert found == {"BEN@": [ben], "dikt": [ben], "Øst": [ben], "zz": []}


def test_user_is_added_with_a_password_that_works(admin_client, client):
    data = {"email": "ben@Label.example", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}

    response = admin_client.post(f"{LIST}add/", data)

    ben = User.objects.get(email="ben@label.example")
    assert response["Location"] == f"{LIST}{ben.pk}/change/"
    assert ben.check_password(PASSWORD)
    assert (ben.is_staff, ben.is_superuser) == (False, False)


def test_user_is_added_without_a_password(admin_client):
    admin_client.post(f"{LIST}add/", {"email": "ben@label.example", "usable_password": "false"})

    assert not User.objects.get(email="ben@label.example").has_usable_password()


@pytest.mark.parametrize(
    ("email", "password", "errors"),
    [
        ("ANA@label.example", PASSWORD, {"__all__": ["This e-mail address already has an account."]}),
        ("ben", PASSWORD, {"email": ["Enter a valid email address."]}),
        ("", PASSWORD, {"email": ["This field is required."]}),
        (
            "ben@label.example",
            "Salz!9pfeff",
            {"password2": ["This password is too short. It must contain at least 12 characters."]},
        ),
        ("ben@label.example", "password1234", {"password2": ["This password is too common."]}),
        (
            "benedikt.oest@label.example",
            "benedikt.oest",
            {"password2": ["The password is too similar to the e-mail address."]},
        ),
    ],
)
def test_user_that_cannot_be_added_is_refused_with_a_sentence(admin_client, email, password, errors):
    data = {"email": email, "usable_password": "true", "password1": password, "password2": password}

    assert errors_of(admin_client.post(f"{LIST}add/", data)) == errors

    assert User.objects.count() == 1


def test_user_is_edited(admin_client):
    ben = User.objects.create_user("ben@label.example", PASSWORD)
    viewing = Permission.objects.get(codename="view_event")

    response = admin_client.post(
        f"{LIST}{ben.pk}/change/",
        person_data(ben, first_name="Ben", is_staff="on", user_permissions=[viewing.pk]),
    )

    assert response["Location"] == LIST
    ben.refresh_from_db()
    assert (ben.first_name, ben.is_staff, ben.is_superuser, ben.is_active) == ("Ben", True, False, True)
    assert list(ben.user_permissions.all()) == [viewing]
    assert ben.check_password(PASSWORD)


def test_user_cannot_be_given_the_address_of_another(admin_client):
    ben = User.objects.create_user("ben@label.example")

    response = admin_client.post(f"{LIST}{ben.pk}/change/", person_data(ben, email="Ana@label.example"))

    assert errors_of(response) == {"__all__": ["This e-mail address already has an account."]}


def test_user_gets_a_new_password(admin_client):
    ben = User.objects.create_user("ben@label.example", "the old one, long enough")

    admin_client.post(
        f"{LIST}{ben.pk}/password/", {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    )

    ben.refresh_from_db()
    assert ben.check_password(PASSWORD)


def test_user_who_is_switched_off_is_signed_out(admin_client, client):
    ana = User.objects.get()

    admin_client.post(f"{LIST}{ana.pk}/change/", person_data(ana, is_active=None))

    assert admin_client.get(LIST)["Location"] == f"/admin/login/?next={LIST}"


def test_user_history_is_not_writable(admin_client):
    ben = User.objects.create_user("ben@label.example")
    before = User.objects.values("created_at", "last_login", "password").get(pk=ben.pk)

    admin_client.post(
        f"{LIST}{ben.pk}/change/",
        person_data(ben, created_at_0="2000-01-01", created_at_1="00:00", last_login_0="2000-01-01", password="plain"),
    )

    assert User.objects.values("created_at", "last_login", "password").get(pk=ben.pk) == before


def test_user_is_deleted_without_what_she_made(admin_client):
    ben = User.objects.create_user("ben@label.example", first_name="Ben")
    event = make_event(by=ben)
    performance = make_set(event, by=ben)

    admin_client.post(f"{LIST}{ben.pk}/delete/", {"post": "yes"})

    event.refresh_from_db()
    performance.refresh_from_db()
    assert (event.created_by, performance.created_by, set(event.changes.values_list("by", flat=True))) == (
        None,
        None,
        {None},
    )
    assert not User.objects.filter(pk=ben.pk).exists()


def test_sign_in_page_takes_the_address_in_any_capitals(client):
    User.objects.create_user("ana@label.example", PASSWORD, is_staff=True)

    response = client.post("/admin/login/?next=/admin/", {"username": "ANA@Label.example", "password": PASSWORD})

    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_sign_in_page_refuses_somebody_who_may_not_enter(client):
    User.objects.create_user("fan@label.example", PASSWORD)

    response = client.post("/admin/login/?next=/admin/", {"username": "fan@label.example", "password": PASSWORD})

    assert response.status_code == 200
    assert response.context["form"].non_field_errors() == [
        "Please enter the correct e-mail address and password for a staff account. "
        "Note that both fields may be case-sensitive."
    ]
