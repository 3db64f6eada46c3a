"""Forms of the admin for events, venues and sets; times are typed as people type them, in the event's zone."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from bands.forms import SEEN_VERSION, DomainModelForm, PictureField, TypedModelForm, assume_https
from bands.slugs import ascii_slug
from schedule import events, lineup
from schedule.access import give_access
from schedule.billing import kind_of
from schedule.event_fields import EventFactsForm, ZoneSelect, colors_from, links_from, places_from, typed_of
from schedule.models import Doors, Event, EventAccess, Performance, Venue
from schedule.models.event import validate_time_zone
from schedule.nights import typed_text
from schedule.row_times import read_day
from schedule.typed_times import read_end, read_start

TIME_HELP = gettext_lazy("As you say it: 20:00, 8:30 PM, 20h30, noon, midnight, 24:25. Empty while it is open.")


def default_time_zone() -> str:
    return settings.TIME_ZONE


class EventForm(EventFactsForm, DomainModelForm):
    """An event; what it keeps as JSON is typed into fields of its own."""

    typed_as = {"social_links": "link_website", "theme_colors": "color_accent", "venue_info": "venue_lines"}
    timezone = forms.CharField(
        label=gettext_lazy("Time zone"),
        initial=default_time_zone,
        validators=[validate_time_zone],
        widget=ZoneSelect,
        help_text=gettext_lazy("All times of the event are those of clocks there."),
    )
    poster = PictureField(required=False, label=gettext_lazy("Poster"))

    class Meta:
        model = Event
        formfield_callback = assume_https
        labels = {"slug": gettext_lazy("Address of the page")}
        fields = (
            *("name", "slug", "date", "end_date", "city", "timezone", "rollover", "description", "ticket_url", "price"),
            *("age_rule", "presented_by", "presented_by_url", "poster", "poster_alt_text", "reveal_mode"),
            *("times_public", "default_set_minutes", "changeover_minutes"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The doors of a new event are read also when the zone that was typed for it is refused.
        self.instance.timezone = self.instance.timezone or default_time_zone()
        self.initial = {**typed_of(**self._kept()), **self.initial}

    def clean_slug(self) -> str:
        """The address that was proposed while the name was typed: if it is taken, the next free one is meant."""
        slug: str = self.cleaned_data["slug"]
        is_proposed = self.instance.pk is None and slug == ascii_slug(self.cleaned_data.get("name", ""))
        return "" if is_proposed else slug

    def clean_poster(self) -> Any:
        return self.cleaned_data["poster"] or ""

    def clean_venue_lines(self) -> str:
        places_from(self.cleaned_data["venue_lines"], kept=self.instance.venue_info)
        return str(self.cleaned_data["venue_lines"])

    def entered_fields(self) -> dict[str, Any]:
        """With what is kept as JSON, as far as something was typed for it."""
        typed, kept = self.cleaned_data, self._kept()
        entered = {
            "social_links": links_from(typed, kept=kept["social_links"]),
            "theme_colors": colors_from(typed, kept=kept["theme_colors"]),
            "venue_info": places_from(typed["venue_lines"], kept=kept["venue_info"]),
        }
        changed = {name: value for name, value in entered.items() if value != kept[name]}
        fields = {name: value for name, value in super().entered_fields().items() if name not in typed_of(**kept)}
        return fields | changed

    def _kept(self) -> dict[str, Any]:
        return {name: getattr(self.instance, name) for name in ("social_links", "theme_colors", "venue_info")}

    def apply(self, *, by: User | None, now: datetime) -> Event:
        if self.instance.pk is None:
            return events.create_event(by=by, now=now, **self.entered_fields())
        event = Event.objects.get(pk=self.instance.pk)
        events.update_event(event, seen_version=self.seen_version, by=by, now=now, **self.entered_fields())
        return event


class EventAccessForm(DomainModelForm):
    class Meta:
        model = EventAccess
        fields = ("user", "event")

    def apply(self, *, by: User | None, now: datetime) -> EventAccess:
        return give_access(self.cleaned_data["event"], self.cleaned_data["user"], by=by, now=now)


class VenueForm(DomainModelForm):
    class Meta:
        model = Venue
        formfield_callback = assume_https
        fields = (
            *("name", "parent", "slug", "walking_order", "is_active", "address", "address_line1", "address_line2"),
            *("city", "region", "postal_code", "country", "latitude", "longitude", "capacity", "changeover_minutes"),
            "access_notes",
            *("website", "instagram", "facebook", "phone", "contact_email"),
        )

    def apply(self, *, by: User | None, now: datetime) -> Venue:
        fields = self.entered_fields()
        if self.instance.pk is None:
            return events.add_venue(fields.pop("name"), by=by, now=now, **fields)
        venue = Venue.objects.get(pk=self.instance.pk)
        events.update_venue(venue, seen_version=self.seen_version, by=by, now=now, **fields)
        return venue


class DoorsForm(TypedModelForm):
    """When the doors of a night open and when its curfew is, inside the form of its event."""

    typed_as = {"opens_at": "opens", "curfew_at": "curfew"}
    opens = forms.CharField(
        required=False, label=gettext_lazy("Doors open"), help_text=gettext_lazy("As you say it: 18:30, 6:30 PM.")
    )
    curfew = forms.CharField(
        required=False, label=gettext_lazy("Curfew"), help_text=gettext_lazy("When the music has to end: 2am.")
    )

    class Meta:
        model = Doors
        fields = ("night", "venue")

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.event = event  # with the dates and the zone that are just being entered
        doors = self.instance
        doors.get_inline_title = lambda: place_of(doors)  # what the theme puts above the row
        for name in self.fields:
            # What was on the page counts as untouched, not what other dates or another zone make of it.
            self.fields[name].show_hidden_initial = True
        for name, instant in (("opens", doors.opens_at), ("curfew", doors.curfew_at)):
            if doors.pk and instant:
                self.initial[name] = typed_text(instant, night=doors.night, zone=event.zone, rollover=event.rollover)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        event, night = self.instance.event, self.cleaned_data.get("night")
        if night and event.pk is None and event.date and not event.has_night(night):
            self.add_error("night", _("%(night)s is not a night of %(event)s.") % {"night": night, "event": event})
        if self.has_changed():
            for field, name in self.typed_as.items():
                setattr(self.instance, field, night and self._read(name, night))
            if not any(self.cleaned_data.get(name) for name in self.typed_as.values()) and not self.errors:
                self.add_error("opens", _("Say when the doors open, when the curfew is, or both."))
        return cleaned

    def _read(self, name: str, night: date) -> datetime | None:
        """The instant that was typed into a field, None for an empty one."""
        event, text = self.instance.event, self.cleaned_data.get(name)
        try:
            reading = {"zone": event.zone, "rollover": event.rollover, "is_typed_by_hand": True}
            return read_start(text, night=night, **reading) if text else None
        except ValidationError as error:
            self.add_error(name, error)
            return None

    def _post_clean(self) -> None:
        if self.has_changed():  # what was left alone goes along when the event is moved
            super()._post_clean()  # type: ignore[misc]


def place_of(doors: Doors) -> str:
    """The night that doors are for, and the venue where they are one venue's own."""
    night = date_format(doors.night, "l j F Y")
    return f"{night}, {doors.venue}" if doors.venue else night


