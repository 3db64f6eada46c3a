"""Events, venues and the running order in the admin. Every change goes through the domain functions."""

from schedule.admin import access, event, performance, records, venue

__all__ = ["access", "event", "performance", "records", "venue"]
