"""Forms of the admin for events, venues and sets; times are typed as people type them, in the event's zone."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import User
from bands.forms import DomainModelForm, PictureField, TypedModelForm, assume_https
from schedule import events, lineup
from schedule.access import give_access
from schedule.billing import kind_of
from schedule.models import Doors, Event, EventAccess, Performance, Venue
from schedule.models.event import validate_time_zone
from schedule.nights import typed_text
from schedule.typed_times import read_end, read_start

TIME_HELP = "As you say it: 20:00, 8:30 PM, 20h30, noon, midnight, 24:25. Empty while it is open."


def default_time_zone() -> str:
    return settings.TIME_ZONE


class EventForm(DomainModelForm):
    timezone = forms.CharField(
        label="Time zone",
        initial=default_time_zone,
        validators=[validate_time_zone],
        help_text="For example America/Toronto.",
    )
    poster = PictureField(required=False)

    class Meta:
        model = Event
        formfield_callback = assume_https
        fields = (
            *("name", "slug", "date", "end_date", "city", "timezone", "rollover", "description", "ticket_url", "price"),
            *("age_rule", "presented_by", "presented_by_url", "poster", "poster_alt_text", "reveal_mode"),
            *("times_public", "default_set_minutes", "venue_info", "social_links", "theme_colors"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The doors of a new event are read also when the zone that was typed for it is refused.
        self.instance.timezone = self.instance.timezone or default_time_zone()

    def clean_poster(self) -> Any:
        return self.cleaned_data["poster"] or ""

    def clean_venue_info(self) -> Any:
        return self.cleaned_data["venue_info"] or []

    def clean_social_links(self) -> Any:
        return self.cleaned_data["social_links"] or {}

    def clean_theme_colors(self) -> Any:
        return self.cleaned_data["theme_colors"] or {}

    def apply(self, *, by: User | None, now: datetime) -> Event:
        if self.instance.pk is None:
            return events.create_event(by=by, now=now, **self.entered_fields())
        event = Event.objects.get(pk=self.instance.pk)
        events.update_event(event, by=by, now=now, **self.entered_fields())
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
            *("city", "region", "postal_code", "country", "latitude", "longitude", "capacity", "access_notes"),
            *("website", "instagram", "facebook", "phone", "contact_email"),
        )

    def apply(self, *, by: User | None, now: datetime) -> Venue:
        fields = self.entered_fields()
        if self.instance.pk is None:
            return events.add_venue(fields.pop("name"), by=by, now=now, **fields)
        venue = Venue.objects.get(pk=self.instance.pk)
        events.update_venue(venue, by=by, now=now, **fields)
        return venue


class DoorsForm(TypedModelForm):
    """When the doors of a night open, inside the form of its event."""

    typed_as = {"opens_at": "opens"}
    opens = forms.CharField(label="open at", help_text="As you say it: 18:30, 6:30 PM.")

    class Meta:
        model = Doors
        fields = ("night", "venue")

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.event = event  # with the dates and the zone that are just being entered
        if self.instance.pk:
            doors = self.instance
            self.initial["opens"] = typed_text(
                doors.opens_at, night=doors.night, zone=event.zone, rollover=event.rollover
            )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        event, night, text = self.instance.event, self.cleaned_data.get("night"), self.cleaned_data.get("opens")
        if night and event.pk is None and event.date and not event.has_night(night):
            self.add_error("night", f"{night} is not a night of {event}.")
        if self.has_changed():
            self.instance.opens_at = None
        if night and text and self.has_changed():
            try:
                self.instance.opens_at = read_start(
                    text, night=night, zone=event.zone, rollover=event.rollover, is_typed_by_hand=True
                )
            except ValidationError as error:
                self.add_error("opens", error)
        return cleaned

    def _post_clean(self) -> None:
        if self.has_changed():  # what was left alone goes along when the event is moved
            super()._post_clean()  # type: ignore[misc]


class DoorsFormSet(forms.BaseInlineFormSet):
    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "event": self.instance}

    def clean(self) -> None:
        super().clean()
        places = set()
        for form in self.forms:
            if form in self.deleted_forms or not form.cleaned_data.get("night"):
                continue
            place = (form.cleaned_data["night"], form.cleaned_data.get("venue"))
            if place in places:
                form.add_error("night", "The doors of this night are set already; only venues may have other ones.")
            places.add(place)


class PerformanceForm(DomainModelForm):
    typed_as = {"starts_at": "starts", "ends_at": "ends"}
    starts = forms.CharField(required=False, help_text=TIME_HELP)
    ends = forms.CharField(required=False, help_text=TIME_HELP)
    accept_long = forms.BooleanField(required=False, label="longer than six hours", help_text="Tick when it really is.")

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
            self.fields["kind"].help_text = "Only for slots without a band. Empty: guessed from what it is billed as."
            self.fields["kind"].choices = [("", "—"), *Performance.Kind.choices]  # type: ignore[attr-defined]
        performance = self.instance
        if not performance.pk:
            self.initial.setdefault("kind", "")
        else:
            event = performance.event
            for name, instant in (("starts", performance.starts_at), ("ends", performance.ends_at)):
                if instant:
                    self.initial[name] = typed_text(
                        instant, night=performance.night, zone=event.zone, rollover=event.rollover
                    )

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
            self.add_error("replaces", f"{replaced} plays at {replaced.event}.")
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
                    raise ValidationError("There is an end but no start.")
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

    def _doors(self, event: Event, night: date) -> datetime | None:
        """When the doors of the set's venue open that night, else the night's."""
        doors: QuerySet[Doors] = event.doors.filter(night=night)
        venue = self.cleaned_data.get("venue")
        own = doors.filter(venue=venue).first() if venue else None
        fallback = own or doors.filter(venue=None).first()
        return fallback.opens_at if fallback else None

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
        lineup.change_set(performance, accept_long=accept_long, **made, **fields)
        return performance
