"""The main job: sign up, take a deck, learn ten words, come back the next day."""

from collections import defaultdict
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from study.log import CardInteraction
from study.scheduling import policy
from tests.e2e.learner import Learner

# The grade of each word's first answer; each later answer is "good".
FIRST_GRADES = [3, 1, 3, 2, 4, 3, 1, 3, 2, 4]


def due_by_fsrs(user, at):
    """Return the words that the scheduler alone, fed with the log's grades and times, says are due."""
    settings = policy.Policy(zone=ZoneInfo("Europe/Berlin"))
    schedules, due_at = defaultdict(policy.Card), {}
    for answer in CardInteraction.objects.filter(user=user).order_by("answered_at").select_related("card"):
        word = answer.card.hanzi
        outcome = policy.answer(schedules[word], answer.rating, answer.answered_at, settings, answer.card_id)
        schedules[word], due_at[word] = outcome.card, outcome.due_at
    return {word for word, due in due_at.items() if due <= at}


@pytest.mark.parametrize("scripts", [True, False], ids=["by keyboard", "without JavaScript"])
def test_ten_words_are_learnt_and_come_back_when_fsrs_says(open_page, hsk_1, scripts):
    learner = Learner(open_page(java_script_enabled=scripts), scripts)
    # Ten in the morning: the day doesn't turn during the test.
    morning = timezone.now().replace(hour=10, minute=0)
    with time_machine.travel(morning, tick=True):
        learner.sign_up()
        user = User.objects.get(username="meili")
        assert user.time_zone == "Europe/Berlin"
        learner.enrol()
        assert learner.due() == [10, 0, 0]
        learner.start()
        answered = learner.study(FIRST_GRADES)
        assert [grades[0] for grades in answered.values()] == FIRST_GRADES
        learner.finish()
        assert "You studied 10 words" in learner.page.get_by_role("heading", level=1).inner_text()
        assert learner.due() == [0, 0, 0]
    with time_machine.travel(morning + timedelta(days=1), tick=True):
        learner.log_out_and_in()
        expected = due_by_fsrs(user, timezone.now())
        assert 0 < len(expected) < 10
        assert learner.due() == [10, 0, len(expected)]
        learner.start()
        reviewed, begun = [], []
        while len(reviewed) < len(expected):
            word = learner.shown()
            # New words come between the reviews.
            (reviewed if word in expected else begun).append(word)
            learner.grade(3 if word in expected else 4)
        assert sorted(reviewed) == sorted(expected)
        assert 0 < len(begun) <= 10
        assert not set(begun) & answered.keys()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_held_down_reveals_one_card_and_grades_none(open_page, hsk_1, key):
    learner = Learner(open_page(), scripts=True)
    learner.sign_up()
    learner.enrol()
    learner.start()
    word = learner.shown()
    for _ in range(20):
        learner.page.keyboard.down(key)
    learner.page.keyboard.up(key)
    assert learner.page.locator("#card .answer").is_visible()
    assert learner.shown() == word
    assert not CardInteraction.objects.exists()
