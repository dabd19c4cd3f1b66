"""The whole API on one page."""

from django.urls import path

from study import api as study
from study import quiz_api as quiz
from study import reader_api as reader

urlpatterns = [
    path("study/session", study.SessionStartView.as_view()),
    path("study/session/<uuid:pk>/cards", study.SessionCardsView.as_view()),
    path("study/session/<uuid:pk>/end", study.SessionEndView.as_view()),
    path("study/interactions", study.InteractionsView.as_view()),
    path("study/interactions/<uuid:pk>/undo", study.UndoView.as_view()),
    path("study/quiz/question", quiz.QuestionView.as_view()),
    path("study/quiz/answer", quiz.AnswerView.as_view()),
    path("reader/analyse", reader.AnalyseView.as_view()),
]
