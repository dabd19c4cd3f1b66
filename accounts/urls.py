from django.urls import path

from accounts import views

urlpatterns = [
    # Before allauth's own, and under its name.
    path("accounts/signup/", views.SignupView.as_view(), name="account_signup"),
]
