"""What somebody does by a link in her mailbox. Opening one shows a page; only its button does something."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts import inviting, lockouts, recovering
from accounts.forms import EmailForm, NewPasswordForm, SignUpForm
from accounts.limits import ANY_FORM, MAILS, limited
from accounts.links import DeadLink, find_invite, find_link
from accounts.models import AccountLink, AuthEvent, FailedAttempt, Invite
from accounts.sessions import BEFORE_SIGN_IN
from accounts.signing_in import UNLOCKED
from accounts.trails import record_attempt
from accounts.views.doors import client_from
from accounts.views.failures import dead_link, too_many
from settimes.sealing import seal, unseal

PAGES = {
    "invite": "accounts:sign_up",
    AccountLink.Purpose.ACTIVATE: "accounts:activate",
    AccountLink.Purpose.RESET: "accounts:reset",
    AccountLink.Purpose.UNLOCK: "accounts:unlock",
}
KINDS = {
    "invite": AuthEvent.Kind.INVITE,
    AccountLink.Purpose.ACTIVATE: AuthEvent.Kind.ACTIVATION,
    AccountLink.Purpose.RESET: AuthEvent.Kind.RESET,
    AccountLink.Purpose.UNLOCK: AuthEvent.Kind.UNLOCK,
}


def _key(purpose: str) -> str:
    return f"link to {purpose}"


@login_not_required
@never_cache
@require_safe
def link_open(request: HttpRequest, purpose: str, token: str) -> HttpResponse:
    """Take the token out of the address, into the session: no history, log or Referer keeps it from here on."""
    if not request.user.is_authenticated:
        request.session.set_expiry(int(BEFORE_SIGN_IN.total_seconds()))
    request.session[_key(purpose)] = seal(token)  # a session is a row of the database
    return redirect(PAGES[purpose])


def _find(request: HttpRequest, purpose: str) -> AccountLink | Invite:
    """The link whose token this session holds. Raises DeadLink; TooManyAttempts for who guesses tokens."""
    now, sealed = timezone.now(), request.session.get(_key(purpose), "")
    token = unseal(sealed) if sealed else ""
    try:
        return find_invite(token, now=now) if purpose == "invite" else find_link(purpose, token, now=now)  # type: ignore[arg-type]
    except DeadLink as error:
        if token:  # without one, somebody only came to the address
            record_attempt(
                KINDS[purpose], success=False, event="authn_token_reuse", reason=f"link {error.reason}", now=now
            )
            del request.session[_key(purpose)]
        if token and error.reason == "unknown":
            attempt = lockouts.open_attempt(FailedAttempt.Kind.RECOVERY, client=client_from(request), now=now)
            lockouts.fail_attempt(attempt, user=None, now=now)
        raise


def _with_link(purpose: str) -> Callable[[Callable[..., HttpResponse]], Callable[[HttpRequest], HttpResponseBase]]:
    """A page of a mailed link: gets the link, answers 410 when there is none that works."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[[HttpRequest], HttpResponseBase]:
        def answer(request: HttpRequest) -> HttpResponseBase:
            try:
                return view(request, _find(request, purpose))
            except DeadLink:
                return dead_link(request)
            except lockouts.TooManyAttempts as refusal:
                return too_many(request, refusal, now=timezone.now())

        answer.__name__, answer.__doc__ = view.__name__, view.__doc__
        return login_not_required(
            never_cache(require_http_methods(["GET", "POST"])(limited(ANY_FORM, group=purpose)(answer)))
        )

    return decorate


def _done(request: HttpRequest, purpose: str) -> None:
    request.session.pop(_key(purpose), None)


@_with_link("invite")
def sign_up(request: HttpRequest, invite: Invite) -> HttpResponse:
    """Become a user by an invite."""
    form = SignUpForm(request.POST or None, initial={"email": invite.email})
    if invite.email:
        form.fields["email"].widget.attrs["readonly"] = True
    if request.method == "POST" and form.is_valid():
        try:
            fields = {**form.cleaned_data, "language": get_language_from_request(request)}
            inviting.sign_up(invite, **fields, now=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            _done(request, "invite")
            return redirect("accounts:mailbox")
    return render(request, "accounts/sign_up.html", {"form": form, "invite": invite})


@_with_link(AccountLink.Purpose.ACTIVATE)
def activate(request: HttpRequest, link: AccountLink) -> HttpResponse:
    """Switch the account on."""
    if request.method == "POST":
        inviting.activate(link, now=timezone.now())
        _done(request, link.purpose)
        messages.success(request, _("Your account is active. Sign in."))
        return redirect("accounts:sign_in")
    return render(request, "accounts/activate.html", {"link": link})


@_with_link(AccountLink.Purpose.RESET)
def reset(request: HttpRequest, link: AccountLink) -> HttpResponse:
    """Set a new password."""
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            recovering.complete_reset(link, form.cleaned_data["password"], now=timezone.now())
        except ValidationError as error:
            form.add_error("password", error)
        else:
            request.session.flush()
            messages.success(request, _("Your new password is set. Sign in with it."))
            return redirect("accounts:sign_in")
    return render(request, "accounts/reset.html", {"form": form, "link": link})


@_with_link(AccountLink.Purpose.UNLOCK)
def unlock(request: HttpRequest, link: AccountLink) -> HttpResponse:
    """Lift a lock-out."""
    if request.method == "POST":
        recovering.unlock(link, now=timezone.now())
        _done(request, link.purpose)
        request.session[UNLOCKED] = link.user.email_key
        messages.success(request, _("The lock-out is lifted. Sign in."))
        return redirect("accounts:sign_in")
    return render(request, "accounts/unlock.html", {"link": link})


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
@limited(MAILS, group="recover")
def recover(request: HttpRequest) -> HttpResponse:
    """Ask for a link to set a new password."""
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        recovering.request_reset(form.cleaned_data["email"], now=timezone.now())
        return redirect(f"{reverse('accounts:mailbox')}?asked=1")
    return render(request, "accounts/recover.html", {"form": form})


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
@limited(MAILS, group="resend")
def resend(request: HttpRequest) -> HttpResponse:
    """Ask for the activation link again."""
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        inviting.resend_activation(form.cleaned_data["email"], now=timezone.now())
        return redirect(f"{reverse('accounts:mailbox')}?asked=1")
    return render(request, "accounts/resend.html", {"form": form})


@login_not_required
@never_cache
@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    """Look into your mailbox: the same page whether there is an account or not."""
    return render(request, "accounts/mailbox.html", {"asked": request.GET.get("asked", "")})
