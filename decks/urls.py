from django.urls import path

from decks import dictionary_views

urlpatterns = [
    path("dictionary/", dictionary_views.look_up, name="dictionary"),
    path("dictionary/<str:word>/", dictionary_views.entry, name="entry"),
    path("strokes/<str:code>.json", dictionary_views.strokes, name="strokes"),
    path("dictionary/<str:word>/add/", dictionary_views.add, name="entry-add"),
]
