"""The whole API on one page."""

from django.urls import path

from study import api as study

urlpatterns = [
    path("study/session", study.SessionStartView.as_view()),
    path("study/session/<uuid:pk>/cards", study.SessionCardsView.as_view()),
    path("study/session/<uuid:pk>/end", study.SessionEndView.as_view()),
    path("study/interactions", study.InteractionsView.as_view()),
    path("study/interactions/<uuid:pk>/undo", study.UndoView.as_view()),
]
