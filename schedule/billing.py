"""What a line of a running order says: a band, a slot that is still open, or an activity."""

import re

from bands.naming import strip_accents, tidy_name
from schedule.models import Performance

Kind = Performance.Kind

PLACEHOLDER = re.compile(
    r"(tb[acd]|to be (announced|confirmed|determined)|a annoncer|"
    r"((very )?special|secret|surprise|mystery) (guests?|sets?|acts?)|"
    r"djs?|(local|surprise) (openers?|supports?|acts?|bands?)|openers?|supports?|"
    r".*\b(bands?|artists?|acts?|line-?up|schedule)( schedule)? to follow|"
    r"(more|other|\d+) (bands?|acts?|artists?)( \w+)? tb[acd])"
    r"([ ,:/()-]+tb[acd]\)?)?"
)
ACTIVITY = re.compile(
    r"(\w+ ){0,2}(yoga|fitness|meditation)( class| session)?( ?- ?\w+)?|"
    r"(kids |family )?(silent disco|karaoke|open mic|quiz|pub quiz|bingo|raffle|craft fair|record fair|"
    r"film screening|parade|party games|face painting|(\w+ )?workshop|new acts? showcase|"
    r"intermission|changeover|break|doors|soundcheck)"
)
CREDIT_SPLITS = re.compile(r"\s+(?:b2b|x|w/|feat\.?|ft\.?|\+)\s+", re.IGNORECASE)


def kind_of(billing: str) -> Performance.Kind:
    """Whether a billing names a band (the rule), an open slot such as TBA, or an activity such as yoga."""
    plain = strip_accents(tidy_name(billing)).strip(" .?!*")
    if PLACEHOLDER.fullmatch(plain):
        return Kind.PLACEHOLDER
    return Kind.ACTIVITY if ACTIVITY.fullmatch(plain) else Kind.SET


def possible_credits(billing: str) -> list[str]:
    """The names that a billing may consist of ("A b2b B", "A w/ B"), empty when it reads as one.

    For a hint only: commas and "&" belong to band names, and nothing is ever split by itself.
    """
    parts = [part.strip() for part in CREDIT_SPLITS.split(billing)]
    return parts if len(parts) > 1 and all(parts) else []
