"""Who signs in, and what is known of how she does."""

from accounts.models.factor import AuthenticatorApp, BackupCode, BackupCodeSheet, EmailFactor, TrustedDevice
from accounts.models.invite import AccountLink, Invite
from accounts.models.lockout import FailedAttempt, Lockout
from accounts.models.mail import AccountMail
from accounts.models.session import SignInChallenge, UserSession
from accounts.models.trail import AuditEntry, AuditEntryOrigin, AuthEvent, AuthEventOrigin
from accounts.models.user import User

__all__ = [
    "AccountLink",
    "AccountMail",
    "AuditEntry",
    "AuditEntryOrigin",
    "AuthEvent",
    "AuthEventOrigin",
    "AuthenticatorApp",
    "BackupCode",
    "BackupCodeSheet",
    "EmailFactor",
    "FailedAttempt",
    "Invite",
    "Lockout",
    "SignInChallenge",
    "TrustedDevice",
    "User",
    "UserSession",
]
