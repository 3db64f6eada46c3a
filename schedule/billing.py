"""What a line of a running order says: a band, a slot that is still open, or an activity."""

import re

from bands.naming import strip_accents, tidy_name
from schedule.models import Performance

Kind = Performance.Kind

TBA = r"(t\.?b\.?[acd]|to be (announced|confirmed|determined|advised)|a (annoncer|confirmer|determiner|venir))"
ACTS = r"(bands?|artists?|performers?|acts?|guests?|headliners?|openers?|supports?|djs?( sets?)?|sets?|line-?up)"
PLACEHOLDER = re.compile(
    rf"(\?+|{TBA}( ?[-–:/(].*)?|"
    r"djs?( sets?)?|openers?|supports?|headliners?|guests?|"
    rf"((very )?special|secret|surprise|mystery|local|opening|support|house|resident) {ACTS}|"
    r".*\b(bands?|artists?|acts?|line-?up|schedule)( schedule)? to follow|"
    rf"((more|other|\d+) )*{ACTS}( \w+)?[ ,:/()-]+{TBA}|"
    r"(invitee?s?|artistes?|groupes?) (surprises?|mysteres?|secrets?|specia(l|ux|les?)|a (annoncer|confirmer|venir)))"
    rf"([ ,:/()-]+{TBA}\)?)?"
)
ACTIVITY = re.compile(
    r"((\w+ ){0,2}(yoga|fitness|meditation)( class| session)?( ?- ?\w+)?|"
    r"(kids |family )?(silent disco|karaoke|open mic|quiz|pub quiz|bingo|raffle|craft fair|record fair|"
    r"film screening|parade|party games|face painting|(\w+ )?workshop|new acts? showcase|"
    r"intermission|changeover|break|doors|soundcheck)( night| party| open)?)"
    r"( ?\(.*\))?"
)
CREDIT_SPLITS = re.compile(r"\s+(?:b2b|x|w/|feat\.?|ft\.?|\+)\s+", re.IGNORECASE)


def kind_of(billing: str) -> Performance.Kind:
    """Whether a billing names a band (the rule), an open slot such as TBA, or an activity such as yoga."""
    plain = strip_accents(tidy_name(billing)).strip(" .!*")
    plain = plain.rstrip("?") or plain
    if PLACEHOLDER.fullmatch(plain):
        return Kind.PLACEHOLDER
    return Kind.ACTIVITY if ACTIVITY.fullmatch(plain) else Kind.SET


def possible_credits(billing: str) -> list[str]:
    """The names that a billing may consist of ("A b2b B", "A w/ B"), empty when it reads as one.

    For a hint only: commas and "&" belong to band names, and nothing is ever split by itself.
    """
    parts = [part.strip() for part in CREDIT_SPLITS.split(billing)]
    return parts if len(parts) > 1 and all(parts) else []
