"""Forms of the admin that write through domain functions."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from bands.library import add_band, add_genre, update_band, update_genre
from bands.links import LONGEST_LINK, PLATFORMS, is_link, links_from, read_link, typed_links
from bands.matching import Twin, find_twins
from bands.models import BandAlias, BandProfile, Genre
from bands.naming import normalize_name, tidy_name
from bands.photos import ACCEPTED_TYPES, MAX_BYTES, prepare_picture
from settimes.versions import StaleError

SEEN_VERSION = "seen_version"
SEEN_VALUES = "seen_values"
LINK = "link_"  # begins the names of the fields for links


def assume_https(field: models.Field, **kwargs: Any) -> forms.Field | None:
    """The form field of a model field; an address typed without a scheme is taken to be https."""
    if isinstance(field, models.URLField):
        kwargs.setdefault("assume_scheme", "https")
    return field.formfield(**kwargs)


class TypedModelForm(forms.ModelForm):
    """A model form in which some of the model's fields are typed into a field of another name, or not at all."""

    typed_as: ClassVar[dict[str, str]] = {}

    def add_error(self, field: str | None, error: Any) -> None:
        """Put an error to the field that people type into, on top what names a field that the form does not show."""
        if hasattr(error, "error_dict"):
            for name, errors in error.error_dict.items():
                self.add_error(name, errors)
            return
        shown = self.typed_as.get(field or "", field)
        super().add_error(shown if shown in self.fields else None, error)


@dataclass(frozen=True)
class Clash:
    """A field that two people changed: what each of them wants there.

    `options` is what takes the other one's: values as a browser would send them, each with its text.
    """

    field: forms.BoundField
    mine: str
    theirs: str
    options: list[tuple[Any, str]]

    @property
    def options_json(self) -> str:
        return json.dumps(self.options)


@dataclass(frozen=True)
class Stale:
    """A row that somebody else changed while it was open in a form, and what became of the fields.

    `taken` were changed by the other one alone and hold her values now; `is_file_lost` says that a
    file was chosen, which a browser does not keep.
    """

    row: models.Model
    clashes: list[Clash]
    taken: list[str]
    is_file_lost: bool


