"""People who sign in."""

import re
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

CAPITALS = re.compile("[A-Z]+")


def fold_address(email: str) -> str:
    """An address with its ASCII capitals made small, and nothing else.

    Unicode's own folding turns the Kelvin sign into k and ß into ss, and so lets one person ask
    for another's account (CVE-2019-19844).
    """
    return CAPITALS.sub(lambda capitals: capitals[0].lower(), email.strip())


class UserManager(BaseUserManager["User"]):
    """Finds and makes users by e-mail address, whatever its capitals."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email_key=fold_address(username or ""))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A saved, activated user; without a password nobody can sign in as her.

        Raises ValidationError for an address that is malformed or taken.
        """
        user = self.model(email=email, **{"activated_at": timezone.now(), **fields})
        user.set_password(password)
        user.full_clean()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "role": User.Role.ADMIN})


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)

    def admins(self) -> "UserQuerySet":
        return self.active().filter(role=User.Role.ADMIN)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who works in the admin; fans have no account.

    Her role names the Django group whose permissions she has. There is no superuser, and no
    permission of one person alone: what a role may do is written in one place, `accounts.roles`.
    """

    class Role(models.TextChoices):
        VIEWER = "viewer", _("Viewer")
        EDITOR = "editor", _("Editor")
        ADMIN = "admin", _("Admin")

    class TimeFormat(models.TextChoices):
        BY_LANGUAGE = "", _("as usual in the language")
        TWELVE = "12", _("8:30 PM")
        TWENTY_FOUR = "24", _("20:30")

    email = models.EmailField(
        _("e-mail address"), unique=True, error_messages={"unique": _("This e-mail address already has an account.")}
    )
    email_key = models.CharField(
        max_length=254,
        unique=True,
        editable=False,
        error_messages={"unique": _("This e-mail address already has an account.")},
    )
    first_name = models.CharField(_("first name"), max_length=60, blank=True)
    last_name = models.CharField(_("last name"), max_length=60, blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.VIEWER)
    is_scoped = models.BooleanField(
        _("only the events listed"),
        default=False,
        help_text=_("Ticked: sees and edits only the events given to her. Not ticked: all events."),
    )
    require_2fa = models.BooleanField(
        _("second factor required"),
        default=False,
        help_text=_("Admins always need one; tick to ask it of this person too."),
    )
    language = models.CharField(
        _("language"), max_length=10, blank=True, choices=[("en", "English"), ("fr", "Français")]
    )
    time_format = models.CharField(_("time format"), max_length=2, blank=True, choices=TimeFormat.choices)
    is_active = models.BooleanField(_("active"), default=True, editable=False)
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True, editable=False)
    deactivated_at = models.DateTimeField(_("deactivated"), null=True, blank=True, editable=False)
    deactivated_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    # The role stands in for all three.
    is_superuser = None
    groups = None  # type: ignore[assignment]
    user_permissions = None  # type: ignore[assignment]

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["email_key"]
        permissions = [
            ("end_sessions_of_others", "Can end other people's sessions"),
            ("export_people", "Can export people"),
        ]
        constraints = [
            models.CheckConstraint(
                name="user_is_active_when_activated_and_not_deactivated",
                condition=Q(is_active=True, activated_at__isnull=False, deactivated_at__isnull=True)
                | (Q(is_active=False) & (Q(activated_at__isnull=True) | Q(deactivated_at__isnull=False))),
            ),
            models.CheckConstraint(name="user_has_a_known_role", condition=Q(role__in=["viewer", "editor", "admin"])),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = UserManager.normalize_email(self.email).strip()
        self.email_key = fold_address(self.email)
        self.is_active = self.activated_at is not None and self.deactivated_at is None

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.first_name or self.email

    @property
    def is_staff(self) -> bool:
        """Everybody who has an account works in the admin; what she finds there, her role says."""
        return True

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN

    @property
    def needs_second_factor(self) -> bool:
        return self.is_admin or self.require_2fa
