"""People, invites and trails in the admin; for admins."""

from accounts.admin import invite, person, records

__all__ = ["invite", "person", "records"]
