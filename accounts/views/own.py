"""One's own account: profile, password, factors, trusted devices, sessions."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp.models import Device
from django_otp_webauthn.models import WebAuthnCredential

from accounts import factors, people, sessions, trusted_devices
from accounts.forms import CodeForm, NamedCodeForm, NameForm, PasswordChangeForm, ProfileForm
from accounts.gates import confirm_first, fresh_sign_in_required, person
from accounts.limits import ANY_FORM, limited
from accounts.lockouts import TooManyAttempts
from accounts.middleware import open_without_factor
from accounts.models import AuthenticatorApp, BackupCodeSheet, EmailFactor, UserSession
from accounts.signing_in import (
    FACTOR,
    TRUSTED_DEVICE,
    check_own_password,
    confirm_session,
    is_verified,
    keep_session_of,
)
from accounts.views.doors import NEXT, client_from
from accounts.views.failures import too_many
from settimes.sealing import seal, unseal

APP_SECRET = "app_secret"
SHOWN_CODES = "backup_codes"
FACTOR_KINDS: dict[str, type[Device]] = {
    "app": AuthenticatorApp,
    "passkey": WebAuthnCredential,
    "email": EmailFactor,
    "codes": BackupCodeSheet,
}


def section_of(request: HttpRequest) -> str:
    """The tab a page belongs to; none while she is on her way to her first factor and no other page is open to her."""
    return "security" if is_verified(request) else ""


def kind_of(device: Device) -> str:
    return next(kind for kind, model in FACTOR_KINDS.items() if isinstance(device, model))


@never_cache
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Names, language, time format."""
    user = person(request)
    initial = {name: getattr(user, name) for name in people.PROFILE}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            people.update_profile(user, by=user, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form, "section": "profile"})


@never_cache
@require_GET
def security(request: HttpRequest) -> HttpResponse:
    """Everything that lets her in, in one place."""
    user, now = person(request), timezone.now()
    current: Any = request.session
    context = {
        "section": "security",
        "factors": [(kind_of(device), device) for device in factors.factors_of(user)],
        "codes_left": factors.backup_codes_left(user),
        "few_codes": factors.FEW_BACKUP_CODES,
        "has_codes_to_show": SHOWN_CODES in request.session,
        "devices": trusted_devices.trusted_devices(user, now=now),
        "this_device": request.session.get(TRUSTED_DEVICE),
        "sessions": [
            (session, session.pk == current.row.pk, place_of(session, client_from(request).address))
            for session in user.sessions.all()
            if session.expire_date > now and session.last_seen_at + sessions.idle_limit(user) > now
        ],
    }
    return render(request, "accounts/security.html", context)


def place_of(session: UserSession, address: str) -> str:
    """Where a session is, in words: nobody is asked where an address lies."""
    if not session.address:
        return _("place not known")
    if session.address == address:
        return _("the network you are on now")
    return _("another network (%(address)s)") % {"address": session.address}


@never_cache
@require_http_methods(["GET", "POST"])
@limited(ANY_FORM, group="password")
def password(request: HttpRequest) -> HttpResponseBase:
    """A new password, for who knows the one of now."""
    user, now = person(request), timezone.now()
    form = PasswordChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if not check_own_password(
                user, form.cleaned_data["current_password"], client=client_from(request), now=now
            ):
                form.add_error("current_password", _("This is not your password."))
        except TooManyAttempts as refusal:
            return too_many(request, refusal, now=now)
        if form.is_valid():
            try:
                new = form.cleaned_data["password"]
                people.set_password(
                    user, new, by=user, keep_session=keep_session_of(request), now=now, reason="changed"
                )
            except ValidationError as error:
                form.add_error("password", error)
            else:
                confirm_session(request, factor="", now=now, user=user)
                messages.success(request, _("Your password is changed. You are signed out everywhere else."))
                return redirect("accounts:security")
    return render(request, "accounts/password.html", {"form": form, "section": "security"})


# --- Factors -----------------------------------------------------------------------------------


