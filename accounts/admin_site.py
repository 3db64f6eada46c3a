"""The admin's gate: whoever is signed in, with everything that her account asks for."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.admin_theme import ThemedAdminSite, evaluating
from accounts.navigation import menu_for
from accounts.signing_in import is_verified

# Pages of Django's admin that ours stand in for, one that redirects by id to any object's page, and the theme's
# search for models, which the menu makes needless.
LEFT_OUT = {"logout", "password_change", "password_change_done", "view_on_site", "search"}
# Admins that other apps bring along and that would be doors beside ours: roles are written in accounts.roles, factors
# are their owner's.
NOT_SHOWN = {"auth", "django_otp_webauthn"}


class AdminSite(ThemedAdminSite):
    """Django's admin behind our one door: it has no sign-in, sign-out or password page of its own."""

    site_header = site_title = "SetTimes"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        shown = [model for model in models if model._meta.app_label not in NOT_SHOWN]
        super().register(shown, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return is_verified(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return evaluating(require_http_methods(["GET", "HEAD", "POST"])(super().admin_view(view, cacheable)))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        menu = menu_for(request) if self.has_permission(request) else []
        at_hand = [entry for group in menu for entry in group["entries"] if entry["job"].at_hand]
        return {**super().each_context(request), "menu": menu, "at_hand": at_hand}

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # Never back to this address, which would lead to the door again, and so on.
        query = urlencode({"next": request.GET.get("next") or reverse("admin:index")})
        return redirect(f"{reverse('accounts:sign_in')}?{query}")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own: list[URLPattern | URLResolver] = [
            each for each in super().get_urls() if getattr(each, "name", None) not in LEFT_OUT
        ]
        return own
