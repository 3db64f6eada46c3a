"""What makes two band names the same: the keys that names are compared by.

No key ever merges two bands; equal folding keys and weak keys are hints for a person.
"""

import unicodedata
from dataclasses import dataclass

# Letters that Unicode decomposition leaves alone; casefolding already turns ß into ss.
UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
QUOTES = str.maketrans({"‘": "'", "’": "'", "‛": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
LETTER_OF = {"$": "s", "!": "i"}
ARTICLES = ("the", "a", "an", "les", "le", "la", "los", "las", "el", "die", "der", "das")
SHORTEST_KEY = 2
LONGEST_NAME, LONGEST_KEY = 200, 400  # what the columns hold; the letter ﷺ alone folds into eighteen


@dataclass(frozen=True)
class NameKeys:
    """The keys of one name, as a band profile stores them."""

    name_normalized: str
    folding_key: str
    lookup_key: str


def keys_of(name: str) -> NameKeys:
    return NameKeys(
        normalize_name(name)[:LONGEST_NAME], folding_key(name)[:LONGEST_KEY], lookup_key(name)[:LONGEST_NAME]
    )


def tidy_name(name: str) -> str:
    """The name as typed, without control characters and with runs of blanks (also CR and tabs) made one."""
    printable = "".join(
        " " if unicodedata.category(c) in ("Cc", "Cs") else c for c in unicodedata.normalize("NFC", name)
    )
    return " ".join(printable.split())


def normalize_name(name: str) -> str:
    """The strict key: lower case, trimmed, runs of blanks made one, nothing invisible.

    Bands that share it need a disambiguation. Empty only for a name without a visible character.
    """
    return tidy_name("".join(c for c in name if not _is_invisible(c))).lower()


def strip_accents(text: str) -> str:
    """Lower case without accents; letters of other scripts stay."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in folded if not unicodedata.combining(c)).translate(UNDECOMPOSED)


def folding_key(name: str) -> str:
    """The strong key: equal for spellings that people would call the same band.

    Accents, quotes, dashes, punctuation, blanks, a leading article and a leading "DJ" do not count;
    &, + and "and" are one. Symbols such as $ or △ count like letters. A name of which fewer than
    two characters would be left ("!!!", "+/-") keeps its punctuation.
    """
    text = strip_accents(normalize_name(name)).translate(QUOTES).translate(DASHES)
    # Of an accent that stands alone ("¨") folding leaves nothing.
    punctuated = "".join(text.split()) or normalize_name(name)
    if sum(c.isalnum() for c in text) < SHORTEST_KEY:
        return punctuated
    words = text.replace("&", " and ").replace("+", " and ").split()
    for droppable in (ARTICLES, ("dj",)):
        if len(words) > 1 and words[0] in droppable:
            words = words[1:]
    key = "".join(c for c in "".join(words) if not unicodedata.category(c).startswith(("P", "Z")))
    return key if len(key) >= SHORTEST_KEY else punctuated


def weak_key(name: str) -> str:
    """A weaker hint than the folding key: $ reads as s, ! as i and 0 as o."""
    if sum(c.isalnum() for c in name) < SHORTEST_KEY:
        return folding_key(name)
    return folding_key(spell_out_lookalikes(name)).replace("0", "o")


def spell_out_lookalikes(text: str) -> str:
    """$ and ! that stand for a letter, which is where they touch one, become that letter.

    An exclamation mark at the end of a word is punctuation ("Wham!").
    """
    spelled = list(text)
    for at, character in enumerate(text):
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        is_letter = before.isalpha() or after.isalpha() or "$" in (before, after)
        if character == "!":
            is_letter = before.isalpha() and after.isalpha()
        if character in LETTER_OF and is_letter:
            spelled[at] = LETTER_OF[character]
    return "".join(spelled)


def lookup_key(name: str) -> str:
    """The key that old clients ask by: lower case, everything but a-z and 0-9 removed; may be empty."""
    return "".join(c for c in name.lower() if c.isascii() and c.isalnum())


def _is_invisible(character: str) -> bool:
    """Zero-width blanks, joiners, direction marks, and the selectors that only colour a sign."""
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"
