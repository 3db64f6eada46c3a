"""Addresses of the door and of one's own account."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, register_converter
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.views import doors, mailed, own, passkeys, well_known


class PurposeConverter:
    """What a mailed link is for."""

    regex = "|".join(mailed.PAGES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


class TokenConverter(PurposeConverter):
    """256 bits in URL-safe base64."""

    regex = "[A-Za-z0-9_-]{1,100}"


register_converter(PurposeConverter, "purpose")
register_converter(TokenConverter, "token")

account = [
    path("sign-in/", doors.sign_in, name="sign_in"),
    path("sign-in/factor/", doors.factor, name="factor"),
    path("sign-in/factor/mail/", doors.email_code, name="email_code"),
    path("sign-in/passkey/begin/", passkeys.sign_in_begin, name="passkey_sign_in_begin"),
    path("sign-in/passkey/finish/", passkeys.sign_in_finish, name="passkey_sign_in_finish"),
    path("sign-out/", doors.sign_out, name="sign_out"),
    path("language/", login_not_required(require_POST(set_language)), name="language_choose"),
    path("confirm/", doors.confirm, name="confirm"),
    path("confirm/passkey/begin/", passkeys.confirm_begin, name="passkey_confirm_begin"),
    path("confirm/passkey/finish/", passkeys.confirm_finish, name="passkey_confirm_finish"),
    path("session/", doors.session_left, name="session_left"),
    path("session/stay/", doors.session_stay, name="session_stay"),
    path("link/<purpose:purpose>/<token:token>/", mailed.link_open, name="link_open"),
    path("sign-up/", mailed.sign_up, name="sign_up"),
    path("activate/", mailed.activate, name="activate"),
    path("reset/", mailed.reset, name="reset"),
    path("unlock/", mailed.unlock, name="unlock"),
    path("recover/", mailed.recover, name="recover"),
    path("resend/", mailed.resend, name="resend"),
    path("mailbox/", mailed.mailbox, name="mailbox"),
    path("", own.profile, name="profile"),
    path("security/", own.security, name="security"),
    path("security/password/", own.password, name="password"),
    path("security/factor/", own.factor_setup, name="factor_setup"),
    path("security/factor/app/", own.app_add, name="app_add"),
    path("security/factor/email/", own.email_factor_add, name="email_factor_add"),
    path("security/factor/passkey/begin/", passkeys.register_begin, name="passkey_register_begin"),
    path("security/factor/passkey/finish/", passkeys.register_finish, name="passkey_register_finish"),
    path("security/factor/<slug:kind>/<int:pk>/name/", own.factor_rename, name="factor_rename"),
    path("security/factor/<slug:kind>/<int:pk>/remove/", own.factor_remove, name="factor_remove"),
    path("security/codes/", own.codes_make, name="codes_make"),
    path("security/codes/show/", own.codes_show, name="codes_show"),
    path("security/devices/<int:pk>/revoke/", own.device_revoke, name="device_revoke"),
    path("security/devices/revoke/", own.devices_revoke, name="devices_revoke"),
    path("security/sessions/<int:pk>/end/", own.session_end, name="session_end"),
    path("security/sessions/end/", own.sessions_end, name="sessions_end"),
]

app_name = "accounts"
urlpatterns = [
    path("account/", include(account)),
    path(".well-known/security.txt", well_known.security_txt, name="security_txt"),
    path(".well-known/change-password", well_known.change_password, name="change_password"),
]
