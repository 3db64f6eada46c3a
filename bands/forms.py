"""Forms of the admin that write through domain functions."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from bands.library import add_band, add_genre, update_band, update_genre
from bands.models import BandAlias, BandProfile, Genre
from bands.naming import normalize_name, tidy_name
from bands.photos import prepare_picture


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


class DomainModelForm(TypedModelForm):
    """A model form whose row is written by a domain function, which is also asked whether the input is right.

    Validation rehearses `apply` and takes it back, so that the form says yes only to what can be saved.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Address of the page. Empty: made from the name, or left as it is."

    def apply(self, *, by: User | None, now: datetime) -> models.Model:
        """Write what was entered and answer the saved row. Raises ValidationError."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors and (refusal := self._rehearse()):
            self.add_error(None, refusal)

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


class PictureField(forms.ImageField):
    """An upload that is checked and re-encoded before anything keeps it."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        picture = super().clean(data, initial)
        return prepare_picture(picture) if isinstance(picture, UploadedFile) else picture


class BandForm(DomainModelForm):
    photo = PictureField(required=False)

    class Meta:
        model = BandProfile
        formfield_callback = assume_https
        fields = (
            *("name", "disambiguation", "slug", "genres", "origin", "origin_city", "origin_region", "description"),
            *("social_links", "photo", "photo_alt_text", "photo_credit", "contact_email", "is_active"),
        )

    def clean_photo(self) -> Any:
        return self.cleaned_data["photo"] or ""

    def clean_social_links(self) -> dict[str, Any]:
        links = self.cleaned_data["social_links"] or {}
        if not isinstance(links, dict):
            raise ValidationError('Write a JSON object such as {"instagram": "handle"}.', code="shape")
        return links

    def apply(self, *, by: User | None, now: datetime) -> BandProfile:
        fields = self.entered_fields()
        if self.instance.pk is None:
            return add_band(fields.pop("name"), by=by, now=now, **fields)
        return update_band(BandProfile.objects.get(pk=self.instance.pk), by=by, now=now, **fields)


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
            raise ValidationError("An alias needs at least one visible character.", code="required")
        return name
