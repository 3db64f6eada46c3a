"""The door: password, second factor, out again; and proving in between that it is still she."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp_webauthn.models import WebAuthnCredential

from accounts import factors
from accounts.clients import Client
from accounts.forms import ConfirmForm, FactorForm, SignInForm
from accounts.gates import confirmation_page, is_enough, person
from accounts.limits import ANY_FORM, SIGN_IN, limited
from accounts.lockouts import TooManyAttempts
from accounts.middleware import CHALLENGE, open_without_factor, quiet
from accounts.models import AuthEvent, EmailFactor, SignInChallenge, TrustedDevice, User
from accounts.models.user import fold_address
from accounts.sessions import BEFORE_SIGN_IN
from accounts.signing_in import (
    TRUSTED_DEVICE,
    UNLOCKED,
    Answer,
    check_code,
    check_own_password,
    check_password,
    close_challenge,
    confirm_session,
    find_challenge,
    is_verified,
    open_challenge,
    refuse_unread,
    start_session,
)
from accounts.trails import record_attempt, security_log
from accounts.trusted_devices import LIFETIME, trust_device
from accounts.views.failures import refused_text, too_many

NEXT = "next"
TRUSTED = "trusted device"


def client_from(request: HttpRequest) -> Client:
    client: Client = request.client  # type: ignore[attr-defined]
    return client


def safe_next(request: HttpRequest, wanted: str) -> str:
    """Where to go on to: an address of this site, else the admin."""
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    return wanted if is_ours and wanted.startswith("/") else reverse("admin:index")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
@limited(SIGN_IN, group="sign-in")
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Address and password. Whatever is wrong, the answer is the same, until the password is right."""
    wanted = safe_next(request, request.POST.get(NEXT) or request.GET.get(NEXT, ""))
    if request.user.is_authenticated and is_verified(request):
        return redirect(wanted)
    form = SignInForm(request.POST or None)
    state: dict[str, Any] = {}
    if request.method == "POST":
        now = timezone.now()
        email, password = request.POST.get("email", ""), request.POST.get("password", "")
        try:
            if form.is_valid():
                result = check_password(
                    email,
                    password,
                    client=client_from(request),
                    device_token=_device_token(request),
                    has_unlocked=has_unlocked(request, email),
                    now=now,
                )
            else:
                security_log("input_validation_fail", reason="sign-in form")
                result = refuse_unread(password)
        except TooManyAttempts as refusal:
            return too_many(request, refusal, now=now)
        if result.answer is Answer.RIGHT and result.user is not None:
            return _after_password(request, result.user, result.device, wanted)
        state = {"refused": refused_text(), "answer": result.answer.value, "email": email}
        if result.answer in (Answer.NOT_ACTIVATED, Answer.DEACTIVATED):
            return render(request, "accounts/sign_in.html", {"form": form, NEXT: wanted, **state}, status=403)
    context = {"form": form, NEXT: wanted, "ended": request.GET.get("ended", ""), **state}
    return render(request, "accounts/sign_in.html", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
@limited(SIGN_IN, group="factor")
def factor(request: HttpRequest) -> HttpResponseBase:
    """The second factor, for who gave the right password within the last five minutes."""
    now, client = timezone.now(), client_from(request)
    challenge = current_challenge(request)
    if challenge is None:
        return _lost_challenge(request)
    user = challenge.user
    form = FactorForm(request.POST or None)
    refused, sent = "", request.GET.get("sent", "")
    if request.method == "POST" and not form.is_valid():
        refused = refused_text_for_code()
    elif request.method == "POST":
        try:
            device = check_code(
                user,
                form.cleaned_data["code"],
                client=client,
                kind=AuthEvent.Kind.FACTOR,
                has_unlocked=has_unlocked(request, user.email),
                now=now,
            )
        except TooManyAttempts as refusal:
            if refusal.scope == "network":
                return too_many(request, refusal, now=now)
            device = None
        if device is not None:
            return enter(request, challenge, factor="code", remember=form.cleaned_data["remember"])
        refused = refused_text_for_code()
    context = {
        "form": form,
        "refused": refused,
        "has_passkey": WebAuthnCredential.objects.filter(user=user, confirmed=True).exists(),
        "email_factor": EmailFactor.objects.filter(user=user, confirmed=True).first(),
        "has_codes": factors.backup_codes_left(user) is not None,
        "sent": code_sent_text(is_sent=sent == "yes") if sent else "",
    }
    return render(request, "accounts/factor.html", context)


@login_not_required
@never_cache
@require_POST
@limited(ANY_FORM, group="email-code")
def email_code(request: HttpRequest) -> HttpResponseBase:
    """Mail a code to who is at the second factor, or to who is asked to confirm."""
    challenge = current_challenge(request)
    user = request.user if isinstance(request.user, User) else challenge.user if challenge else None
    if user is None:
        return _lost_challenge(request)
    is_sent = factors.send_email_code(user, now=timezone.now())
    if challenge:
        return redirect(f"{reverse('accounts:factor')}?sent={'yes' if is_sent else 'already'}")
    messages.info(request, code_sent_text(is_sent=is_sent))
    wanted = safe_next(request, request.POST.get(NEXT, ""))
    return redirect(f"{reverse('accounts:confirm')}?{urlencode({NEXT: wanted})}")


def code_sent_text(*, is_sent: bool) -> str:
    if is_sent:
        return _("A code is on its way to your mailbox. It works for 10 minutes.")
    return _("A code was sent a moment ago. Look into your mailbox; you can ask for another in a minute.")


def refused_text_for_code() -> str:
    return _("This code is not right, was used before, or sign-in is paused. Wait for the next code.")


def current_challenge(request: HttpRequest) -> SignInChallenge | None:
    return find_challenge(request.session.get(CHALLENGE), client_from(request), now=timezone.now())


def enter(request: HttpRequest, challenge: SignInChallenge, *, factor: str, remember: bool = False) -> HttpResponse:
    """In, with both factors: once for each challenge."""
    now, client, user = timezone.now(), client_from(request), challenge.user
    wanted = request.session.get(NEXT, reverse("admin:index"))
    if not close_challenge(challenge, now=now):
        return _lost_challenge(request)
    start_session(request, user, client=client, now=now, factor=factor)
    response = redirect(wanted)
    if remember:
        trusted, token = trust_device(user, client, now=now)
        request.session[TRUSTED_DEVICE] = trusted.pk
        set_device_cookie(response, token)
    return response


def set_device_cookie(response: HttpResponse, token: str) -> None:
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        token,
        max_age=LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@require_POST
@open_without_factor
def sign_out(request: HttpRequest) -> HttpResponse:
    """Out: the session ends, a trusted device stays trusted."""
    record_attempt(
        AuthEvent.Kind.SIGN_OUT, success=True, event="session_expired", user=person(request), now=timezone.now()
    )
    request.session.flush()
    return redirect(f"{reverse('accounts:sign_in')}?ended=signed-out")


@never_cache
@require_http_methods(["GET", "POST"])
@open_without_factor
@limited(SIGN_IN, group="confirm")
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Password or second factor again, before something that matters; good for five minutes."""
    wanted = safe_next(request, request.POST.get(NEXT) or request.GET.get(NEXT, ""))
    if request.method == "GET":
        return confirmation_page(request, next_address=wanted)
    now, client, user = timezone.now(), client_from(request), person(request)
    form = ConfirmForm(request.POST)
    proof, error = "", _("That was not right. Try again.")
    if form.is_valid():
        code, password = form.cleaned_data["code"], form.cleaned_data["password"]
        try:
            if code and check_code(user, code, client=client, kind=AuthEvent.Kind.STEP_UP, now=now):
                proof = "code"
            elif password and not is_enough(request):
                error = _("Your account has a second factor: use it here.")
            elif password and check_own_password(user, password, client=client, now=now):
                proof = "password"
        except TooManyAttempts as refusal:
            return too_many(request, refusal, now=now)
    if not proof:
        return confirmation_page(request, next_address=wanted, error=error)
    confirm_session(request, factor="code" if proof == "code" else "", now=now)
    record_attempt(AuthEvent.Kind.STEP_UP, success=True, event="session_confirmed", reason=proof, user=user, now=now)
    return redirect(wanted)


# --- How long she stays ------------------------------------------------------------------------


def _seconds_left(request: HttpRequest) -> dict[str, int]:
    session: Any = request.session
    row, user, now = session.row, person(request), timezone.now()
    ends = session.ends_at(user)
    if row is None or ends is None:
        return {"idle": 0, "absolute": 0}
    return {
        "idle": max(0, int((ends - now).total_seconds())),
        "absolute": max(0, int((row.expire_date - now).total_seconds())),
    }


@never_cache
@require_GET
@open_without_factor
@quiet
def session_left(request: HttpRequest) -> JsonResponse:
    """How many seconds are left, if she does nothing and at most. Asking does not count as doing something."""
    return JsonResponse(_seconds_left(request))


@never_cache
@require_POST
@open_without_factor
def session_stay(request: HttpRequest) -> JsonResponse:
    """She is still there: the idle time starts anew."""
    session: Any = request.session
    session.touch(timezone.now(), at_once=True)
    return JsonResponse(_seconds_left(request))


def has_unlocked(request: HttpRequest, email: str) -> bool:
    """Whether the owner of this address lifted her lock-out in this browser, a moment ago."""
    return bool(email) and request.session.get(UNLOCKED) == fold_address(email)


# --- Steps -------------------------------------------------------------------------------------


def _device_token(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")


def _after_password(request: HttpRequest, user: User, device: TrustedDevice | None, wanted: str) -> HttpResponse:
    now, client = timezone.now(), client_from(request)
    if not factors.has_factor(user):
        start_session(request, user, client=client, now=now)
        if user.needs_second_factor:
            request.session[NEXT] = wanted
            return redirect("accounts:factor_setup")
        return redirect(wanted)
    if device is not None:
        TrustedDevice.objects.filter(pk=device.pk).update(last_used_at=now)
        start_session(request, user, client=client, now=now, factor=TRUSTED)
        request.session[TRUSTED_DEVICE] = device.pk
        return redirect(wanted)
    challenge = open_challenge(user, client, now=now)
    unlocked = request.session.get(UNLOCKED)
    request.session.flush()
    request.session[UNLOCKED] = unlocked
    request.session.set_expiry(int(BEFORE_SIGN_IN.total_seconds()))
    request.session[CHALLENGE] = challenge.pk
    request.session[NEXT] = wanted
    return redirect("accounts:factor")


def _lost_challenge(request: HttpRequest) -> HttpResponse:
    """The challenge is over, or belongs to another browser or network: from the start."""
    if request.session.pop(CHALLENGE, None):
        now = timezone.now()
        record_attempt(AuthEvent.Kind.FACTOR, success=False, event="sequence_fail", reason="challenge over", now=now)
    return redirect(f"{reverse('accounts:sign_in')}?ended=challenge")
