"""The band library in the admin. Every change goes through the library's functions."""

from bands.admin import shows, merging, library  # noqa: I001 (the order of the tabs)

__all__ = ["library", "merging", "shows"]
