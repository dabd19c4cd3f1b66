"""The whole API on one page."""

from django.urls import path

from study import api as study
from study import quiz_api as quiz
from study import reader_api as reader
from study import transfer_api as transfer

urlpatterns = [
    path("study/session", study.SessionStartView.as_view()),
    path("study/session/<uuid:pk>/cards", study.SessionCardsView.as_view()),
    path("study/session/<uuid:pk>/end", study.SessionEndView.as_view()),
    path("study/interactions", study.InteractionsView.as_view()),
    path("study/interactions/<uuid:pk>/undo", study.UndoView.as_view()),
    path("study/quiz/question", quiz.QuestionView.as_view()),
    path("study/quiz/answer", quiz.AnswerView.as_view()),
    path("reader/analyse", reader.AnalyseView.as_view()),
    path("csv/import/<uuid:pk>", transfer.ImportView.as_view()),
    path("csv/export/all", transfer.ExportAllView.as_view()),
    path("csv/export/<uuid:pk>", transfer.ExportView.as_view()),
    path("csv/template", transfer.TemplateView.as_view()),
    path("tasks/<uuid:pk>", transfer.TaskView.as_view()),
]
