"""Events, venues and the running order in the admin. Every change goes through the domain functions."""

from schedule.admin import event, performance, records, venue

__all__ = ["event", "performance", "records", "venue"]
