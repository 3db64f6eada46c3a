"""What a new password must not be (NIST SP 800-63B 5.1.1.2): too long to keep whole, or words of this place."""

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST_CHARACTERS = 128
CONTEXT_WORDS = ("settimes", "set times", "bandcrawl", "band crawl", "running order")


class MaximumLengthValidator:
    """No longer than 128 characters; what is accepted is kept whole."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > MOST_CHARACTERS:
            raise ValidationError(
                _("This password has %(length)d characters. Use at most %(most)d.")
                % {"length": len(password), "most": MOST_CHARACTERS},
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return _("Your password can have up to %(most)d characters.") % {"most": MOST_CHARACTERS}


class ContextWordValidator:
    """Not little more than the name of this software, of what it is for, or of whose password it is."""

    def validate(self, password: str, user: Any = None) -> None:
        if _is_little_more_than(CONTEXT_WORDS, password):
            raise ValidationError(
                _("This password is little more than the name of this place. Add words of your own."),
                code="password_of_this_place",
            )
        if _is_little_more_than(_own_words(user), password):
            raise ValidationError(
                _("This password is little more than your own name. Add words that are not about you."),
                code="password_of_own_name",
            )

    def get_help_text(self) -> str:
        return _("Your password must not be just the name of this place.")


def _is_little_more_than(words: Iterable[str], password: str) -> bool:
    """Whether fewer than eight characters are left without these words, and digits and signs around them."""
    rest = password.lower()
    for word in words:
        rest = rest.replace(word, "")
    return len(rest) < len(password) and len(rest.strip(" 0123456789!?.-_")) < 8


def _own_words(user: Any) -> list[str]:
    """Her names and what stands before the @, the longest first; what has two letters is in too many words."""
    texts = [getattr(user, name, "") for name in ("first_name", "last_name", "email")]
    words = {word for text in texts for word in re.split(r"[\W_\d]+", text.lower().partition("@")[0])}
    return sorted((word for word in words if len(word) > 2), key=len, reverse=True)
