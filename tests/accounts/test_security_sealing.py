"""S26: what lies in the database opens nothing without the key, and a new key takes over from the old one."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.links import DeadLink, find_link, make_link, token_of
from accounts.models import AccountLink, UserSession
from settimes import sealing
from tests.accounts.people import NOW, give_app, give_backup_codes, make_person, sign_in, trust

OLD, NEW = "the-old-key", "the-new-key"


@pytest.fixture(autouse=True)
def old_key(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []


@pytest.fixture
def rotate(settings):
    """Take the new key into use; the old one is remembered until `forget` is called."""

    def take_new():
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]

        def forget():
            settings.SECRET_KEY_FALLBACKS = []

        return forget

    return take_new


# --- Digests -----------------------------------------------------------------------------------


def test_digest_depends_on_value_purpose_and_key(settings):
    first = sealing.digest("session", "abc")

    assert len(first) == 64
    assert len({first, sealing.digest("session", "abd"), sealing.digest("browser", "abc")}) == 3
    settings.SECRET_KEY = NEW
    assert sealing.digest("session", "abc") != first


def test_digest_keeps_purpose_and_value_apart():
    assert sealing.digest("a", "bc") != sealing.digest("ab", "c")


def test_digests_begin_with_the_newest_key_and_know_the_older(rotate):
    before = sealing.digest("session", "abc")
    forget = rotate()

    assert sealing.digests("session", "abc") == [sealing.digest("session", "abc"), before]
    forget()
    assert before not in sealing.digests("session", "abc")


@given(st.text())
def test_is_same_is_equality(text):
    assert sealing.is_same(text.encode("utf-8", "replace").decode(), text.encode("utf-8", "replace").decode())
    assert not sealing.is_same("x" + text.encode("utf-8", "replace").decode(), "y")


# --- Tokens ------------------------------------------------------------------------------------


def test_token_is_made_again_from_its_row_also_after_a_rotation(rotate):
    made, kept = sealing.new_token("Invite", "salt")
    assert len(made) == 43
    assert made not in kept
    forget = rotate()

    assert sealing.token("Invite", "salt", matching=kept) == made
    assert kept in sealing.token_digests("Invite", made)
    forget()
    with pytest.raises(ValueError, match="not known any more"):
        sealing.token("Invite", "salt", matching=kept)
    assert kept not in sealing.token_digests("Invite", made)


def test_token_of_one_purpose_is_none_of_another():
    made, kept = sealing.new_token("Invite", "salt")

    assert kept not in sealing.token_digests("AccountLink", made)
    with pytest.raises(ValueError, match="not known"):
        sealing.token("AccountLink", "salt", matching=kept)


# --- Sealing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "secret", "é😀", "x" * 10_000])
def test_sealed_text_opens_and_looks_different_each_time(text):
    one, other = sealing.seal(text), sealing.seal(text)

    assert (sealing.unseal(one), sealing.unseal(other)) == (text, text)
    assert one != other
    assert not text or text not in one


def test_sealed_text_opens_with_an_old_key_until_that_is_forgotten(rotate):
    sealed = sealing.seal("secret")
    forget = rotate()
    newly = sealing.seal("secret")

    assert (sealing.unseal(sealed), sealing.unseal(newly)) == ("secret", "secret")
    forget()
    assert sealing.unseal(newly) == "secret"
    with pytest.raises(ValueError, match="sealed with a key that is not known any more"):
        sealing.unseal(sealed)


@pytest.mark.parametrize(
    "change",
    [lambda s: s[:-1], lambda s: "A" + s[1:], lambda s: s[:20] + chr(ord(s[20]) ^ 1) + s[21:], lambda s: ""],
)
def test_sealed_text_that_was_touched_does_not_open(change):
    with pytest.raises(ValueError, match="not known any more"):
        sealing.unseal(change(sealing.seal("secret")))


# --- What people have, over a rotation ---------------------------------------------------------


@pytest.mark.django_db
def test_rotation_keeps_links_devices_codes_and_apps_until_the_old_key_is_forgotten(client, rotate, time_machine):
    from accounts import factors

    time_machine.move_to(NOW, tick=False)
    user = make_person("editor")
    app = give_app(user)
    codes = give_backup_codes(user)
    link = make_link(AccountLink.Purpose.RESET, user, now=NOW)
    token = token_of(link)
    trust(client, user)
    forget = rotate()

    assert find_link(AccountLink.Purpose.RESET, token, now=NOW) == link
    assert token_of(link) == token
    assert sign_in(client, user.email)["Location"] == "/admin/"
    assert factors.match_code(user, codes[0], now=NOW) is not None
    assert factors.app_secret(app)

    forget()
    client.cookies.pop("settimes-session")
    with pytest.raises(DeadLink):
        find_link(AccountLink.Purpose.RESET, token, now=NOW)
    assert factors.match_code(user, codes[1], now=NOW) is None
    assert factors.match_code(user, "123456", now=NOW) is None  # an app that cannot be opened is no error
    assert sign_in(client, user.email)["Location"] == "/account/sign-in/factor/"


@pytest.mark.django_db
def test_rotation_keeps_sessions_that_are_used_before_the_old_key_is_forgotten(rotate):
    user = make_person()
    used, idle = Client(), Client()
    for client in (used, idle):
        sign_in(client, user.email)
        cookie = client.cookies["settimes-session"].value
        assert UserSession.objects.filter(session_key__contains=cookie).count() == 0
    forget = rotate()

    assert used.get("/account/").status_code == 200  # from here on under the new key
    forget()
    assert used.get("/account/").status_code == 200
    assert idle.get("/account/").status_code == 302
