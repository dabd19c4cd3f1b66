"""What learners study, remember and have answered, for staff: to be read, since it follows from the log."""

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connection
from django.urls import reverse
from django.utils.functional import cached_property

from study.choices import Mastery
from study.models import CardInteraction, CardProgress, Enrolment, ScheduleFit, StudySession, UserStatistics

LONG_TABLE = 10_000  # rows, beyond which a whole table is not counted for a page number


class EstimatingPaginator(Paginator):
    """Counts what is searched or filtered, and trusts the planner about the whole of a long table."""

    @cached_property
    def count(self):
        query = self.object_list.query
        if query.where:
            return super().count
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [query.get_meta().db_table]
            )
            [estimate] = cursor.fetchone()
        return estimate if estimate > LONG_TABLE else super().count


class HistoryAdmin(admin.ModelAdmin):
    """A list to read: what happened is neither added, changed nor deleted by hand."""

    paginator = EstimatingPaginator
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        """Refuse on the pages of this list; on those of a user, let their history go with them."""
        here = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return super().has_delete_permission(request, obj) and not request.path.startswith(here)


class MasteryFilter(admin.SimpleListFilter):
    """By the choices; Django would read them from the whole table, since the column is generated."""

    title = "mastery"
    parameter_name = "mastery"

    def lookups(self, request, model_admin):
        return Mastery.choices

    def queryset(self, request, queryset):
        return queryset.filter(mastery_level=self.value()) if self.value() in map(str, Mastery) else queryset


@admin.register(Enrolment)
class EnrolmentAdmin(admin.ModelAdmin):
    list_display = ["user", "deck", "new_per_day", "directions", "order", "added_at"]
    list_filter = ["order", "deck__standard"]
    list_select_related = ["user", "deck"]
    ordering = ["-id"]
    search_fields = ["^user__username", "deck__name"]
    show_full_result_count = False
    paginator = EstimatingPaginator
    autocomplete_fields = ["user", "deck"]
    readonly_fields = ["id", "added_at"]


@admin.register(CardProgress)
class CardProgressAdmin(HistoryAdmin):
    """Staff may put a word aside or bring it back; the rest follows from the log of answers."""

    list_display = ["card", "user", "direction", "state", "mastery", "stability", "next_review_at", "suspended"]
    list_filter = ["direction", "state", MasteryFilter, "suspended"]
    list_select_related = ["user", "card"]
    ordering = ["-id"]
    search_fields = ["^user__username", "^card__hanzi"]

    @admin.display(ordering="mastery_level")
    def mastery(self, progress):
        return Mastery(progress.mastery_level).label


@admin.register(StudySession)
class StudySessionAdmin(HistoryAdmin):
    list_display = [
        *("user", "deck", "mode", "direction", "cards_studied", "correct_answers", "session_duration"),
        *("created_at", "ended_at"),
    ]
    list_filter = ["mode", "direction"]
    list_select_related = ["user", "deck"]
    date_hierarchy = "created_at"
    ordering = ["-id"]
    search_fields = ["^user__username", "deck__name"]


@admin.register(CardInteraction)
class CardInteractionAdmin(HistoryAdmin):
    # No date_hierarchy: it asks for the first and the last row of the longest table, which no index gives.
    list_display = [
        *("card", "user", "direction", "interaction_type", "rating", "response_time"),
        *("answered_at", "undone_at"),
    ]
    list_filter = ["interaction_type", "direction", "rating", "answered_at"]
    list_select_related = ["user", "card"]
    ordering = ["-id"]  # made in the order of time
    search_fields = ["^user__username", "^card__hanzi"]


@admin.register(UserStatistics)
class UserStatisticsAdmin(HistoryAdmin):
    list_display = ["user", "total_views", "total_correct_answers", "total_quiz_attempts", "study_time_minutes"]
    list_select_related = ["user"]
    ordering = ["-user_id"]
    search_fields = ["^user__username"]


@admin.register(ScheduleFit)
class ScheduleFitAdmin(HistoryAdmin):
    list_display = ["user", "made_at", "reviews", "accepted", "log_loss_before", "log_loss_after", "reason"]
    list_filter = ["accepted"]
    list_select_related = ["user"]
    ordering = ["-id"]
    search_fields = ["^user__username"]