class DoorsFormSet(forms.BaseInlineFormSet):
    """The doors in the form of their event.

    Where somebody else changed the event meanwhile, its form is not saved but shown again, with the
    doors as they are by then: what was typed into a row stays, what was left alone is as it is now.
    """

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        self.theirs: dict[int, dict[str, str]] = {}  # for the number of a row: what others wrote where she typed
        instance = kwargs.get("instance")
        event = Event.objects.filter(pk=instance.pk).first() if data is not None and instance else None
        super().__init__(data, *args, **kwargs)
        if event and self.data.get(SEEN_VERSION) not in (None, "", str(event.version)):
            self.data = self._on_rows_of_now(event)
            del self.management_form  # it counted the rows that were sent

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "event": self.instance}

    def clean(self) -> None:
        super().clean()
        places = set()
        for number, form in enumerate(self.forms):
            for name, text in self.theirs.get(number, {}).items():
                form.add_error(name, _("It is now “%(value)s”. Save again to keep what stands here.") % {"value": text})
            if form in self.deleted_forms or not form.cleaned_data.get("night"):
                continue
            place = (form.cleaned_data["night"], form.cleaned_data.get("venue"))
            if place in places:
                form.add_error("night", _("The doors of this night are set already; only venues may have other ones."))
            places.add(place)

    def _on_rows_of_now(self, event: Event) -> Any:
        """What was sent, as if it had been typed into a page with the doors as they are now.

        A row that others removed is a new one where something was typed into it, and gone otherwise.
        """
        standing = self.initial_form_count()
        numbers = {self.data.get(f"{self.prefix}-{number}-id"): number for number in range(standing)}
        rows, seen_now = list[dict[str, str]](), list[dict[str, str]]()
        for doors in self.get_queryset():
            form: Any = self.form(instance=doors, event=event)  # type: ignore[call-arg] # it is a DoorsForm
            now = {name: _text(form[name].value()) for name in form.fields}
            number = numbers.pop(str(doors.pk), None)
            typed = {} if number is None else self._typed(number)
            self.theirs[len(rows)] = {
                name: _shown(doors, name, now[name])
                for name, (seen, mine) in typed.items()
                if seen != now.get(name, seen) != mine
            }
            mine = {name: mine for name, (_seen, mine) in typed.items()}
            seen_now.append(now)
            rows.append({**now, **mine, "id": str(doors.pk)})
        news = [*numbers.values(), *range(standing, self.total_form_count())]
        added = [self._sent(number) for number in news if self._typed(number).keys() - {"DELETE"}]
        return self._data_of([*rows, *added], seen=seen_now, event=event)

    def _typed(self, number: int) -> dict[str, tuple[str, str]]:
        """What was changed in a row that was sent: what stood there before, and what was typed."""
        sent = self._sent(number)
        return {
            name: (seen, mine)
            for name, mine in sent.items()
            if (seen := _text(self.data.get(f"initial-{self.prefix}-{number}-{name}"))) != mine
        }

    def _sent(self, number: int) -> dict[str, str]:
        names = [*self.form.base_fields, *(["DELETE"] if f"{self.prefix}-{number}-DELETE" in self.data else [])]
        return {name: _text(self.data.get(f"{self.prefix}-{number}-{name}")) for name in names}

    def _data_of(self, rows: list[dict[str, str]], *, seen: list[dict[str, str]], event: Event) -> Any:
        """The rows as a browser would send them, in the place of those that it sent."""
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        for key in [key for key in sent if key.removeprefix("initial-").startswith(f"{self.prefix}-")]:
            del sent[key]
        for number, row in enumerate(rows):
            sent[f"{self.prefix}-{number}-event"] = str(event.pk)
            for name, text in row.items():
                sent[f"{self.prefix}-{number}-{name}"] = text
            for name in self.form.base_fields:
                text = seen[number].get(name, "") if number < len(seen) else ""
                sent[f"initial-{self.prefix}-{number}-{name}"] = text
        counts = {"TOTAL_FORMS": len(rows), "INITIAL_FORMS": len(seen)}
        for name, count in {**counts, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}.items():
            sent[f"{self.prefix}-{name}"] = str(count)
        return sent


