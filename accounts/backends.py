"""What somebody may do: the permissions of her role's group, within the events she was given."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Model, QuerySet

from accounts.models import User


class RoleBackend(ModelBackend):
    """Reads permissions; nobody signs in through it, that is `accounts.signing_in`'s."""

    def authenticate(self, request: Any, *args: Any, **kwargs: Any) -> None:
        return None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        """Whether her role has the permission and, for a row that belongs to an event, that event is open to her."""
        if not isinstance(user_obj, User) or not super().has_perm(user_obj, perm):
            return False
        is_open_to = getattr(obj, "is_open_to", None)
        return bool(is_open_to(user_obj)) if is_open_to else True

    def _get_user_permissions(self, user_obj: Any) -> QuerySet[Permission]:
        return Permission.objects.none()

    def _get_group_permissions(self, user_obj: User) -> QuerySet[Permission]:
        return Permission.objects.filter(group__name=user_obj.role)
