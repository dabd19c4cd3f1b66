from django.urls import path

from study import act_views, backlog_views, custom_views, settings_views, views, word_views

urlpatterns = [
    path("", views.home, name="home"),
    path("library/", views.library, name="library"),
    path("decks/", views.decks, name="decks"),
    path("decks/<uuid:pk>/", views.deck, name="deck"),
    path("decks/<uuid:pk>/enrol/", views.enrol, name="enrol"),
    path("decks/<uuid:pk>/unenrol/", views.unenrol, name="unenrol"),
    path("study/", views.start, name="study"),
    path("study/<uuid:pk>/", views.start, name="study-deck"),
    path("study/custom/", custom_views.custom, name="custom"),
    path("study/<uuid:pk>/custom/", custom_views.custom, name="custom-deck"),
    path("study/acts/", act_views.act, name="word-act"),
    path("study/acts/undo/", act_views.undo, name="word-undo"),
    path("study/leeches/", word_views.leech_list, name="leeches"),
    path("study/words/<uuid:pk>/", word_views.word, name="word"),
    path("study/words/<uuid:pk>/note/", word_views.note, name="word-note"),
    path("study/backlog/", backlog_views.backlog, name="backlog"),
    path("study/backlog/undo/", backlog_views.undo_backlog, name="undo-backlog"),
    path("study/session/<uuid:pk>/", views.session, name="session"),
    path("study/session/<uuid:pk>/answer/", views.answer, name="answer"),
    path("study/session/<uuid:pk>/act/", views.act, name="act"),
    path("study/session/<uuid:pk>/undo/", views.undo, name="undo"),
    path("study/session/<uuid:pk>/end/", views.end, name="end"),
    path("study/session/<uuid:pk>/summary/", views.summary, name="summary"),
    path("settings/", settings_views.settings, name="settings"),
    path("settings/curve/", settings_views.retention_curve, name="settings-curve"),
    path("settings/fit/", settings_views.fit, name="settings-fit"),
    path("settings/reset-weights/", settings_views.reset_weights, name="settings-reset-weights"),
]