class DomainModelForm(TypedModelForm):
    """A model form whose row is written by a domain function, which is also asked whether the input is right.

    Validation rehearses `apply` and takes it back, so that the form says yes only to what can be saved.
    Where somebody else changed the row meanwhile, `stale` says what is different, and saving again is
    on purpose.
    """

    stale: Stale | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _("Address of the page. Empty: made from the name, or left as it is.")
        if self.instance.pk and hasattr(self.instance, "version"):
            self.fields[SEEN_VERSION] = forms.IntegerField(
                widget=forms.HiddenInput, required=False, initial=self.instance.version
            )
            self.fields[SEEN_VALUES] = forms.JSONField(
                widget=forms.HiddenInput, required=False, initial=self.standing_values
            )

    @property
    def seen_version(self) -> int | None:
        """The version of the row that was on the page, for rows that have versions."""
        return self.cleaned_data.get(SEEN_VERSION)

    def apply(self, *, by: User | None, now: datetime) -> models.Model:
        """Write what was entered and answer the saved row. Raises ValidationError."""
        raise NotImplementedError

    def standing_values(self) -> dict[str, Any]:
        """What stands in the fields of the row's form, as a browser would send it back."""
        compared = [name for name in self.fields if name not in (SEEN_VERSION, SEEN_VALUES)]
        fields = {name: self.fields[name] for name in compared}
        return {
            name: _raw(field, field.prepare_value(self.get_initial_for_field(field, name)))
            for name, field in fields.items()
        }

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors or not (refusal := self._rehearse()):
            return
        if isinstance(refusal, StaleError):
            self._show_both(refusal.row)
        else:
            self.add_error(None, refusal)

    def _show_both(self, row: models.Model) -> None:
        """Say beside each field that two people changed what the other one wrote, and take over what only she changed.

        Whoever then saves again wants what stands there.
        """
        seen, mine = self.cleaned_data.get(SEEN_VALUES), self._sent_values()
        current = type(self)(instance=row)
        theirs = current.standing_values()
        seen = seen if isinstance(seen, dict) else {}
        differing = [name for name in mine if mine[name] != theirs[name]]
        taken = [name for name in differing if name in seen and seen[name] == mine[name]]
        clashing = [name for name in differing if name not in taken and seen.get(name) != theirs[name]]
        self.stale = Stale(
            row=row,
            clashes=[
                Clash(self[name], self.entered(name), current.shown(name), current.options_of(name, theirs[name]))
                for name in clashing
            ],
            taken=[str(self[name].label) for name in taken],
            is_file_lost=any(self.add_prefix(name) in self.files for name in self.fields),
        )
        self.add_error(None, ValidationError(_("Nothing is saved yet. Look through it and save again."), code="stale"))
        for clash in self.stale.clashes:
            now = _("It is now “%(value)s”. Save again to keep what stands here.") % {"value": clash.theirs}
            self.add_error(clash.field.name, now)
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        for name in taken:
            _send(sent, self.add_prefix(name), theirs[name])
        sent[self.add_prefix(SEEN_VERSION)] = str(row.version)  # type: ignore[attr-defined]
        sent[self.add_prefix(SEEN_VALUES)] = json.dumps(theirs)
        self.data = sent

    def _sent_values(self) -> dict[str, Any]:
        """What was sent for each field, files apart."""
        return {
            name: _raw(field, self[name].value())
            for name, field in self.fields.items()
            if name not in (SEEN_VERSION, SEEN_VALUES) and not isinstance(field, forms.FileField)
        }

    def entered(self, name: str) -> str:
        """What was typed or chosen for a field, as people read it."""
        value, field = self.cleaned_data.get(name), self.fields[name]
        if isinstance(field, forms.ModelMultipleChoiceField):
            return ", ".join(str(each) for each in value or ())
        return self._words(field, value)

    def shown(self, name: str) -> str:
        """The value of a field of the row as people read it."""
        value, field = self.get_initial_for_field(self.fields[name], name), self.fields[name]
        if isinstance(field, forms.ModelMultipleChoiceField):
            return ", ".join(str(each) for each in value)
        if isinstance(field, forms.ModelChoiceField) and value:
            return str(getattr(self.instance, name))
        return self._words(field, value)

    def options_of(self, name: str, raw: Any) -> list[tuple[Any, str]]:
        """The value of a field of the row as choices: what a browser would send, and what it says."""
        if isinstance(raw, list):
            rows = self.get_initial_for_field(self.fields[name], name)
            return [(str(self.fields[name].prepare_value(each)), str(each)) for each in rows]
        return [(raw, self.shown(name))]

    @staticmethod
    def _words(field: forms.Field, value: Any) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
            return str(dict(field.choices).get(value, value or ""))  # type: ignore[arg-type]
        return "" if value in (None, {}, []) else str(value)

    def _rehearse(self) -> ValidationError | None:
        entered = self.cleaned_data
        # Without uploads: a file that is written stays there when the rest is taken back.
        self.cleaned_data = {name: "" if isinstance(value, ContentFile) else value for name, value in entered.items()}
        try:
            with transaction.atomic():
                self.apply(by=None, now=timezone.now())
                transaction.set_rollback(True)
        except ValidationError as error:
            return error
        finally:
            self.cleaned_data = entered
        return None

    def entered_fields(self) -> dict[str, Any]:
        """The model's fields with what was entered: all of a new row, of an old one those that were changed.

        An emptied slug is left out: a new row gets one made from its name, an old one keeps its own.
        """
        names = self.cleaned_data if self.instance.pk is None else self.changed_data
        fields = {name: self.cleaned_data[name] for name in names if name in (self._meta.fields or ())}
        if not fields.get("slug"):
            fields.pop("slug", None)
        return fields


def _raw(field: forms.Field, value: Any) -> Any:
    """A field's value as a browser sends it back when nobody touches it: a text, a list of texts, or a tick."""
    if isinstance(field, forms.BooleanField):
        return bool(value)
    if isinstance(value, list | tuple):
        return sorted(str(each) for each in value)
    if isinstance(value, date | time):
        value = field.widget.format_value(value)
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def _send(sent: Any, key: str, raw: Any) -> None:
    """Put a value among those that a browser sent, as it would have."""
    if isinstance(raw, list) and hasattr(sent, "setlist"):
        sent.setlist(key, raw)
    elif raw is False:
        sent.pop(key, None)  # a box that is not ticked is not sent
    else:
        sent[key] = "on" if raw is True else raw


