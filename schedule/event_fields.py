"""What an event keeps as JSON, as people type it: links by their name, colours, places as lines of text.

What stands in a row besides, under names that nobody is asked for, stays as it is.
"""

import re
from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LINKS = ("website", "instagram", "facebook", "x", "tiktok", "youtube")
# With the colours of the site, which an event has that names none.
COLORS = {"accent": "#ffd23f", "background": "#111013"}
PLACE_PARTS = ("name", "address", "note")


class ColorInput(forms.TextInput):
    input_type = "color"


class ZoneSelect(forms.Select):
    """The zones of the world to choose from; what is none of them stays shown, so that it can be mended."""

    def __init__(self) -> None:
        super().__init__(choices=time_zones())

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        groups = super().optgroups(name, value, attrs)
        known = {option["value"] for _title, options, _index in groups for option in options}
        strange = [self.create_option(name, each, each, True, 0) for each in value if each not in known]
        return [*([(None, strange, 0)] if strange else []), *groups]


def _check_link(text: str) -> None:
    """Refuse what is neither a handle nor an address in the web."""
    if ":" in text and not re.match(r"https?://", text):
        raise ValidationError(
            _("“%(text)s” is no address. Write one that begins with https://, or the handle alone.") % {"text": text},
            code="link",
        )


def _link(label: str) -> forms.CharField:
    text = gettext_lazy("Address or handle.")
    return forms.CharField(label=label, required=False, max_length=300, help_text=text, validators=[_check_link])


def _color(label: Any) -> forms.CharField:
    return forms.RegexField(r"^#[0-9a-fA-F]{6}$", label=label, required=False, widget=ColorInput)


def _as_site(label: Any) -> forms.BooleanField:
    text = gettext_lazy("Untick it to use the colour that is chosen here.")
    return forms.BooleanField(label=label, required=False, initial=True, help_text=text)


class EventFactsForm(forms.Form):
    """The fields of an event's form for what the event keeps as JSON."""

    link_website = forms.URLField(label=gettext_lazy("Website"), required=False, assume_scheme="https", max_length=500)
    link_instagram = _link("Instagram")
    link_facebook = _link("Facebook")
    link_x = _link("X")
    link_tiktok = _link("TikTok")
    link_youtube = _link("YouTube")
    color_accent = _color(gettext_lazy("Accent colour"))
    color_accent_as_site = _as_site(gettext_lazy("Accent as on the site"))
    color_background = _color(gettext_lazy("Background colour"))
    color_background_as_site = _as_site(gettext_lazy("Background as on the site"))
    venue_lines = forms.CharField(
        label=gettext_lazy("Places"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One place a line: name | address | note. For example where to park or to eat."),
    )


def typed_of(*, social_links: dict[str, Any], theme_colors: dict[str, Any], venue_info: list[Any]) -> dict[str, Any]:
    """What stands in the form's fields for what the row holds."""
    colors = [_typed_color(key, theme_colors) for key in COLORS]
    return {
        **{f"link_{key}": str(social_links.get(key) or "") for key in LINKS},
        **{name: value for color in colors for name, value in color.items()},
        "venue_lines": "\n".join(_line_of(place) for place in venue_info),
    }


def links_from(typed: dict[str, Any], *, kept: dict[str, Any]) -> dict[str, Any]:
    """The links with what was typed; an emptied one goes."""
    others = {key: value for key, value in kept.items() if key not in LINKS}
    return others | {key: typed[f"link_{key}"] for key in LINKS if typed.get(f"link_{key}")}


def colors_from(typed: dict[str, Any], *, kept: dict[str, Any]) -> dict[str, Any]:
    """The colours with what was chosen; one that is as the site's goes, one that was left alone stays as it was."""
    colors = dict(kept)
    for key in COLORS:
        before = _typed_color(key, kept)
        if before == {name: typed.get(name) for name in before}:
            continue
        colors.pop(key, None)
        if typed.get(f"color_{key}") and not typed.get(f"color_{key}_as_site"):
            colors[key] = typed[f"color_{key}"]
    return colors


def _typed_color(key: str, theme_colors: dict[str, Any]) -> dict[str, Any]:
    color = _six_digits(theme_colors.get(key))
    return {f"color_{key}": color or COLORS[key], f"color_{key}_as_site": not color}


def places_from(text: str, *, kept: list[Any]) -> list[Any]:
    """The places that were typed, one a line. A line that is as it was stays the place it is.

    A line with the name of a place that was there keeps what else is known of it. Raises ValidationError.
    """
    by_line = {_line_of(place): place for place in kept}
    by_name = {place.get("name"): place for place in kept if isinstance(place, dict)}
    places = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        if line.strip() in by_line:
            places.append(by_line[line.strip()])
            continue
        parts = dict(zip(PLACE_PARTS, (part.strip() for part in line.split("|", 2)), strict=False))
        if not parts["name"]:
            raise ValidationError(
                _("Line %(number)d names no place. Write it as “name | address | note”.") % {"number": number},
                code="place",
            )
        others = {key: value for key, value in by_name.get(parts["name"], {}).items() if key not in PLACE_PARTS}
        places.append({key: value for key, value in parts.items() if value} | others)
    return places


@cache
def time_zones() -> list[tuple[Any, Any]]:
    """The IANA names by their region, as choices."""
    names = sorted(available_timezones(), key=lambda name: ("/" not in name, name))
    regions = groupby(names, key=lambda name: name.partition("/")[0] if "/" in name else "")
    return [
        (region or gettext_lazy("Others"), [(name, name.replace("_", " ")) for name in own]) for region, own in regions
    ]


def _six_digits(color: Any) -> str:
    """A colour as colour pickers write it; empty for what they do not know."""
    text = str(color or "").strip().lower()
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        return "#" + "".join(2 * digit for digit in text[1:])
    return text if re.fullmatch(r"#[0-9a-f]{6}", text) else ""


def _line_of(place: Any) -> str:
    """A place as a line of text; bars within its name or address would be read as its end."""
    values = [str(place.get(key) or "") for key in PLACE_PARTS] if isinstance(place, dict) else [str(place), "", ""]
    name, address, note = (" ".join(value.split()) for value in values)
    return " | ".join([name.replace("|", "/"), address.replace("|", "/"), note]).rstrip(" |")
