"""Making and using links that are mailed. The token of a link is never stored."""

import secrets
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction

from accounts.models import AccountLink, Invite, User
from accounts.models.invite import Link
from settimes.sealing import new_token, token, token_digests

AnyLink = TypeVar("AnyLink", AccountLink, Invite)

LIFETIMES = {
    AccountLink.Purpose.ACTIVATE: timedelta(hours=24),
    AccountLink.Purpose.RESET: timedelta(hours=2),
    AccountLink.Purpose.UNLOCK: timedelta(hours=1),
}


class DeadLink(Exception):
    """A token that is unknown, expired, used, revoked or meant for something else; nobody is told which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def seal_link(link: Link) -> None:
    """Give a new link its salt and digest, before it is saved."""
    link.salt = secrets.token_hex(16)
    _, link.digest = new_token(type(link).__name__, link.salt)


def token_of(link: Link) -> str:
    """The token to write into a mail or to copy. Raises ValueError after the key was changed."""
    return token(type(link).__name__, link.salt, matching=link.digest)


@transaction.atomic
def make_link(
    purpose: AccountLink.Purpose, user: User, *, now: datetime, by: User | None = None, reason: str = ""
) -> AccountLink:
    """A link for one purpose; those made earlier for the same purpose stop working."""
    user.links.filter(purpose=purpose).open(now).update(revoked_at=now)
    link = AccountLink(
        purpose=purpose,
        user=user,
        requested_by=by,
        reason=reason,
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    seal_link(link)
    link.full_clean()
    link.save()
    return link


def find_link(purpose: AccountLink.Purpose, presented: str, *, now: datetime) -> AccountLink:
    """The link that a token opens, without using it. Raises DeadLink."""
    found = AccountLink.objects.filter(digest__in=token_digests("AccountLink", presented)).select_related("user")
    return _alive(found.filter(purpose=purpose).first(), now)


def find_invite(presented: str, *, now: datetime) -> Invite:
    """The invite that a token opens, without using it. Raises DeadLink."""
    return _alive(Invite.objects.filter(digest__in=token_digests("Invite", presented)).first(), now)


def use_link(link: Link, *, now: datetime) -> None:
    """Use a link up; of many at once, one succeeds. Raises DeadLink for the others."""
    if type(link)._default_manager.open(now).filter(pk=link.pk).update(used_at=now) != 1:
        raise DeadLink("used")


def _alive(link: AnyLink | None, now: datetime) -> AnyLink:
    if link is None:
        raise DeadLink("unknown")
    if link.revoked_at is not None:
        raise DeadLink("revoked")
    if link.used_at is not None:
        raise DeadLink("used")
    if link.expires_at <= now:
        raise DeadLink("expired")
    return link
