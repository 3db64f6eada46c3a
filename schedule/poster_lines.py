"""The lines of a poster one by one: without markup and bullets, names apart from places and from what is no act."""

import html
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from bands.naming import LONGEST_NAME, folding_key, normalize_name, tidy_name
from schedule.billing import possible_credits

TAGS = (
    "a|abbr|article|b|blockquote|body|br|button|center|dd|div|dl|dt|em|figure|font|footer|h[1-6]|head|header|hr|html|i|"
    "img|label|li|main|nav|ol|p|picture|pre|q|s|section|small|span|strike|strong|sub|sup|svg|table|tbody|td|tfoot|th|"
    "thead|time|tr|u|ul"
)
CELL_TAG = re.compile(r"</t[dh]\s*>", re.IGNORECASE)
BREAKING_TAG = re.compile(
    r"</?(?:article|blockquote|br|dd|div|dl|dt|footer|h[1-6]|header|hr|li|ol|p|pre|section|table|tr|ul)\b[^<>]*>",
    re.IGNORECASE,
)
TAG = re.compile(rf"</?(?:{TAGS})(?:\s[^<>]*)?/?>|<!--.*?-->", re.IGNORECASE)
BULLET = re.compile(
    r"\s*(?:[-–—*•·●▪◦‣►▶→✦★☆➤>+]+\s+|[•●▪◦‣►▶➤]|\(?\d{1,3}[.)]\s+|#\d+\s+|[🕐-🕧⏰⏱🎸🎤🎶🎵🔥🤘]\ufe0f?\s*)"
)
RULE = re.compile(r"[-–—_=*~.•·#|\s]{2,}")
AT_PLACE = re.compile(r"(?:@\s+|📍\s*|(?:venue|stage|room|salle|scène|lieu)\s*:\s*)(?P<place>\S.*)", re.IGNORECASE)
HANDLE = re.compile(r"@[\w.]+")
OWN_HANDLE = re.compile(r"\s+\(?@[\w.]{2,}\)?$")
PLACED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<name>.*\S)\s*[(\[](?P<place>[^()\[\]]+)[)\]]",
        r"(?P<name>.*\S)\s+@(?P<place>[\w.]+)",
        r"(?P<place>[^:]+):\s*(?P<name>\S.*)",
        r"(?P<name>.*\S)\s*,\s*(?P<place>[^,]+)",
        r"(?P<name>.*\S)\s+(?:at|in|au|à|chez)\s+(?P<place>\S.*)",
    )
]
DASH = re.compile(r"\s+[-–—|•·]\s+|\s*\|\s*")
DOORS = re.compile(
    r"(?:doors?|portes|ouverture)\b[\s:]*(?:open|at|à|@|des portes)?[\s:]*(?=\d|noon|midi|$|-|–)", re.IGNORECASE
)
NO_ACT = re.compile(
    r"https?://|\bwww\.|\S@\S+\.\w|"
    r"\b(?:all ages|tous âges|rsvp|sold out|complet|follow us|suivez-nous|schedule to follow|"
    r"(?:presented|sponsored|hosted) by|présenté par|ticket outlets?|tickets? (?:at|from|on|available|\$|\d)|"
    r"(?:buy|get|advance|more) tickets?|billets? (?:à|en|sur|disponibles?)|"
    r"at the door|à la porte|free entry|entrée libre)\b|"
    r"^\W*(?:tickets?|billets?|line-?up|set times?|running order|schedule|horaires?|programme|programmation|with|"
    r"avec|featuring|presents?|présente|info|infos|admission|cover|\d\d ?\+|\d\d ans et \+)\W*$|"
    r"^\W*[$€£]\s?\d|\d\s?[$€£]\W*$",
    re.IGNORECASE,
)
COMMON_GENRES = (
    *("alternative", "ambient", "blues", "classical", "country", "dance", "disco", "doom", "electronic", "electro"),
    *("emo", "experimental", "folk", "funk", "garage", "gospel", "grunge", "hardcore", "hip hop", "hip-hop", "house"),
    *("indie", "indie pop", "indie rock", "industrial", "jazz", "latin", "metal", "metalcore", "noise", "pop"),
    *("pop punk", "post-punk", "psych", "punk", "punk rock", "r&b", "rap", "reggae", "rock", "shoegaze", "ska"),
    *("sludge", "soul", "stoner", "stoner rock", "surf", "synthpop", "techno", "thrash", "world"),
)
SENTENCE_WORDS, LONG_SENTENCE_WORDS = 4, 12
LONGEST_VENUE_LINE = 60


@dataclass(frozen=True)
class Line:
    """A line as one reads it, with its number in what was pasted."""

    number: int
    text: str

    @property
    def label(self) -> str:
        shown = tidy_name(self.text)
        return _("line %(number)d: %(text)s") % {
            "number": self.number,
            "text": shown if len(shown) <= LONGEST_VENUE_LINE else f"{shown[:LONGEST_VENUE_LINE]}…",
        }


