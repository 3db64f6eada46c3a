from schedule.models.access import EventAccess
from schedule.models.change import Change
from schedule.models.event import Doors, Event
from schedule.models.performance import Performance
from schedule.models.plan import Pick, Plan, ShareLink
from schedule.models.redirect import SlugRedirect
from schedule.models.venue import Venue

__all__ = [
    "Change",
    "Doors",
    "Event",
    "EventAccess",
    "Performance",
    "Pick",
    "Plan",
    "ShareLink",
    "SlugRedirect",
    "Venue",
]