class PictureField(forms.ImageField):
    """An upload that is checked and re-encoded before anything keeps it."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        picture = super().clean(data, initial)
        return prepare_picture(picture) if isinstance(picture, UploadedFile) else picture


class PhotoInput(forms.ClearableFileInput):
    """A picker of pictures, from the camera roll of a phone too; a script makes it a place to drop one on."""

    def __init__(self) -> None:
        super().__init__(attrs={"accept": ACCEPTED_TYPES, "data-photo": "", "data-most-bytes": str(MAX_BYTES)})


def _link_fields() -> dict[str, forms.CharField]:
    """An input for each platform that we know."""
    return {
        f"{LINK}{key}": forms.CharField(
            label=platform.label,
            required=False,
            max_length=LONGEST_LINK,
            widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
            help_text=gettext_lazy("Address or handle.") if platform.handles else gettext_lazy("Address."),
        )
        for key, platform in PLATFORMS.items()
    }


LinksForm: Any = type("LinksForm", (forms.Form,), _link_fields())


class BandForm(LinksForm, DomainModelForm):  # type: ignore[misc] # its fields are made from the platforms
    """A band. A new one that may be there already is refused until somebody writes what tells it apart."""

    typed_as = {"social_links": "link_website"}
    photo = PictureField(
        label=gettext_lazy("Photo"),
        required=False,
        widget=PhotoInput,
        help_text=gettext_lazy("JPEG, PNG or WebP, at most 5 MB."),
    )

    class Meta:
        model = BandProfile
        formfield_callback = assume_https
        fields = (
            *("name", "disambiguation", "slug", "genres", "origin", "origin_city", "origin_region", "description"),
            *("photo", "photo_alt_text", "photo_credit", "contact_email", "is_active"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.twins: list[Twin] = []
        self.initial = {**{f"{LINK}{key}": text for key, text in self._stored_links().items()}, **self.initial}
        if "photo_alt_text" in self.fields:
            self.fields["photo_alt_text"].help_text = gettext_lazy(
                "What the photo shows, in a few words: people who cannot see it hear this instead."
            )
        if "photo_credit" in self.fields:
            self.fields["photo_credit"].help_text = gettext_lazy("Who took it? The name is shown under the photo.")

    def clean_photo(self) -> Any:
        return self.cleaned_data["photo"] or ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        for key in PLATFORMS:
            self._read_link(key)
        self._ask_for_alternative_text(cleaned)
        if self.instance.pk is None and cleaned.get("name"):
            self._look_for_twins(cleaned)
        return cleaned

    def apply(self, *, by: User | None, now: datetime) -> BandProfile:
        fields = self.entered_fields()
        if self.instance.pk is None:
            return add_band(fields.pop("name"), by=by, now=now, **fields)
        band = BandProfile.objects.get(pk=self.instance.pk)
        return update_band(band, seen_version=self.seen_version, by=by, now=now, **fields)

    def entered_fields(self) -> dict[str, Any]:
        kept = self._stored_links()
        fields = {name: value for name, value in super().entered_fields().items() if not name.startswith(LINK)}
        typed = {key: self.cleaned_data.get(f"{LINK}{key}", "") for key in PLATFORMS}
        if typed != kept:
            fields["social_links"] = links_from(typed, kept=self.instance.social_links)
        return fields

    def _stored_links(self) -> dict[str, str]:
        return typed_links(self.instance.social_links)

    def _read_link(self, key: str) -> None:
        name, kept = f"{LINK}{key}", self._stored_links()[key]
        try:
            text = self.cleaned_data.get(name, "")
            self.cleaned_data[name] = kept if text == kept and is_link(key, kept) else read_link(key, text)
        except ValidationError as error:
            self.add_error(name, error)

    def _ask_for_alternative_text(self, cleaned: dict[str, Any]) -> None:
        """With every new photo, and where one loses its text; an old photo without it does not stop other changes."""
        is_touched = {"photo", "photo_alt_text"} & set(self.changed_data)
        if cleaned.get("photo") and is_touched and not (cleaned.get("photo_alt_text") or "").strip():
            self.add_error(
                "photo_alt_text",
                ValidationError(
                    _("Write what the photo shows: people who cannot see it hear this instead."), code="required"
                ),
            )

    def _look_for_twins(self, cleaned: dict[str, Any]) -> None:
        """Whoever adds a band that may be there already writes a word that tells it from the one that is there."""
        self.twins = find_twins(cleaned["name"])
        is_told_apart = normalize_name(cleaned.get("disambiguation") or "") or "disambiguation" in self.errors
        if is_told_apart or not self.twins:
            return
        refusal = (
            _("There is a band of this name. Use it, or write a word that tells yours apart, like its city.")
            if any(twin.is_same for twin in self.twins)
            else _("There is a band of a similar name. Use it, or write a word that tells yours apart, like its city.")
        )
        self.add_error("disambiguation", ValidationError(refusal, code="twin"))


class GenreForm(DomainModelForm):
    class Meta:
        model = Genre
        fields = ("name", "slug")

    def apply(self, *, by: User | None, now: datetime) -> Genre:
        fields = self.entered_fields()
        if self.instance.pk is None:
            return add_genre(fields.pop("name"), by=by, now=now, **fields)
        genre = Genre.objects.get(pk=self.instance.pk)
        update_genre(genre, by=by, now=now, **fields)
        return genre


class AliasForm(forms.ModelForm):
    """Another name of a band, inside the band's form."""

    class Meta:
        model = BandAlias
        fields = ("name",)

    def clean_name(self) -> str:
        name = tidy_name(self.cleaned_data["name"])
        if not normalize_name(name):
            raise ValidationError(_("An alias needs at least one visible character."), code="required")
        return name
