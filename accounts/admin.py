"""Users, for staff."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from accounts.models import User


class LowerCaseEmail:
    def clean_email(self):
        """Return the address as sign-up would keep it."""
        return (self.cleaned_data["email"] or "").lower() or None


class UserForm(LowerCaseEmail, UserChangeForm):
    pass


class NewUserForm(LowerCaseEmail, AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ["username", "email"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = UserForm
    add_form = NewUserForm
    list_display = ["username", "email", "created_at", "last_active_at", "is_staff"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["username", "email"]
    ordering = ["-created_at"]
    show_full_result_count = False
    readonly_fields = ["id", "created_at", "last_active_at", "last_login"]
    fieldsets = [
        (None, {"fields": ["id", "username", "email", "password"]}),
        (
            "Study",
            {
                "fields": [
                    "time_zone",
                    "day_starts_at",
                    "desired_retention",
                    "new_per_day",
                    "reviews_per_day",
                    "script",
                    "tone_colours",
                ]
            },
        ),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["created_at", "last_active_at", "last_login"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["username", "email", "usable_password", "password1", "password2"],
            },
        )
    ]

    def get_deleted_objects(self, objs, request):
        """Name the users only: with each the database deletes thousands of rows, which nobody wants to read."""
        names = [f"{user}, with all their decks and history" for user in objs]
        return names, {self.opts.verbose_name_plural: len(names)}, set(), []
