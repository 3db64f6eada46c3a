"""manage.py changepassword."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry, User

pytestmark = pytest.mark.django_db

OLD, NEW = "correct horse battery", "seven new strings a night"


@pytest.fixture
def typed(monkeypatch):
    """What the operator types at the two prompts."""
    answers = []
    monkeypatch.setattr("getpass.getpass", lambda prompt: answers.pop(0))
    return answers


@pytest.fixture
def ana():
    return User.objects.create_superuser("ana@label.example", OLD)


def test_changepassword_sets_a_new_one_and_writes_it_into_the_trail(ana, typed, capsys):
    typed += [NEW, NEW]

    call_command("changepassword", "ANA@label.example")

    ana.refresh_from_db()
    assert ana.check_password(NEW)
    assert capsys.readouterr().out == "ana@label.example has a new password. She is signed out everywhere.\n"
    assert [(each.action, each.user_id, each.origin.agent) for each in AuditEntry.objects.all()] == [
        ("user.password_changed", None, "manage.py changepassword")
    ]


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ([NEW, f"{NEW}!"], "The two passwords are not the same. Nothing was changed; run it again."),
        ([OLD, OLD], "This is the password you have now. Choose another one."),
        (["short", "short"], "This password is too short. It must contain at least 12 characters."),
    ],
)
def test_changepassword_says_what_is_wrong_and_changes_nothing(ana, typed, answers, sentence):
    typed += answers

    with pytest.raises(CommandError, match=sentence.replace(".", r"\.")):
        call_command("changepassword", "ana@label.example")

    ana.refresh_from_db()
    assert ana.check_password(OLD)


def test_changepassword_names_an_address_without_an_account(typed):
    with pytest.raises(CommandError, match=r"EMAIL 'bo@label\.example': no account has this address"):
        call_command("changepassword", "bo@label.example")
