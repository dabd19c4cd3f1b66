from django.urls import path

from study import views

urlpatterns = [
    path("", views.home, name="home"),
    path("library/", views.library, name="library"),
    path("decks/", views.decks, name="decks"),
    path("decks/<uuid:pk>/", views.deck, name="deck"),
    path("decks/<uuid:pk>/enrol/", views.enrol, name="enrol"),
    path("decks/<uuid:pk>/unenrol/", views.unenrol, name="unenrol"),
    path("study/", views.start, name="study"),
    path("study/<uuid:pk>/", views.start, name="study-deck"),
    path("study/session/<uuid:pk>/", views.session, name="session"),
    path("study/session/<uuid:pk>/answer/", views.answer, name="answer"),
    path("study/session/<uuid:pk>/act/", views.act, name="act"),
    path("study/session/<uuid:pk>/undo/", views.undo, name="undo"),
    path("study/session/<uuid:pk>/end/", views.end, name="end"),
    path("study/session/<uuid:pk>/summary/", views.summary, name="summary"),
]
