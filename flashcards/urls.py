"""Every address of the site."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from flashcards import ops, pwa

# Staff log in where everybody does, so that the same limits hold.
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("", include("study.urls")),
    path("", include("decks.urls")),
    path("", include("accounts.urls")),
    path("", include("decks.audio_urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("flashcards.api_urls")),
    path("favicon.ico", ops.favicon),
    path("health", ops.health, name="health"),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.service_worker),
    path("offline/", pwa.offline, name="offline"),
    path("credits/", ops.credits_page, name="credits"),
]

handler500 = ops.server_error
