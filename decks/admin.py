"""Decks and cards, for staff."""

from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.template.defaultfilters import truncatechars
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from decks.models import Card, Deck, DeckReport, Visibility


class OwnerFilter(admin.SimpleListFilter):
    title = "owner"
    parameter_name = "owner"
    user = "user"

    def lookups(self, request, model_admin):
        return [("built-in", "Built in"), ("learner", "A learner’s")]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        return queryset.filter(**{f"{self.user}__isnull": self.value() == "built-in"})


class DeckOwnerFilter(OwnerFilter):
    user = "deck__user"


class LearntFromAdmin(admin.ModelAdmin):
    """What learners learn from: what they have learnt from it alone goes with it, so what is built in stays."""

    show_full_result_count = False

    def get_deleted_objects(self, objs, request):
        """Name what is chosen only: with it the database deletes thousands of rows."""
        refused = {self.opts.verbose_name for obj in objs if not self.has_delete_permission(request, obj)}
        names = [f"{obj}, with what learners have learnt from it alone" for obj in objs]
        return names, {self.opts.verbose_name_plural: len(names)}, refused, []


@admin.register(Deck)
class DeckAdmin(LearntFromAdmin):
    list_display = ["name", "user", "visibility", "cards", "updated_at"]
    list_filter = [OwnerFilter, "visibility", "standard"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username"]
    autocomplete_fields = ["user"]
    readonly_fields = ["id", "standard", "level", "cards", "created_at", "updated_at"]
    fields = ["name", "description", "user", "visibility", *readonly_fields]

    def get_queryset(self, request):
        """Add how many cards a deck has: a subquery, so that only the decks on the page are counted."""
        cards = Card.objects.filter(deck=OuterRef("pk")).order_by().values("deck").values(count=Count("pk"))
        return super().get_queryset(request).annotate(card_count=Coalesce(Subquery(cards), 0))

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or obj.user_id is not None)

    @admin.display(description="cards")
    def cards(self, deck):
        """Return how many cards the deck has, with the way to them."""
        url = reverse("admin:decks_card_changelist", query={"deck__id__exact": deck.pk})
        return format_html('<a href="{}">{}</a>', url, getattr(deck, "card_count", 0))


@admin.register(Card)
class CardAdmin(LearntFromAdmin):
    list_display = ["hanzi", "traditional", "pinyin", "meaning", "deck", "position"]
    list_display_links = ["hanzi", "meaning"]
    list_filter = [DeckOwnerFilter, "deck__visibility", "deck__standard"]
    list_select_related = ["deck"]
    ordering = ["deck_id", "position", "id"]  # that of the index
    search_fields = ["hanzi", "traditional", "pinyin", "english"]
    autocomplete_fields = ["deck"]
    readonly_fields = ["id", "word_key", "created_at", "updated_at"]

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or obj.deck.user_id is not None)

    @admin.display(description="english")
    def meaning(self, card):
        return truncatechars(card.english, 80)


class OpenFilter(admin.SimpleListFilter):
    title = "whether it is settled"
    parameter_name = "settled"

    def lookups(self, request, model_admin):
        return [("no", "Open"), ("yes", "Settled")]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        return queryset.filter(settled_at__isnull=self.value() == "no")


@admin.register(DeckReport)
class DeckReportAdmin(admin.ModelAdmin):
    """What learners say of decks that others share: staff look at the deck, and settle it."""

    list_display = ["deck", "reason", "text_begins", "user", "created_at", "settled_at"]
    list_filter = [OpenFilter, "reason"]
    list_select_related = ["deck", "user"]
    search_fields = ["deck__name", "user__username", "text"]
    fields = readonly_fields = ["the_deck", "reason", "text", "user", "created_at", "settled_at"]
    actions = ["hide", "settle"]

    def has_add_permission(self, request):
        return False

    @admin.display(description="text")
    def text_begins(self, report):
        return truncatechars(report.text, 80)

    @admin.display(description="deck")
    def the_deck(self, report):
        """Return the way to the deck as its readers see it, and to its row."""
        return format_html(
            '<a href="{}">{}</a> (<a href="{}">change</a>)',
            *(report.deck.get_absolute_url(), report.deck, reverse("admin:decks_deck_change", args=[report.deck_id])),
        )

    @admin.action(description="Take the decks out of the library, and settle the reports", permissions=["change"])
    def hide(self, request, queryset):
        """Make decks private: their owners keep them."""
        decks = Deck.objects.filter(reports__in=queryset).exclude(user=None)
        hidden = Deck.objects.filter(pk__in=decks).update(visibility=Visibility.PRIVATE)
        settled = DeckReport.objects.filter(deck__reports__in=queryset, settled_at=None)
        DeckReport.objects.filter(pk__in=settled).update(settled_at=timezone.now())
        self.message_user(request, f"{hidden} deck{'' if hidden == 1 else 's'} made private.")

    @admin.action(description="Settle the reports", permissions=["change"])
    def settle(self, request, queryset):
        settled = queryset.filter(settled_at=None).update(settled_at=timezone.now())
        self.message_user(request, f"{settled} report{'' if settled == 1 else 's'} settled.")