def visible_lines(text: str) -> list[Line]:
    """The lines that are not blank, without tags and with entities read; one line of markup can be several."""
    lines = []
    for number, raw in enumerate(re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", text), start=1):
        broken = BREAKING_TAG.sub("\n", CELL_TAG.sub("\t", raw)) if "<" in raw else raw
        for part in broken.split("\n"):
            shown = html.unescape(TAG.sub("", part) if "<" in part else part)
            shown = "".join(" " if _is_blank(c) else c for c in shown)
            if normalize_name(shown):
                lines.append(Line(number, shown.strip(" ")))
    return lines


def _is_blank(character: str) -> bool:
    """Whether it shows nothing; tabs stay, because they part the cells of spreadsheets."""
    return character != "\t" and unicodedata.category(character) in ("Cc", "Cs", "Zs", "Zl", "Zp")


def without_bullet(text: str) -> str:
    """The line without a bullet, a number of a list or a picture before it; a line of nothing else stays."""
    match = BULLET.match(text)
    rest = text[match.end() :].strip() if match else text
    return rest or text.strip()


def reason_for_no_act(text: str, genres: Collection[str] = ()) -> str:
    """Why a line without a time is no act; empty when it may be one."""
    plain = normalize_name(text)
    words = plain.split()
    if RULE.fullmatch(text):
        return _("only a line across")
    if DOORS.match(text):
        return _("says when the doors open")
    if NO_ACT.search(text):
        return _("looks like information about the event, not like an act")
    if plain in genres or plain in COMMON_GENRES:
        return _("is the name of a genre")
    if len(words) >= LONG_SENTENCE_WORDS or (len(words) >= SENTENCE_WORDS and plain.endswith((".", "!", "?", ":"))):
        return _("reads like a sentence")
    return ""


@dataclass
class VenueNames:
    """The venues that are known, by what people write of them."""

    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, titles: Iterable[str]) -> "VenueNames":
        return cls({folding_key(title): title for title in titles if title})

    def find(self, text: str) -> str:
        """The name of the venue that a text is, an address behind it left aside; empty for any other text."""
        plain = text.strip(" \t:,-–—|").removeprefix("@").strip()
        for candidate in (plain, re.split(r"\s*[(,–—]\s*|\s+-\s+", plain)[0]):
            if candidate and (found := self.names.get(folding_key(candidate))):
                return found
        return ""

    def add(self, title: str) -> str:
        return self.names.setdefault(folding_key(title), title)


@dataclass
class NameAndPlace:
    name: str
    venue: str = ""
    doubts: list[str] = field(default_factory=list)


def split_place(text: str, venues: VenueNames, *, is_set_off: bool = False, has_venue: bool = False) -> NameAndPlace:
    """The name and the venue of an act's line. Nothing is split but where a venue is known, or set off by an @.

    `is_set_off`: a time followed behind a dash, so that a part in the middle can be a venue only.
    """
    left, at, right = text.rpartition(" @ ")
    if at and left.strip() and right.strip():
        return read_name(left, venues.find(right) or tidy_name(right.strip(" -–—|:,")))
    for pattern in PLACED:
        match = pattern.fullmatch(text)
        if match and (found := venues.find(match["place"])):
            return read_name(match["name"], found)
    return _split_at_dashes(text, venues, is_set_off=is_set_off, has_venue=has_venue)


def _split_at_dashes(text: str, venues: VenueNames, *, is_set_off: bool, has_venue: bool) -> NameAndPlace:
    parts = DASH.split(text)
    for position in (len(parts) - 1, 0):
        if len(parts) > 1 and (found := venues.find(parts[position])):
            cut = list(DASH.finditer(text))
            name = text[: cut[-1].start()] if position else text[cut[0].end() :]
            return read_name(name, found)
    named = read_name(text)
    if len(parts) == 2 and not has_venue:
        if is_set_off:
            named = read_name(parts[0], tidy_name(parts[1]))
            named.doubts.append(_("“%(place)s” was taken for the venue.") % {"place": named.venue})
        else:
            named.doubts.append(_("“%(part)s” may be a venue, or part of the name.") % {"part": tidy_name(parts[1])})
    return named


def read_name(text: str, venue: str = "") -> NameAndPlace:
    """The name without what stands around it, with what is doubtful about it."""
    text = re.sub(r"^[–—|:,;]\s*|^-\s+|\s+[-–—|]+$|\s*[:,;|]$", "", text.strip()).strip() or text.strip()
    doubts = []
    if HANDLE.fullmatch(text):
        doubts.append(_("“%(handle)s” looks like a handle. Write the band's name.") % {"handle": text})
        text = text.removeprefix("@")
    elif (match := OWN_HANDLE.search(text)) and match.start():
        doubts.append(_("The handle %(handle)s was left away.") % {"handle": match[0].strip(" ()")})
        text = text[: match.start()]
    if re.match(r"\d{1,2}\s+[-–—]\s", text):
        doubts.append(_("The number at the beginning may be a time, or part of the name."))
    if len(text) > LONGEST_NAME:
        doubts.append(_("This is too long for a name."))
    acts = possible_credits(text) or ([part for part in re.split(r"\s+[/•]\s+", text) if part] if " " in text else [])
    if len(acts) > 1:
        doubts.append(
            _("This may be %(count)d acts: %(acts)s. Nothing was split.")
            % {"count": len(acts), "acts": ", ".join(acts)}
        )
    return NameAndPlace(tidy_name(text), venue, doubts)
