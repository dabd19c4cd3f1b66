from django.urls import re_path

from decks import audio_views
from decks.audio import NAME

urlpatterns = [
    re_path(rf"^audio/(?P<name>{NAME})$", audio_views.sound, name="audio"),
]
