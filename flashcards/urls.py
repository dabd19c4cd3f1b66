"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from flashcards import ops

urlpatterns = [
    path("", include("study.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("flashcards.api_urls")),
    path("favicon.ico", ops.favicon),
    path("health", ops.health, name="health"),
    path("credits/", ops.credits_page, name="credits"),
]

handler500 = ops.server_error
