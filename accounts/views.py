"""Signing up."""

from allauth.account import views as allauth_views
from django.db import IntegrityError, transaction


class SignupView(allauth_views.SignupView):
    def form_valid(self, form):
        """Sign up, or tell of the name that somebody took since the form was checked."""
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except IntegrityError:
            form.full_clean()
            if form.is_valid():
                raise
            return self.form_invalid(form)
