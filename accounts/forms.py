"""What people type about themselves."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Invite, User
from accounts.passwords import MOST_CHARACTERS

MOST_CODE_CHARACTERS = 40
MOST_NAME_CHARACTERS = 64


class PlainForm(forms.Form):
    """A form that says what is wrong beside each field, and refuses fields that it does not know."""

    NOT_FIELDS = frozenset({"csrfmiddlewaretoken", "next"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            if field.required:
                field.widget.attrs["required"] = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        unknown = set(self.data) - {self.add_prefix(name) for name in self.fields} - self.NOT_FIELDS
        if unknown:
            raise ValidationError(_("This form was sent with fields that it does not have."), code="unknown_field")
        return cleaned


class SignInForm(PlainForm):
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username webauthn", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(PlainForm):
    code = forms.CharField(
        label=_("Code"),
        max_length=MOST_CODE_CHARACTERS,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class FactorForm(CodeForm):
    remember = forms.BooleanField(label=_("Do not ask on this device for 30 days"), required=False)


class NamedCodeForm(CodeForm):
    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=MOST_CODE_CHARACTERS,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    name = forms.CharField(
        label=_("Name for it"),
        max_length=MOST_NAME_CHARACTERS,
        required=False,
        help_text=_("For example “my phone”. May stay empty."),
    )


class NameForm(PlainForm):
    name = forms.CharField(label=_("Name"), max_length=MOST_NAME_CHARACTERS)


class EmailForm(PlainForm):
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))


def new_password_field(label: Any = None) -> forms.CharField:
    return forms.CharField(
        label=label or _("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": 12}),
        help_text=format_lazy(
            _("12 to {most} characters. A sentence of your own is good; no rules about digits or signs."),
            most=MOST_CHARACTERS,
        ),
    )


class NewPasswordForm(PlainForm):
    password = new_password_field()


class PasswordChangeForm(PlainForm):
    current_password = forms.CharField(
        label=_("Password now"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = new_password_field()


class SignUpForm(PlainForm):
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    first_name = forms.CharField(
        label=_("First name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    password = new_password_field(_("Password"))


class ProfileForm(PlainForm):
    first_name = forms.CharField(
        label=_("First name"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("as the browser asks")), ("en", "English"), ("fr", "Français")],
    )
    time_format = forms.ChoiceField(label=_("Times"), required=False, choices=User.TimeFormat.choices)


class ConfirmForm(PlainForm):
    password = forms.CharField(required=False, strip=False)
    code = forms.CharField(required=False, max_length=MOST_CODE_CHARACTERS)


class InviteForm(forms.ModelForm):
    """What an admin says of somebody she invites."""

    days = forms.IntegerField(
        label=_("works for (days)"), min_value=1, max_value=365, initial=7, help_text=_("1 to 365 days.")
    )

    class Meta:
        model = Invite
        fields = ["email", "role"]
