"""Addresses of the ways into an account, and of what its owner changes; allauth asks for some of the names."""

from allauth.account import views as allauth_views
from django.urls import path

from matricula.console.account import pages, sign_up

urlpatterns = [
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("confirm-email/", sign_up.mail_sent, name="account_email_verification_sent"),
    path("activate/", sign_up.ask_for_link, {"purpose": "activate"}, name="account_activate"),
    path("password/reset/", sign_up.ask_for_link, {"purpose": "reset"}, name="account_reset_password"),
    path("password/reset/key/<slug:key>/", sign_up.set_password, name="account_reset_password_from_key"),
    path("password/change/", pages.password, name="account_change_password"),
    path("email/", pages.email, name="account_email"),
    path("email/<slug:key>/", pages.new_address, name="account_new_address"),
]
