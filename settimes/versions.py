"""Two people with the same row open: who saves second is told, and nothing is overwritten unseen."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class StaleError(ValidationError):
    """The row was changed after the version that somebody looked at; `row` is how it is now."""

    def __init__(self, row: Any) -> None:
        super().__init__(_("%(row)s was changed by somebody else while you had it open.") % {"row": row}, code="stale")
        self.row = row


def refuse_stale(row: Any, *, seen: int | None) -> None:
    """Raise StaleError when a locked row is of another version than the one that was seen; None has seen any."""
    if seen is not None and seen != row.version:
        raise StaleError(row)
