"""Mails about accounts: written down with their cause, rendered and sent by a worker.

A mail is sent at least once while it is useful: claimed with a lease, marked once the mail server
took it. A worker that dies in between leaves it to the next sweep.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from accounts.links import make_link, token_of
from accounts.models import AccountLink, AccountMail, Invite, User
from accounts.models.factor import code_from

LEASE = timedelta(seconds=120)
MOST_ATTEMPTS = 8
NOTICE_USEFUL = timedelta(days=2)
TRIED_AT_MOST_EVERY = timedelta(days=1)
SAME_AT_MOST_EVERY = timedelta(minutes=5)  # nobody fills another's mailbox by asking again and again


def queue_link_mail(kind: str, link: AccountLink, *, now: datetime) -> AccountMail:
    """The mail with a link to the account's owner; `kind` names its templates."""
    return _queue(kind, to=link.user.email, user=link.user, link=link, useful_until=link.expires_at, now=now)


def queue_invite_mail(invite: Invite, *, now: datetime) -> AccountMail:
    """The mail with an invite to the address that it is for."""
    return _queue("invite", to=invite.email, invite=invite, useful_until=invite.expires_at, now=now)


def queue_notice(user: User, kind: str, *, now: datetime, **facts: str) -> AccountMail:
    """Tell somebody what happened to her account."""
    return _queue(kind, to=user.email, user=user, facts=facts, useful_until=now + NOTICE_USEFUL, now=now)


def queue_code_mail(user: User, salt: str, *, useful_until: datetime, now: datetime) -> AccountMail:
    """The mail with a code as second factor; it knows the salt that the code follows from, not the code."""
    return _queue("code", to=user.email, user=user, facts={"salt": salt}, useful_until=useful_until, now=now)


def queue_unlock_mail(user: User, *, now: datetime) -> None:
    """Tell somebody that she is locked out, with a link that lets her in again; once for each lock."""
    if user.mails.filter(kind="unlock", created_at__gt=now - timedelta(minutes=1)).exists():
        return
    queue_link_mail("unlock", make_link(AccountLink.Purpose.UNLOCK, user, now=now), now=now)


def was_mailed(user: User, kind: str, *, now: datetime) -> bool:
    """Whether she got such a mail in the last five minutes."""
    return user.mails.filter(kind=kind, created_at__gt=now - SAME_AT_MOST_EVERY).exists()


def queue_tried_notice(user: User, *, now: datetime) -> None:
    """Tell the owner of an address that somebody wanted an account with it; at most once a day."""
    if not user.mails.filter(kind="tried", created_at__gt=now - TRIED_AT_MOST_EVERY).exists():
        queue_notice(user, "tried", now=now)


def waiting_mails(now: datetime) -> list[int]:
    """Ids of mails to send: not sent, still useful, and in nobody's hands; the oldest first."""
    mails = AccountMail.objects.filter(sent_at__isnull=True, useful_until__gt=now, attempts__lt=MOST_ATTEMPTS)
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    return list(mails.filter(free).order_by("pk").values_list("pk", flat=True))


def send_mail(mail_id: int, *, now: datetime) -> bool:
    """Send one mail, if it waits and nobody else is at it; whether it went out. Safe to repeat.

    Raises OSError (smtplib's errors are such) when the mail server does not take it; it is then
    tried again later.
    """
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    waiting = AccountMail.objects.filter(free, pk=mail_id, sent_at__isnull=True, useful_until__gt=now)
    if not waiting.update(lease_until=now + LEASE, attempts=F("attempts") + 1):
        return False
    mail = AccountMail.objects.select_related("user", "link__user", "invite__created_by").get(pk=mail_id)
    if _is_pointless(mail, now):
        AccountMail.objects.filter(pk=mail_id).update(useful_until=now, last_error="its link does not work any more")
        return False
    try:
        message = render_mail(mail)
    except ValueError:  # its token was made with a key that is lost: this one will never go out, the others will
        AccountMail.objects.filter(pk=mail_id).update(useful_until=now, last_error="it cannot be written any more")
        return False
    try:
        message.send()
    except OSError as error:
        retry_at = now + timedelta(seconds=30 * 2**mail.attempts)
        AccountMail.objects.filter(pk=mail_id).update(lease_until=retry_at, last_error=type(error).__name__)
        raise
    AccountMail.objects.filter(pk=mail_id).update(sent_at=now, lease_until=None, last_error="")
    return True


def render_mail(mail: AccountMail) -> EmailMultiAlternatives:
    """The message as it goes out, in the language of its reader; every address in it begins with SITE_URL."""
    with override(mail.language or settings.LANGUAGE_CODE):
        context = _context(mail)
        folder = f"accounts/email/{mail.kind}"
        subject = " ".join(render_to_string(f"{folder}/subject.txt", context).split())
        message = EmailMultiAlternatives(
            subject,
            render_to_string(f"{folder}/body.txt", context),
            to=[mail.to],
            headers={
                "Message-ID": _message_id(mail),
                "Auto-Submitted": "auto-generated",
            },
        )
        message.attach_alternative(render_to_string(f"{folder}/body.html", context), "text/html")
    return message


def _message_id(mail: AccountMail) -> str:
    """The same for every copy, so that a mail that went out twice is shown once."""
    return f"<account-{mail.pk}.{mail.created_at:%Y%m%d%H%M%S%f}@{urlsplit(settings.SITE_URL).hostname}>"


def link_address(link: AccountLink | Invite) -> str:
    """The address to open: it names its token, and leads on to one that does not."""
    purpose = "invite" if isinstance(link, Invite) else link.purpose
    return settings.SITE_URL + reverse("accounts:link_open", args=[purpose, token_of(link)])


def _context(mail: AccountMail) -> dict[str, Any]:
    link = mail.link or mail.invite
    context = {
        "mail": mail,
        "user": mail.user,
        "invite": mail.invite,
        "link": mail.link,
        "facts": mail.facts,
        "site": settings.SITE_URL,
        "host": urlsplit(settings.SITE_URL).netloc,
        "address": link_address(link) if link else "",
        "account_address": settings.SITE_URL + reverse("accounts:profile"),
    }
    if mail.kind == "code":
        context["code"] = code_from(mail.facts["salt"])
    return context


def _is_pointless(mail: AccountMail, now: datetime) -> bool:
    link = mail.link or mail.invite
    return link is not None and (link.used_at is not None or link.revoked_at is not None or link.expires_at <= now)


def _queue(kind: str, *, to: str, now: datetime, user: User | None = None, **fields: Any) -> AccountMail:
    from accounts.tasks import send_account_mail_task  # a domain module may queue a task

    mail = AccountMail.objects.create(
        kind=kind, to=to, user=user, language=user.language if user else "", created_at=now, **fields
    )
    transaction.on_commit(lambda: send_account_mail_task.delay(mail.pk), robust=True)
    return mail
