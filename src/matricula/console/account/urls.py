"""Addresses of the ways into an account, and of what its owner changes; allauth asks for some of the names."""

from allauth.account import views as allauth_views
from django.urls import include, path

from matricula.console.account import pages, sign_up
from matricula.console.second_factor import pages as second_factor
from matricula.console.sign_on import pages as sign_on
from matricula.console.sign_on.saml import INSTALLED

urlpatterns = [
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("confirm-email/", sign_up.mail_sent, name="account_email_verification_sent"),
    path("activate/", sign_up.ask_for_link, {"purpose": "activate"}, name="account_activate"),
    path("password/reset/", sign_up.ask_for_link, {"purpose": "reset"}, name="account_reset_password"),
    path("password/reset/key/<slug:key>/", sign_up.set_password, name="account_reset_password_from_key"),
    path("password/change/", pages.password, name="account_change_password"),
    path("again/", second_factor.PasswordAgain.as_view(), name="account_reauthenticate"),
    path("again/code/", second_factor.code_again, name="mfa_reauthenticate"),
    path("again/key/", second_factor.key_again, name="mfa_reauthenticate_webauthn"),
    path("second-factor/ask/", second_factor.ask, name="mfa_authenticate"),
    path("second-factor/set-up/", second_factor.SetUp.as_view(), name="second_factor_set_up"),
    path("sign-on/<slug:name>/", sign_on.begin, name="sign_on"),
    path("sign-on/<slug:name>/callback/", sign_on.come_back, name="sign_on_callback"),
    # /account/sign-on/saml/<name>/…
    *([path("sign-on/", include("allauth.socialaccount.providers.saml.urls"))] if INSTALLED else []),
    path("email/", pages.email, name="account_email"),
    path("email/<slug:key>/", pages.new_address, name="account_new_address"),
]
