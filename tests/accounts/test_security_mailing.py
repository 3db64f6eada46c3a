"""Mails about accounts: none is forgotten, none is sent twice, none leads anywhere but here."""

import re
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction

from accounts import factors, inviting, mailing, tasks
from accounts.links import make_link
from accounts.models import AccountLink, AccountMail
from accounts.models.factor import code_from
from accounts.people import change_role
from tests.accounts.people import NOW, mails_to, make_person, make_person_with_app, security_lines

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = sorted(path.name for path in (ROOT / "templates/accounts/email").iterdir() if path.is_dir())


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def reset():
    """A mail with a link that works for two hours."""
    user = make_person()
    return mailing.queue_link_mail("reset", make_link(AccountLink.Purpose.RESET, user, now=NOW), now=NOW)


@pytest.fixture
def broken_server(monkeypatch):
    """A mail server that takes nothing, until the list it answers with is emptied; and how often it was asked."""
    trouble, asked = [SMTPServerDisconnected("gone")], []
    right = EmailBackend.send_messages

    def send(server, messages):
        asked.append(messages)
        if trouble:
            raise trouble[0]
        return right(server, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send)
    return trouble, asked


def state(mail):
    mail.refresh_from_db()
    return mail.attempts, mail.lease_until, mail.sent_at, mail.last_error


# --- Claiming and sending ----------------------------------------------------------------------


def test_mail_is_sent_once_and_never_again(reset):
    assert mailing.send_mail(reset.pk, now=NOW) is True

    assert [mailing.send_mail(reset.pk, now=NOW + each * SECOND) for each in (0, 119, 120, 3600)] == [False] * 4
    assert len(outbox.outbox) == 1
    assert state(reset) == (1, None, NOW, "")
    assert mailing.waiting_mails(NOW) == []


@pytest.mark.parametrize(("later", "is_sent"), [(120 * SECOND - SECOND, False), (120 * SECOND, True)])
def test_mail_of_a_worker_that_died_is_sent_after_its_lease(reset, later, is_sent):
    AccountMail.objects.update(lease_until=NOW + mailing.LEASE, attempts=1)

    assert mailing.waiting_mails(NOW + later) == ([reset.pk] if is_sent else [])
    assert mailing.send_mail(reset.pk, now=NOW + later) is is_sent
    assert len(outbox.outbox) == int(is_sent)


def test_mail_is_claimed_before_the_server_is_asked(reset, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "django.core.mail.message.EmailMessage.send",
        lambda message: seen.append((state(reset), mailing.send_mail(reset.pk, now=NOW))),
    )

    mailing.send_mail(reset.pk, now=NOW)

    assert seen == [((1, NOW + timedelta(seconds=120), None, ""), False)]


def test_mail_is_not_sent_inside_a_transaction_of_ours(reset, monkeypatch):
    """A mail server may take minutes; no lock is held meanwhile."""
    depth = len(connection.savepoint_ids)
    seen = []
    monkeypatch.setattr(
        "django.core.mail.message.EmailMessage.send", lambda message: seen.append(len(connection.savepoint_ids))
    )

    mailing.send_mail(reset.pk, now=NOW)

    assert seen == [depth]


def test_mail_that_the_server_refused_is_tried_again_after_longer_and_longer_pauses(reset, broken_server):
    _trouble, asked = broken_server
    at, pauses = NOW, []
    AccountMail.objects.update(useful_until=NOW + timedelta(days=2))
    AccountLink.objects.update(expires_at=NOW + timedelta(days=2))
    for _each in range(mailing.MOST_ATTEMPTS):
        with pytest.raises(SMTPServerDisconnected):
            mailing.send_mail(reset.pk, now=at)
        _attempts, lease_until, sent_at, error = state(reset)
        assert (sent_at, error) == (None, "SMTPServerDisconnected")
        assert mailing.send_mail(reset.pk, now=lease_until - SECOND) is False
        pauses.append(int((lease_until - at).total_seconds()))
        at = lease_until

    assert pauses == [60, 120, 240, 480, 960, 1920, 3840, 7680]
    assert len(asked) == 8
    assert mailing.waiting_mails(at) == []  # after eight tries the sweep gives up; the row says why


def test_mail_goes_out_once_the_server_is_back(reset, broken_server):
    trouble, _asked = broken_server
    with pytest.raises(OSError, match="gone"):
        mailing.send_mail(reset.pk, now=NOW)
    trouble.clear()

    assert mailing.send_mail(reset.pk, now=NOW + 60 * SECOND) is True
    assert state(reset) == (2, None, NOW + 60 * SECOND, "")
    assert len(outbox.outbox) == 1


def test_task_swallows_what_the_server_refused_and_says_so(reset, broken_server, caplog):
    assert tasks.send_account_mail_task(reset.pk) is False

    assert security_lines(caplog) == [f"sys_mail_failed mail={reset.pk} reason=SMTPServerDisconnected"]


def test_sweep_sends_everything_that_waits_once(reset, clock):
    other = mailing.queue_notice(make_person("editor"), "password_changed", now=NOW)

    assert [tasks.send_account_mails_task(), tasks.send_account_mails_task()] == [2, 0]
    assert [each.to[0] for each in outbox.outbox] == [reset.to, other.to]


def test_sweep_goes_on_past_a_mail_that_cannot_be_written(reset, settings, caplog):
    """Its token was made with a key that the house has lost since."""
    settings.SECRET_KEY = "another-key"
    other = mailing.queue_notice(make_person("editor"), "password_changed", now=NOW)

    assert tasks.send_account_mails_task() == 1

    assert [each.to[0] for each in outbox.outbox] == [other.to]
    assert state(reset)[2:] == (None, "it cannot be written any more")
    assert mailing.waiting_mails(NOW) == []
    security_lines(caplog)


