"""Keyed hashes and encryption with keys that follow from SECRET_KEY and are not in the database.

Old keys in SECRET_KEY_FALLBACKS still recognize and open what was made with them.
"""

import base64
import hmac
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def digest(purpose: str, value: str) -> str:
    """The keyed hash of a value, 64 hexadecimal digits; another purpose gives another one."""
    return _hmac(settings.SECRET_KEY, purpose, value).hex()


def digests(purpose: str, value: str) -> list[str]:
    """The keyed hashes of a value under every key that is still known, the newest first: to look rows up by."""
    return [_hmac(key, purpose, value).hex() for key in _keys()]


def token(purpose: str, value: str, *, matching: str) -> str:
    """A token of 256 bits that follows from a value, safe in an address; its digest is `matching`.

    Raises ValueError when no known key gives such a token, that is, after the key was changed.
    """
    for key in _keys():
        made = base64.urlsafe_b64encode(_hmac(key, purpose, value)).decode().rstrip("=")
        if matching in digests(f"{purpose} digest", made):
            return made
    raise ValueError("this token was made with a key that is not known any more")


def new_token(purpose: str, value: str) -> tuple[str, str]:
    """A token that follows from a value, and the digest to keep of it."""
    made = base64.urlsafe_b64encode(_hmac(settings.SECRET_KEY, purpose, value)).decode().rstrip("=")
    return made, digest(f"{purpose} digest", made)


def token_digests(purpose: str, presented: str) -> list[str]:
    """What a row of a presented token may have as its digest."""
    return digests(f"{purpose} digest", presented)


def is_same(one: str, other: str) -> bool:
    """Whether two texts are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def seal(text: str) -> str:
    """A text encrypted (AES-128-CBC with HMAC-SHA256, as Fernet lays down)."""
    return _box(tuple(_keys())).encrypt(text.encode()).decode()


def unseal(sealed: str, *, within_seconds: int | None = None) -> str:
    """What was sealed. Raises ValueError for a text that no known key opens, or that was sealed longer ago."""
    try:
        return _box(tuple(_keys())).decrypt(sealed.encode(), ttl=within_seconds).decode()
    except (InvalidToken, UnicodeEncodeError):
        raise ValueError("sealed with a key that is not known any more, or too long ago") from None


def _keys() -> Iterator[str]:
    yield settings.SECRET_KEY
    yield from settings.SECRET_KEY_FALLBACKS


def _hmac(key: str, purpose: str, value: str) -> bytes:
    purpose_key = sha256(f"settimes {purpose}\0{key}".encode()).digest()
    return hmac.digest(purpose_key, value.encode("utf-8", "surrogatepass"), "sha256")


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_hmac(key, "seal", ""))) for key in keys])
