"""Which rows somebody works with who was given only some of the events."""

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models

from accounts.models import User

Row = TypeVar("Row", bound=models.Model)


class EventBoundQuerySet(models.QuerySet[Row]):
    """Rows that belong to an event by a field `event`."""

    def open_to(self, user: User) -> Self:
        """All rows, for a user with a scope those of the events given to her."""
        return self.filter(event__in=user.event_access.values("event")) if user.is_scoped else self


class Scoped:
    """A row that is open to whom its event is open to; its QuerySet has `open_to`."""

    if TYPE_CHECKING:
        pk: Any
        _default_manager: Any

    def is_open_to(self, user: User) -> bool:
        """Whether she may work with it, as far as her scope goes; what she may do to it, her role says."""
        return not user.is_scoped or type(self)._default_manager.open_to(user).filter(pk=self.pk).exists()