# --- What is not worth sending -----------------------------------------------------------------


@pytest.mark.parametrize("what", ["used_at", "revoked_at"])
def test_mail_with_a_link_that_is_dead_is_not_sent(reset, what):
    AccountLink.objects.update(**{what: NOW})

    assert mailing.send_mail(reset.pk, now=NOW) is False
    assert (outbox.outbox, state(reset)[3]) == ([], "its link does not work any more")
    assert mailing.waiting_mails(NOW) == []


@pytest.mark.parametrize(("later", "is_sent"), [(timedelta(hours=2) - SECOND, True), (timedelta(hours=2), False)])
def test_mail_is_sent_while_it_is_useful(reset, later, is_sent):
    assert mailing.waiting_mails(NOW + later) == ([reset.pk] if is_sent else [])
    assert mailing.send_mail(reset.pk, now=NOW + later) is is_sent


def test_mail_of_a_change_that_was_rolled_back_is_none():
    user = make_person()

    with transaction.atomic():
        change_role(user, "editor", by=None, now=NOW)
        transaction.set_rollback(True)

    assert mails_to(user) == []


def test_mail_is_queued_once_its_change_is_there(monkeypatch, django_capture_on_commit_callbacks):
    queued = []
    monkeypatch.setattr(tasks.send_account_mail_task, "delay", queued.append)
    user = make_person()

    with django_capture_on_commit_callbacks(execute=True):
        change_role(user, "editor", by=None, now=NOW)
        assert queued == []

    assert queued == [AccountMail.objects.get().pk]


# --- How they read -----------------------------------------------------------------------------


def one_of_each():
    """A mail of each kind, as the house makes them."""
    user = make_person_with_app("editor", first_name="Ana", email="ana@label.example")
    for purpose in AccountLink.Purpose:
        mailing.queue_link_mail(purpose.value, make_link(purpose, user, now=NOW), now=NOW)
    inviting.invite_user("viewer", email="ben@label.example", by=None, now=NOW)
    for kind, facts in {
        "few_codes": {"left": "3"},
        "password_changed": {},
        "factor_added": {"factor": "My <b>phone</b> & co"},
        "factor_removed": {"factor": "My phone"},
        "factors_reset": {},
        "role_changed": {"role": "admin"},
        "tried": {},
    }.items():
        mailing.queue_notice(user, kind, now=NOW, **facts)
    mailing.queue_code_mail(user, "5a17", useful_until=NOW + SECOND, now=NOW)
    return {mail.kind: mail for mail in AccountMail.objects.all()}


def test_mails_of_every_kind_are_in_the_test_below():
    assert sorted(one_of_each()) == KINDS
    assert len(KINDS) >= 12


@pytest.mark.parametrize("language", ["", "en", "fr"])
@pytest.mark.parametrize("kind", KINDS)
def test_mail_of_each_kind_is_written_with_addresses_of_this_house(settings, kind, language):
    settings.SITE_URL = "https://times.example"
    mail = one_of_each()[kind]
    mail.language = language

    message = mailing.render_mail(mail)

    html = message.alternatives[0][0]
    addresses = re.findall(r"https?://[^\s\"<>]+", message.body + html)
    assert [each for each in addresses if not each.startswith("https://times.example/")] == []
    assert ("https://times.example/" in message.body) is (kind not in {"code", "role_changed", "tried"})
    assert message.subject == message.subject.strip() != ""
    assert "\n" not in message.subject
    assert message.to == [mail.to]
    assert "times.example" in message.body
    assert [word for word in ("{{", "{%", "None", "testserver") if word in message.body + html + message.subject] == []
    assert message.message().as_string()


def test_mail_shows_what_somebody_typed_as_text():
    html = mailing.render_mail(one_of_each()["factor_added"]).alternatives[0][0]

    assert "My &lt;b&gt;phone&lt;/b&gt; &amp; co" in html
    assert "My <b>phone</b> & co" in mailing.render_mail(AccountMail.objects.get(kind="factor_added")).body


def test_mail_holds_no_token_and_no_code_in_its_row():
    mails = one_of_each()

    token = mailing.render_mail(mails["reset"]).body.split("/account/link/reset/")[1].split("/")[0]
    stored = str(list(AccountMail.objects.values())) + str(list(AccountLink.objects.values()))
    assert len(token) == 43
    assert token not in stored
    assert code_from("5a17") in mailing.render_mail(mails["code"]).body
    assert code_from("5a17") not in stored


def test_mail_sent_twice_has_one_message_id(reset, clock):
    first = mailing.render_mail(reset).extra_headers
    clock.move_to(NOW + timedelta(hours=1), tick=False)
    again = mailing.render_mail(AccountMail.objects.get()).extra_headers

    assert first == again
    assert re.fullmatch(rf"<account-{reset.pk}\.\d{{20}}@testserver>", first["Message-ID"])
    assert first["Auto-Submitted"] == "auto-generated"


def test_mail_with_a_link_works_after_the_key_was_rotated(reset, settings):
    before = mailing.render_mail(reset).body
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the-next-key", ["only-for-tests"]

    assert mailing.render_mail(AccountMail.objects.get()).body == before


def test_notice_of_a_new_factor_is_in_the_readers_language(clock):
    user = make_person("editor", language="fr")
    factors.begin_email_factor(user, now=NOW)
    mail = AccountMail.objects.get()

    assert mail.language == "fr"
    assert 'lang="fr"' in mailing.render_mail(mail).alternatives[0][0]