def _text(value: Any) -> str:
    """A value as a browser sends it back when nobody touches it."""
    return "" if value is None else str(value).strip()


def _shown(doors: Doors, name: str, text: str) -> str:
    """What stands in a field of a row, as people read it."""
    words = {"night": date_format(doors.night), "venue": str(doors.venue or "")}
    return words.get(name, text) or _("open")


def opening_of(event: Event, night: date, venue: Venue | None) -> datetime | None:
    """When the doors of a venue open that night, else the night's."""
    doors = event.doors.filter(night=night)
    own = doors.filter(venue=venue).first() if venue else None
    fallback = own or doors.filter(venue=None).first()
    return fallback.opens_at if fallback else None


class PerformanceForm(DomainModelForm):
    typed_as = {"starts_at": "starts", "ends_at": "ends"}
    starts = forms.CharField(required=False, label=gettext_lazy("Starts"), help_text=TIME_HELP)
    ends = forms.CharField(required=False, label=gettext_lazy("Ends"), help_text=TIME_HELP)
    accept_long = forms.BooleanField(
        required=False,
        label=gettext_lazy("longer than six hours"),
        help_text=gettext_lazy("Tick when it really is."),
    )

    class Meta:
        model = Performance
        fields = (
            *("event", "night", "band", "billing", "kind", "venue", "notes", "crew_notes"),
            *("expected_delay_minutes", "replaces"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"].required = False
            self.fields["kind"].help_text = _(
                "Only for slots without a band. Empty: guessed from what it is billed as."
            )
            self.fields["kind"].choices = [("", "—"), *Performance.Kind.choices]  # type: ignore[attr-defined]
        performance = self.instance
        if "night" in self.fields and (event := self._event()):
            nights = [(night.isoformat(), date_format(night, "l j F Y")) for night in event.nights()]
            blank = [] if len(nights) == 1 and not performance.pk else [("", "---------")]
            self.fields["night"].widget = forms.Select(choices=[*blank, *nights], attrs={"class": "w-full max-w-2xl"})
        if not performance.pk:
            self.initial.setdefault("kind", "")
        else:
            event = performance.event
            for name, instant in (("starts", performance.starts_at), ("ends", performance.ends_at)):
                if instant:
                    self.initial[name] = typed_text(
                        instant, night=performance.night, zone=event.zone, rollover=event.rollover
                    )

    def clean_night(self) -> date:
        return read_day(self.cleaned_data["night"].isoformat())

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("band") and not cleaned.get("billing"):
            cleaned["billing"] = "TBA"
        cleaned["kind"] = self._kind(cleaned)
        event, night, replaced = cleaned.get("event"), cleaned.get("night"), cleaned.get("replaces")
        if self.instance.pk:
            event = self.instance.event
        if event and night:
            self._read_times(event, night)
        if event and replaced and replaced.event_id != event.pk:
            self.add_error("replaces", _("%(set)s plays at %(event)s.") % {"set": replaced, "event": replaced.event})
        return cleaned

    def _kind(self, cleaned: dict[str, Any]) -> Performance.Kind:
        if cleaned.get("band"):
            return Performance.Kind.SET
        chosen = cleaned.get("kind")
        if chosen in (Performance.Kind.PLACEHOLDER, Performance.Kind.ACTIVITY):
            return Performance.Kind(chosen)
        guessed = kind_of(cleaned.get("billing", ""))
        return Performance.Kind.PLACEHOLDER if guessed == Performance.Kind.SET else guessed

    def _read_times(self, event: Event, night: date) -> None:
        """Put the typed times into the set; one that was left as it is, on its night, stays the instant it is."""
        performance, zone = self.instance, event.zone
        start, end = self.cleaned_data.get("starts", ""), self.cleaned_data.get("ends", "")
        changed = set(self.changed_data)
        field = "starts"
        try:
            if changed & {"starts", "night", "event"}:
                performance.starts_at = performance.ends_at = None
                if start:
                    performance.starts_at = read_start(
                        start,
                        night=night,
                        zone=zone,
                        rollover=event.rollover,
                        doors=self._doors(event, night),
                        is_typed_by_hand=True,
                    )
            field = "ends"
            if changed & {"starts", "ends", "night", "event"}:
                performance.ends_at = None
                if end and not performance.starts_at:
                    raise ValidationError(_("There is an end but no start."))
                if end:
                    performance.ends_at = read_end(
                        end,
                        starts_at=performance.starts_at,
                        night=night,
                        zone=zone,
                        accept_long=bool(self.cleaned_data.get("accept_long")),
                        is_typed_by_hand=True,
                    )
        except ValidationError as error:
            self.add_error(field, error)

    def _event(self) -> Event | None:
        """The event whose nights are offered: the set's own, else the one that was chosen or came along."""
        if self.instance.pk:
            own: Event = self.instance.event
            return own
        given = self.data.get(self.add_prefix("event")) if self.is_bound else self.initial.get("event")
        try:
            found: Event | None = self.fields["event"].to_python(given)
        except ValidationError:
            return None
        return found

    def _doors(self, event: Event, night: date) -> datetime | None:
        return opening_of(event, night, self.cleaned_data.get("venue"))

    def apply(self, *, by: User | None, now: datetime) -> Performance:
        cleaned = self.cleaned_data
        names = ("night", "band", "billing", "kind", "venue", "notes", "crew_notes")
        fields = {name: cleaned[name] for name in names}
        fields |= {"starts_at": self.instance.starts_at, "ends_at": self.instance.ends_at}
        made: dict[str, Any] = {"by": by, "now": now}
        accept_long = bool(cleaned.get("accept_long"))
        if self.instance.pk:
            performance = Performance.objects.select_related("event").get(pk=self.instance.pk)
        elif replaced := cleaned.get("replaces"):
            performance = lineup.replace_set(replaced, band=cleaned["band"], billing=cleaned["billing"], **made)
        else:
            performance = lineup.add_set(cleaned["event"], accept_long=accept_long, **made, **fields)
        fields["expected_delay_minutes"] = cleaned["expected_delay_minutes"]
        seen = self.seen_version if self.instance.pk else None
        lineup.change_set(performance, accept_long=accept_long, seen_version=seen, **made, **fields)
        return performance
