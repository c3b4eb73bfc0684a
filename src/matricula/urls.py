"""The addresses of the pages; those of the API are in ``rest.urls``."""

from django.urls import include, path, re_path
from oauth2_provider.views import RevokeTokenView

from matricula.console import home, look, tokens, views
from matricula.console.account import sign_up
from matricula.console.admin import admin_site
from matricula.console.sign_on import pages as sign_on

handler400, handler500 = views.unreadable, views.failed
urlpatterns = [
    path("", home.home, name="home"),
    path("news/", home.news, name="news"),
    path("theme/", look.set_theme, name="theme"),
    path("", include("matricula.console.urls")),
    path("api-docs/", views.api_docs, name="api_docs"),
    path("health/", views.health, name="health"),
    re_path(r"^oauth2/token/?$", tokens.Token.as_view(), name="token"),
    # the old service's address for the same
    re_path(r"^oauth2/access_token/?$", tokens.Token.as_view(), name="access_token"),
    path(".well-known/oauth-authorization-server", tokens.metadata, name="oauth_metadata"),
    re_path(r"^oauth2/introspect/?$", tokens.Introspection.as_view(), name="introspect"),
    re_path(r"^oauth2/revoke_token/?$", RevokeTokenView.as_view(), name="revoke_token"),
    # front ends name both without the slash, and what a form holds must not be lost in a redirect; links lead to the
    # last address of a name
    path("login", views.Login.as_view(), name="account_login"),
    path("logout", sign_on.Logout.as_view(), name="account_logout"),
    path("login/", views.Login.as_view(), name="account_login"),
    path("signup/", sign_up.new_account, name="account_signup"),
    path("logout/", sign_on.Logout.as_view(), name="account_logout"),
    path("confirm-email/<slug:key>/", sign_up.activate, name="account_confirm_email"),
    path("account/", include("matricula.console.account.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin_site.urls),
]
