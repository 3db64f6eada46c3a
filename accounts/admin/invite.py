"""Invites in the admin: made, copied, mailed, revoked."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import inviting
from accounts.admin.read_only import OwnFilters
from accounts.forms import InviteForm
from accounts.gates import confirm_first
from accounts.mailing import link_address
from accounts.models import Invite


@admin.register(Invite)
class InviteAdmin(OwnFilters):
    form = InviteForm
    list_display = ["for_whom", "role", "state", "created_by", "created_at", "expires_at", "account"]
    list_filter = ["role"]
    list_select_related = ["created_by", "account"]
    search_fields = ["email", "account__email"]
    ordering = ["-created_at", "-pk"]
    actions = ["revoke", "mail_again"]
    readonly_fields = ["state", "address", "created_by", "created_at", "expires_at", "account"]

    def get_fields(self, request: HttpRequest, obj: Invite | None = None) -> Any:
        return ["email", "role", *self.readonly_fields] if obj else ["email", "role", "days"]

    def get_readonly_fields(self, request: HttpRequest, obj: Invite | None = None) -> list[str]:
        return ["email", "role", *self.readonly_fields] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An invite is revoked, not changed; changing permission is what its actions ask for."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_invite")

    @admin.display(description=gettext_lazy("for"))
    def for_whom(self, invite: Invite) -> str:
        return invite.email or _("whoever has the link")

    @admin.display(description=gettext_lazy("state"))
    def state(self, invite: Invite) -> str:
        if invite.used_at:
            return _("used")
        if invite.revoked_at:
            return _("revoked")
        return _("expired") if invite.expires_at <= timezone.now() else _("open")

    @admin.display(description=gettext_lazy("link"))
    def address(self, invite: Invite) -> Any:
        """The link to copy, while it works."""
        if invite.used_at or invite.revoked_at or invite.expires_at <= timezone.now():
            return _("This link no longer works.")
        try:
            address = link_address(invite)
        except ValueError:
            return _("The key of this installation was changed since: revoke this invite and make a new one.")
        return format_html(
            '<input class="copy-link" readonly value="{}" aria-label="{}"> <p class="help">{}</p>',
            address,
            _("link"),
            _("Whoever has it can use it once: send it to nobody else."),
        )

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.has_view_permission(request) and (page := confirm_first(request)):
            return page
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Invite, form: Any, change: bool) -> None:
        invite = inviting.invite_user(
            obj.role,
            email=obj.email,
            days=form.cleaned_data["days"],
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        obj.pk = invite.pk
        obj.refresh_from_db()

    def response_add(self, request: HttpRequest, obj: Invite, post_url_continue: Any = None) -> HttpResponse:
        """To the invite's page, where its link can be copied."""
        said = _("The invite is on its way to %(email)s. Its link is below.") % {"email": obj.email}
        self.message_user(request, said if obj.email else _("Copy the link below."), messages.SUCCESS)
        return redirect("admin:accounts_invite_change", obj.pk)

    @admin.action(description=gettext_lazy("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invite]) -> HttpResponse | None:
        if page := confirm_first(request, next_address=reverse("admin:accounts_invite_changelist")):
            return page
        done = sum(inviting.revoke_invite(each, by=request.user, now=timezone.now()) for each in queryset)  # type: ignore[arg-type]
        said = ngettext("%(number)d invite revoked.", "%(number)d invites revoked.", done) % {"number": done}
        self.message_user(request, said, messages.SUCCESS if done else messages.WARNING)
        return None

    @admin.action(description=gettext_lazy("Mail again"), permissions=["revoke"])
    def mail_again(self, request: HttpRequest, queryset: QuerySet[Invite]) -> HttpResponse | None:
        if page := confirm_first(request, next_address=reverse("admin:accounts_invite_changelist")):
            return page
        for invite in queryset:
            try:
                inviting.mail_invite_again(invite, by=request.user, now=timezone.now())  # type: ignore[arg-type]
            except ValidationError as error:
                self.message_user(request, " ".join(error.messages), messages.ERROR)
            else:
                said = _("The invite is on its way to %(email)s.") % {"email": invite.email}
                self.message_user(request, said, messages.SUCCESS)
        return None
