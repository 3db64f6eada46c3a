"""What the house writes about signing in and changing things: lock-outs, sessions, mails, both trails."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import recovering, sessions
from accounts.admin.read_only import ReadOnlyAdmin, csv_file
from accounts.gates import confirm_first
from accounts.models import AccountMail, AuditEntry, AuthEvent, Lockout, TrustedDevice, UserSession
from accounts.trails import audit
from accounts.trusted_devices import revoke_device


@admin.register(Lockout)
class LockoutAdmin(ReadOnlyAdmin):
    """Who has to wait."""

    list_display = ["what", "user", "reason", "locked_at", "locked_until", "is_over"]
    list_filter = ["scope"]
    list_select_related = ["user"]
    search_fields = ["key", "user__email"]
    fields = ["scope", "what", "user", "reason", "locked_at", "locked_until"]
    actions = ["lift"]

    @admin.display(description=gettext_lazy("what is locked"))
    def what(self, lock: Lockout) -> str:
        if lock.scope == Lockout.Scope.NETWORK:
            return _("network %(network)s") % {"network": lock.key}
        return str(lock.get_scope_display())

    @admin.display(description=gettext_lazy("over"), boolean=True)
    def is_over(self, lock: Lockout) -> bool:
        return lock.locked_until <= timezone.now()

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.delete_lockout")

    @admin.action(description=gettext_lazy("Lift"), permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Lockout]) -> HttpResponse | None:
        if page := confirm_first(request, next_address=reverse("admin:accounts_lockout_changelist")):
            return page
        lifted = recovering.lift_lockout(list(queryset), by=request.user, now=timezone.now())  # type: ignore[arg-type]
        said = ngettext("%(number)d lock-out lifted.", "%(number)d lock-outs lifted.", lifted) % {"number": lifted}
        self.message_user(request, said, messages.SUCCESS)
        return None


@admin.register(UserSession)
class SessionAdmin(ReadOnlyAdmin):
    """Who is signed in, and where."""

    list_display = ["user", "device", "address", "signed_in_at", "last_seen_at", "expire_date"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__first_name", "user__last_name"]
    fields = ["user", "device", "address", "signed_in_at", "last_seen_at", "expire_date"]
    actions = ["end"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[UserSession]:
        return super().get_queryset(request).filter(user__isnull=False)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.end_sessions_of_others")

    @admin.action(description=gettext_lazy("End"), permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> HttpResponse | None:
        if page := confirm_first(request, next_address=reverse("admin:accounts_usersession_changelist")):
            return page
        ended = list(queryset)
        for each in ended:
            sessions.end_session(each, by=request.user, now=timezone.now())  # type: ignore[arg-type]
        said = ngettext("%(number)d session ended.", "%(number)d sessions ended.", len(ended)) % {"number": len(ended)}
        self.message_user(request, said, messages.SUCCESS)
        return None


@admin.register(TrustedDevice)
class TrustedDeviceAdmin(ReadOnlyAdmin):
    """Browsers on which somebody is not asked for her second factor."""

    list_display = ["user", "name", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "name"]
    fields = ["user", "name", "created_at", "last_used_at", "expires_at", "revoked_at"]
    actions = ["revoke"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_trusteddevice")

    @admin.action(description=gettext_lazy("Ask for the second factor again"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[TrustedDevice]) -> HttpResponse | None:
        if page := confirm_first(request, next_address=reverse("admin:accounts_trusteddevice_changelist")):
            return page
        for device in queryset:
            revoke_device(device, by=request.user, now=timezone.now())  # type: ignore[arg-type]
        self.message_user(request, _("The second factor is asked again."), messages.SUCCESS)
        return None


@admin.register(AccountMail)
class AccountMailAdmin(ReadOnlyAdmin):
    """Mails about accounts: what waits, what went out, what the mail server said. Their links are in no list."""

    list_display = ["kind", "to", "created_at", "sent_at", "attempts", "last_error", "useful_until"]
    list_filter = ["kind"]
    search_fields = ["to"]
    fields = ["kind", "to", "language", "created_at", "sent_at", "attempts", "last_error", "useful_until"]


class TrailAdmin(ReadOnlyAdmin):
    """A trail: searched, filtered by day, exported."""

    date_hierarchy = "at"
    ordering = ["-pk"]
    list_select_related = ["origin"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["export"]
    columns: list[str] = []

    @admin.display(description=gettext_lazy("who"))
    def who(self, row: Any) -> str:
        return row.origin.email if hasattr(row, "origin") and row.origin.email else _("the system")

    @admin.display(description=gettext_lazy("network address"))
    def address(self, row: Any) -> str:
        return (row.origin.address or "") if hasattr(row, "origin") else _("erased")

    @admin.display(description=gettext_lazy("browser or command"))
    def agent(self, row: Any) -> str:
        return row.origin.agent if hasattr(row, "origin") else _("erased")

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.export_auditentry")

    @admin.action(description=gettext_lazy("Export as CSV"), permissions=["export"])
    def export(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """All rows selected, the newest last; written into the audit trail."""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        if page := confirm_first(request, next_address=address):
            return page
        chosen = queryset.select_related("origin").order_by("pk")
        rows = [[self._cell(row, name) for name in self.columns] for row in chosen.iterator(chunk_size=1000)]
        audit("trail.exported", None, by=request.user, now=timezone.now(), after={"rows": len(rows)})  # type: ignore[arg-type]
        return csv_file(str(self.opts.model_name), self.columns, rows)

    def _cell(self, row: Any, column: str) -> Any:
        own = getattr(self, column, None)
        value = own(row) if callable(own) else getattr(row, column)
        return value.isoformat() if hasattr(value, "isoformat") else value


@admin.register(AuthEvent)
class AuthEventAdmin(TrailAdmin):
    """Who tried to get in."""

    list_display = ["at", "kind", "success", "reason", "who", "address"]
    list_filter = ["kind", "success"]
    search_fields = ["origin__email", "origin__address", "reason"]
    fields = ["at", "kind", "success", "reason", "who", "address", "agent", "chain", "position"]
    columns = ["at", "kind", "success", "reason", "who", "address", "agent"]


@admin.register(AuditEntry)
class AuditEntryAdmin(TrailAdmin):
    """Who changed what."""

    list_display = ["at", "who", "action", "object_label", "changes"]
    list_filter = ["action"]
    search_fields = ["origin__email", "origin__address", "action", "object_label", "reason"]
    fields = ["at", "who", "action", "object_type", "object_label", "changes", "reason", "address", "agent"]
    columns = [
        "at",
        "who",
        "action",
        "object_type",
        "object_id",
        "object_label",
        "before",
        "after",
        "reason",
        "address",
    ]

    @admin.display(description=gettext_lazy("before → after"))
    def changes(self, entry: AuditEntry) -> Any:
        """ "role: editor → admin", a line for each thing that is different."""
        names = dict.fromkeys([*entry.before, *entry.after])
        lines = [
            (name.replace("_", " "), _shown(entry.before.get(name)), _shown(entry.after.get(name))) for name in names
        ]
        return format_html_join("", '<div>{}: <span class="trail-before">{}</span> → {}</div>', lines)


def _shown(value: Any) -> str:
    return _("none") if value in (None, "") else str(value)
