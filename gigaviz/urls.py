"""Every address we answer."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path, re_path

from inbox.views import sandbox_off
from workspaces.views import account as own_account
from workspaces.views import factors, founding, joining

from . import home

Addresses = list[URLPattern | URLResolver]

# Of django-allauth only what a member needs: accounts and their e-mail addresses are made by an admin.
accounts: Addresses = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("signup/", founding.found, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("2fa/", factors.index, name="mfa_index"),
    path("2fa/recovery-codes/", factors.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", factors.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", factors.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("2fa/", include("allauth.mfa.urls")),
    path("", own_account.account, name="account"),
    path("sessions/", own_account.sessions, name="usersessions_list"),
    path("sessions/<int:session_id>/end/", own_account.session_end, name="session_end"),
    path("sessions/end/", own_account.sessions_end, name="sessions_end"),
]
urlpatterns: Addresses = [
    path("webhooks/", include("webhooks.urls")),  # first, as they are asked for most
    path("", home.home, name="home"),
    path("accounts/", include(accounts)),
    path("invitations/", joining.joining, name="joining"),
    path("invitations/<str:token>/", joining.invitation, name="invitation"),
    path("w/<slug:slug>/inbox/", include("inbox.urls")),
    path("w/<slug:slug>/templates/", include("connections.message_templates.urls")),
    path("w/<slug:slug>/diagnostics/", include("diagnostics.urls")),
    path("w/<slug:slug>/settings/", home.settings, name="settings"),
    path("w/<slug:slug>/settings/connections/", include("connections.urls")),
    path("w/<slug:slug>/settings/sandbox/", include("connections.sandbox_urls")),
    # Whom sandbox mode holds back is known to the inbox alone.
    path("w/<slug:slug>/settings/sandbox/off/", sandbox_off.confirmation, name="sandbox_off"),
    path("w/<slug:slug>/settings/opt-outs/", include("inbox.opt_out_urls")),
    path("w/<slug:slug>/settings/", include("workspaces.urls")),
]
