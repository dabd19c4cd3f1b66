"""Acts on a word from any page, outside a session: each does what the API does, and can be taken back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from decks.models import Card
from study import acts
from study.acts import Act, ActRefused, NotTheirs, StaleAnswer
from study.forms import ActForm
from study.models import CardInteraction, CardProgress

UNDO = "undo:"  # the page offers to take back the entry whose id follows in a message's tags


def came_from(request, otherwise):
    """Return the address within our site that a form names as `next`, or another one."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else otherwise


@login_required
@require_http_methods(["GET", "POST"])
def act(request):
    """Do something with a word; whoever comes back here from the log-in is sent to what is due."""
    if request.method == "GET":
        return redirect("home")
    form = ActForm(request.POST)
    back = came_from(request, reverse("home"))
    card = None
    if form.is_valid():
        try:
            tell(
                request, acts.record(request.user, Act(**form.cleaned_data), timezone.now()), form.cleaned_data["type"]
            )
            return redirect(back)
        except NotTheirs as error:
            raise Http404(str(error)) from None
        except StaleAnswer:
            messages.info(request, "That was not done: you have done something else meanwhile.")
            return redirect(back)
        except ActRefused as error:
            form.add_error(None, str(error))
            card = Card.objects.get(pk=form.cleaned_data["card"])
    return render(request, "study/act.html", {"form": form, "card": card, "back": back}, status=400)


def tell(request, entry, type):
    """Say what was done, with the offer to take it back; of a repeat, what it repeats."""
    done = entry.get_interaction_type_display().lower()
    if entry.undone_at:
        messages.info(request, f"{entry.card}: that was taken back.")
    elif entry.interaction_type != type:
        messages.info(request, f"{entry.card}: {done}, as you said first.")
    else:
        messages.success(request, f"{entry.card}: {done}.", extra_tags=f"{UNDO}{entry.pk}")


@login_required
@require_http_methods(["GET", "POST"])
def undo(request):
    """Take the learner's latest act back; whoever comes back here from the log-in is sent to what is due."""
    if request.method == "GET":
        return redirect("home")
    try:
        entry = acts.undo(request.user, request.POST.get("id"), timezone.now())
    except (CardInteraction.DoesNotExist, ValidationError):
        raise Http404("No such act.") from None
    except StaleAnswer:
        messages.info(request, "You have done something else since: that can't be taken back from here.")
        return redirect(came_from(request, reverse("home")))
    messages.success(request, f"Taken back: {entry.card}.")
    back = came_from(request, reverse("home"))
    # The word's own page is gone if this was all that was ever done with it.
    if str(entry.progress_id) in back and not CardProgress.objects.filter(pk=entry.progress_id).exists():
        back = reverse("deck", args=[entry.card.deck_id])
    return redirect(back)
