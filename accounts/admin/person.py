"""People in the admin: who they are, what they may do, what lets them in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import factors, people, recovering, sessions
from accounts.admin.read_only import OwnFilters, csv_file
from accounts.gates import confirm_first
from accounts.models import User
from accounts.trails import audit
from accounts.trusted_devices import trusted_devices


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For the audit trail."),
    )


class NoReasonForm(forms.Form):
    """Nothing to fill in: only yes or no."""


class Act(NamedTuple):
    """Something an admin does to somebody, after a page that says what will happen."""

    label: Any
    explanation: Any
    run: Callable[..., Any]
    needs_reason: bool = False
    is_offered: Callable[[User], bool] = lambda person: True


ACTS = {
    "reset-password": Act(
        gettext_lazy("Have a new password set"),
        gettext_lazy("She is mailed a link that works for two hours. Her old password works until she uses it."),
        lambda person, by, now, reason: recovering.start_reset(person, by=by, now=now, reason=reason),
        needs_reason=True,
        is_offered=lambda person: person.is_active,
    ),
    "reset-factors": Act(
        gettext_lazy("Reset second factors"),
        gettext_lazy(
            "For somebody who lost her phone and her backup codes. All her factors are removed, she is signed out "
            "everywhere and told by mail; at her next sign-in she sets up a new one. Make sure that it is really she "
            "who asks."
        ),
        lambda person, by, now, reason: factors.reset_factors(person, by=by, now=now, reason=reason),
        needs_reason=True,
        is_offered=lambda person: bool(factors.factors_of(person)),
    ),
    "end-sessions": Act(
        gettext_lazy("Sign out everywhere"),
        gettext_lazy("All her sessions end at once. Her trusted devices stay trusted."),
        lambda person, by, now: sessions.end_sessions(person, by=by, reason="ended by an admin", now=now),
    ),
    "deactivate": Act(
        gettext_lazy("Deactivate"),
        gettext_lazy("She is signed out everywhere and cannot sign in any more, until you reactivate her."),
        lambda person, by, now, reason: people.deactivate_user(person, by=by, now=now, reason=reason),
        needs_reason=True,
        is_offered=lambda person: person.deactivated_at is None,
    ),
    "reactivate": Act(
        gettext_lazy("Reactivate"),
        gettext_lazy("She can sign in again, with the password and factors she had."),
        lambda person, by, now: people.reactivate_user(person, by=by, now=now),
        is_offered=lambda person: person.deactivated_at is not None,
    ),
}


class PersonForm(forms.ModelForm):
    """What an admin changes of somebody."""

    class Meta:
        model = User
        fields = [*people.PROFILE, "role", "is_scoped", "require_2fa"]

    def apply(self, *, by: User, now: Any) -> None:
        """Change the person as filled in. Raises ValidationError."""
        person, wanted = User.objects.get(pk=self.instance.pk), self.cleaned_data
        people.update_profile(person, by=by, now=now, **{name: wanted[name] for name in people.PROFILE})
        people.limit_to_events(person, is_limited=wanted["is_scoped"], by=by, now=now)
        people.require_second_factor(person, is_required=wanted["require_2fa"], by=by, now=now)
        people.change_role(person, wanted["role"], by=by, now=now)

    def clean_role(self) -> str:
        """Said beside the field; should two admins do it at once, the database says it."""
        role: str = self.cleaned_data["role"]
        if role != User.Role.ADMIN:
            people.refuse_last_admin(self.instance)
        return role


@dataclass(frozen=True)
class Status:
    """Whether somebody can sign in, in a word."""

    is_open: bool
    word: Any


def status_of(person: User) -> Status:
    if person.deactivated_at is not None:
        return Status(False, _("deactivated"))
    if person.activated_at is None:
        return Status(False, _("not activated yet"))
    return Status(True, _("active"))


class StatusFilter(admin.SimpleListFilter):
    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("active", _("active")), ("waiting", _("not activated yet")), ("deactivated", _("deactivated"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        which = {
            "active": Q(is_active=True),
            "waiting": Q(activated_at=None, deactivated_at=None),
            "deactivated": Q(deactivated_at__isnull=False),
        }
        return queryset.filter(which.get(self.value() or "", Q()))


@admin.register(User)
class PersonAdmin(OwnFilters):
    """Somebody comes in by an invite; here she is changed, helped and shut out."""

    form = PersonForm
    ordering = ["email_key"]
    list_display = ["email", "full_name", "role", "status", "factor_names", "last_login"]
    list_filter = ["role", StatusFilter, "require_2fa", "is_scoped"]
    search_fields = ["email", "first_name", "last_name"]
    readonly_fields = [
        *("email", "status", "factor_names", "session_lines", "device_lines", "last_login"),
        *("activated_at", "deactivated_at", "deactivated_by", "created_at", "updated_at"),
    ]
    fieldsets = [
        (None, {"fields": ["email", "first_name", "last_name", "status"]}),
        (gettext_lazy("What she may do"), {"fields": ["role", "is_scoped", "require_2fa"]}),
        (gettext_lazy("What lets her in"), {"fields": ["factor_names", "session_lines", "device_lines"]}),
        (gettext_lazy("Language"), {"fields": ["language", "time_format"]}),
        (
            gettext_lazy("History"),
            {"fields": ["last_login", "activated_at", "deactivated_at", "deactivated_by", "created_at", "updated_at"]},
        ),
    ]
    actions = ["export"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows = super().get_queryset(request)
        is_deleting = request.path.endswith("/delete/")  # where nobody's factors are shown
        return rows if is_deleting else rows.prefetch_related(*factors.ACCESSORS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.display(description=gettext_lazy("name"))
    def full_name(self, person: User) -> str:
        return person.full_name

    @admin.display(description=gettext_lazy("status"))
    def status(self, person: User) -> Any:
        return status_of(person).word

    @admin.display(description=gettext_lazy("second factors"))
    def factor_names(self, person: User) -> str:
        return ", ".join(str(device.name) for device in factors.factors_of(person)) or _("none")

    @admin.display(description=gettext_lazy("signed in on"))
    def session_lines(self, person: User) -> Any:
        lines = [(session.device, session.address or "") for session in person.sessions.all()]
        return format_html_join("", "<p>{} {}</p>", lines) or _("nowhere")

    @admin.display(description=gettext_lazy("trusted devices"))
    def device_lines(self, person: User) -> Any:
        names = [(device.name,) for device in trusted_devices(person, now=timezone.now())]
        return format_html_join("", "<p>{}</p>", names) or _("none")

    # --- Changing, always after a fresh proof ---------------------------------------------------

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.has_view_permission(request) and (page := confirm_first(request)):
            return page
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return redirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        form.apply(by=request.user, now=timezone.now())
        obj.refresh_from_db()

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if self.has_delete_permission(request) and (page := confirm_first(request)):
            return page
        try:
            return super().delete_view(request, object_id, extra_context)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return redirect("admin:accounts_user_change", object_id)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        people.delete_user(obj, by=request.user, now=timezone.now())  # type: ignore[arg-type]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What hangs on an account goes with it, whether or not it has pages of its own."""
        deleted, counts, _perms, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set(), protected

    # --- Acts -----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        act = path("<int:pk>/act/<slug:act>/", self.admin_site.admin_view(self.act_view), name="accounts_user_act")
        own: list[URLPattern] = [act, *super().get_urls()]
        return own

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        person = self.get_object(request, object_id)
        offered = [(name, each.label) for name, each in ACTS.items() if person and each.is_offered(person)]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "acts": offered})

    def act_view(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """Say what will happen, ask for the reason where one is needed, and do it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return require_http_methods(["GET", "POST"])(self._act)(request, pk, act)

    def _act(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        person = User.objects.filter(pk=pk).first()
        if person is None or name not in ACTS or not ACTS[name].is_offered(person):
            raise Http404
        if page := confirm_first(request):
            return page
        act = ACTS[name]
        form = (ReasonForm if act.needs_reason else NoReasonForm)(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                act.run(person, by=request.user, now=timezone.now(), **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                self.message_user(request, _("Done: %(act)s.") % {"act": act.label}, messages.SUCCESS)
                return redirect("admin:accounts_user_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": act.label,
            "act": act,
            "form": form,
            "person": person,
            "opts": self.opts,
        }
        return render(request, "admin/accounts/user/act.html", context)

    @admin.action(description=gettext_lazy("Export as CSV"), permissions=["export_people"])
    def export(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        """Addresses and roles of the people selected; written into the audit trail."""
        if page := confirm_first(request, next_address=reverse("admin:accounts_user_changelist")):
            return page
        rows = [
            [person.email, person.full_name, person.role, status_of(person).word, person.last_login]
            for person in queryset
        ]
        audit("people.exported", None, by=request.user, now=timezone.now(), after={"people": len(rows)})  # type: ignore[arg-type]
        return csv_file("people", ["e-mail", "name", "role", "status", "last sign-in"], rows)

    def has_export_people_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.export_people")