@never_cache
@require_GET
@open_without_factor
def factor_setup(request: HttpRequest) -> HttpResponse:
    """Choose a second factor: the first, because the account needs one, or another one."""
    user = person(request)
    context = {
        "section": section_of(request),
        "is_first": not factors.has_factor(user),
        "has_email_factor": EmailFactor.objects.filter(user=user, confirmed=True).exists(),
    }
    return render(request, "accounts/factor_setup.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@open_without_factor
@fresh_sign_in_required
@limited(ANY_FORM, group="enrol")
def app_add(request: HttpRequest) -> HttpResponseBase:
    """Scan, type the code, done."""
    user, now = person(request), timezone.now()
    form = NamedCodeForm(request.POST or None)
    sealed = request.session.get(APP_SECRET) if request.method == "POST" else None
    app = factors.app_with(sealed, user, now=now) if sealed else factors.new_app(user, now=now)
    request.session[APP_SECRET] = app.sealed_secret
    if request.method == "POST" and form.is_valid():
        try:
            factors.add_app(
                app,
                form.cleaned_data["code"],
                name=form.cleaned_data["name"],
                keep_session=keep_session_of(request),
                now=now,
            )
        except ValidationError as error:
            form.add_error("code", " ".join(error.messages))
        else:
            del request.session[APP_SECRET]
            return redirect(after_enrolment(request, factor="code"))
    picture, secret = factors.app_picture(app), factors.app_secret(app)
    context = {"form": form, "picture": picture, "secret": secret, "address": factors.app_address(app)}
    return render(request, "accounts/app_add.html", {**context, "section": section_of(request)})


@never_cache
@require_http_methods(["GET", "POST"])
@open_without_factor
@fresh_sign_in_required
@limited(ANY_FORM, group="enrol")
def email_factor_add(request: HttpRequest) -> HttpResponseBase:
    """Have a code mailed, type it, done."""
    user, now = person(request), timezone.now()
    has_code = "code" in request.POST
    form = CodeForm(request.POST if has_code else None)
    if request.method == "POST":
        try:
            if not has_code:
                factors.begin_email_factor(user, now=now)
            elif form.is_valid():
                factors.add_email_factor(
                    user, form.cleaned_data["code"], keep_session=keep_session_of(request), now=now
                )
                return redirect(after_enrolment(request, factor="code"))
        except ValidationError as error:
            if not has_code:
                messages.error(request, " ".join(error.messages))
                return redirect("accounts:security")
            form.add_error("code", error)
    context = {"form": form, "is_sent": request.method == "POST", "section": section_of(request)}
    return render(request, "accounts/email_factor_add.html", context)


def after_enrolment(request: HttpRequest, *, factor: str) -> str:
    """Where to go with a new factor, by which this session counts as proved: to backup codes, if there are none yet."""
    user, now = person(request), timezone.now()
    confirm_session(request, factor=factor, now=now)
    if factors.backup_codes_left(user) is None:
        _keep_codes(request, factors.make_backup_codes(user, now=now))
        return reverse("accounts:codes_show")
    messages.success(request, _("Your second factor works from now on."))
    onward: str = request.session.pop(NEXT, reverse("accounts:security"))
    return onward


def _keep_codes(request: HttpRequest, codes: list[str]) -> None:
    """Until they are shown; encrypted, because a session is a row of the database."""
    request.session[SHOWN_CODES] = seal(" ".join(codes))


@require_POST
@limited(ANY_FORM, group="enrol")
def codes_make(request: HttpRequest) -> HttpResponseBase:
    """Ten new backup codes; the old ones stop working."""
    if page := confirm_first(request, next_address=reverse("accounts:security")):
        return page
    _keep_codes(request, factors.make_backup_codes(person(request), now=timezone.now()))
    return redirect("accounts:codes_show")


@never_cache
@require_http_methods(["GET", "POST"])
def codes_show(request: HttpRequest) -> HttpResponse:
    """The codes, until she says that she has kept them, and never again."""
    sealed = request.session.get(SHOWN_CODES)
    if sealed is None:
        messages.info(request, _("Backup codes are shown only once. Make new ones if you have lost them."))
        return redirect("accounts:security")
    if request.method == "POST":
        del request.session[SHOWN_CODES]
        return redirect(request.session.pop(NEXT, reverse("accounts:security")))
    context = {"codes": unseal(sealed).split(), "section": "security"}
    return render(request, "accounts/codes_show.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@fresh_sign_in_required
def factor_rename(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Give a factor another name."""
    device = _own_factor(request, kind, pk)
    form = NameForm(request.POST or None, initial={"name": device.name})
    if request.method == "POST" and form.is_valid():
        factors.rename_factor(device, form.cleaned_data["name"], now=timezone.now())
        return redirect("accounts:security")
    return render(request, "accounts/factor_rename.html", {"form": form, "device": device, "section": "security"})


@never_cache
@require_http_methods(["GET", "POST"])
@fresh_sign_in_required
def factor_remove(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Take a factor away, after asking."""
    device = _own_factor(request, kind, pk)
    if request.method == "POST":
        try:
            factors.remove_factor(device, keep_session=keep_session_of(request), now=timezone.now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            confirm_session(request, factor=request.session.get(FACTOR, ""), now=timezone.now())
            messages.success(request, _("Removed. You are signed out everywhere else."))
        return redirect("accounts:security")
    return render(request, "accounts/factor_remove.html", {"device": device, "section": "security"})


def _own_factor(request: HttpRequest, kind: str, pk: int) -> Device:
    if kind not in FACTOR_KINDS:
        raise Http404
    device: Device = get_object_or_404(FACTOR_KINDS[kind], pk=pk, user=person(request), confirmed=True)
    return device


# --- Devices and sessions ----------------------------------------------------------------------


@require_POST
def device_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the second factor again on one device."""
    device = get_object_or_404(person(request).trusted_devices, pk=pk)
    trusted_devices.revoke_device(device, by=person(request), now=timezone.now())
    messages.success(request, _("This device is asked for the second factor again."))
    return redirect("accounts:security")


@require_POST
def devices_revoke(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor again everywhere."""
    trusted_devices.revoke_devices(person(request), now=timezone.now())
    messages.success(request, _("All devices are asked for the second factor again."))
    return redirect("accounts:security")


@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out on one other device."""
    session = get_object_or_404(person(request).sessions, pk=pk)
    sessions.end_session(session, by=person(request), now=timezone.now())
    messages.success(request, _("That session has ended."))
    return redirect("accounts:security")


@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    user = person(request)
    sessions.end_sessions(user, keep=keep_session_of(request), by=user, reason="ended", now=timezone.now())
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("accounts:security")
