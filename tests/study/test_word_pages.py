"""The pages of words that don't stick, as a browser without scripts sees them."""

import re
from datetime import UTC, datetime
from html import unescape
from uuid import UUID

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Script
from decks.models import Card, Deck, Visibility
from study.choices import Direction, Rating
from study.models import StudySession, WordNote

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
NOWHERE = UUID("01990000-0000-7000-8000-00000000dead")
EVIL = "<script>alert('学')</script>&"
ESCAPED = "&lt;script&gt;alert(&#x27;学&#x27;)&lt;/script&gt;&amp;"
LEECH = {"lapses": 6, "expected_lapses": 1.2, "lapse_variance": 1.0, "reps": 34}
WORDS = [
    ("他", "他", "tā", "he"),
    ("她", "她", "tā", "she"),
    ("地", "地", "de", "-ly"),
    ("未来", "未來", "wèilái", "future"),
    ("末来", "末來", "mòlái", "no word at all"),
    ("大", "大", "dà", "big"),
    ("太", "太", "tài", "too much"),
]


@pytest.fixture(autouse=True)
def _clock(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def words(make_deck):
    """The cards of some words that are taken for one another, by their hanzi."""
    return {card.hanzi: card for card in make_deck(WORDS, name="Alike").cards.all()}


@pytest.fixture
def he(user, words, remember):
    return remember(user, words["他"], **LEECH)


def address(progress):
    return reverse("word", args=[progress.pk])


def note_address(progress):
    return reverse("word-note", args=[progress.pk])


def text(response, status=200):
    """Return the text of a page, between its tags."""
    assert response.status_code == status
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", "<main" + main)).split())


def contrasts(response):
    """Return the words beside the first one, each with what is said of it."""
    shown = [(each.hanzi, each.kind, each.progress is not None) for each in response.context["contrasts"]]
    assert response.status_code == 200
    return shown


# The list


def test_the_worst_leech_comes_first(as_user, user, words, remember, he):
    remember(user, words["大"], lapses=9, expected_lapses=1.2, lapse_variance=1.0)
    remember(user, words["太"], lapses=3, expected_lapses=2.9, lapse_variance=1.0)
    response = as_user.get(reverse("leeches"))
    assert [progress.card.hanzi for progress in response.context["page"]] == ["大", "他"]
    assert "2 words, the hardest first" in text(response)
    assert "他 tā he Chinese → English 6 times, 1 expected" in text(response)
    assert f'href="{address(he)}"' in response.content.decode()


def test_a_suspended_leech_says_so(as_user, user, words, remember):
    remember(user, words["他"], **LEECH, suspended=True)
    assert "Chinese → English, suspended" in text(as_user.get(reverse("leeches")))


def test_a_learner_without_leeches_is_told_that_all_is_well(as_user, user, words, remember):
    remember(user, words["他"])
    shown = text(as_user.get(reverse("leeches")))
    assert "Every word you study is sticking about as well as it should." in shown
    assert "Back to today" in shown


def test_a_strangers_leeches_are_not_in_the_list(as_user, stranger, words, remember):
    remember(stranger, words["他"], **LEECH)
    assert list(as_user.get(reverse("leeches")).context["page"]) == []


def test_a_leech_of_a_deck_that_is_not_shared_any_more_is_not_in_the_list(as_user, user, make_deck, stranger, remember):
    deck = make_deck(WORDS, name="Wang's", user=stranger)
    remember(user, deck.cards.first(), **LEECH)
    assert len(as_user.get(reverse("leeches")).context["page"]) == 1
    Deck.objects.filter(pk=deck.pk).update(visibility=Visibility.PRIVATE)
    assert list(as_user.get(reverse("leeches")).context["page"]) == []


@pytest.mark.parametrize("count", [1, 60])
def test_the_list_takes_four_queries_however_long(as_user, user, make_deck, remember, django_assert_num_queries, count):
    deck = make_deck([(f"字{number}", "", f"zì{number}", "x") for number in range(count)])
    for card in deck.cards.all():
        remember(user, card, **LEECH)
    with django_assert_num_queries(4):
        response = as_user.get(reverse("leeches"))
    assert len(response.context["page"]) == min(count, 50)
    assert ("Page 1 of 2" in text(response)) is (count > 50)


def test_the_second_page_of_the_list_has_the_rest(as_user, user, make_deck, remember):
    for card in make_deck([(f"字{number}", "", f"zì{number}", "x") for number in range(51)]).cards.all():
        remember(user, card, **LEECH)
    response = as_user.get(reverse("leeches"), {"page": 2})
    assert len(response.context["page"]) == 1
    assert 'href="?page=1" rel="prev"' in response.content.decode()


# A word


def test_a_word_is_shown_beside_what_it_is_taken_for(as_user, user, words, remember, he):
    she, ground = (remember(user, words[hanzi]) for hanzi in "她地")
    response = as_user.get(address(he))
    assert contrasts(response)[:2] == [("地", "lookalike", True), ("她", "homophone", True)]
    shown = text(response)
    assert "他 tā he This word" in shown
    assert "她 tā she Sounds the same" in shown
    assert "地 de -ly Looks alike" in shown
    assert f'href="{address(she)}"' in response.content.decode()
    assert f'href="{address(ground)}"' in response.content.decode()


def test_words_of_hsk_that_are_still_to_come_follow_those_begun(as_user, he):
    response = as_user.get(address(he))
    shown = contrasts(response)
    assert {("她", "homophone", False), ("它", "homophone", False)} <= set(shown)
    assert len(shown) == 4
    assert "她 tā she Sounds the same; still to come" in text(response)


def test_the_characters_are_marked_in_which_two_words_differ(as_user, user, words, remember):
    progress = remember(user, words["未来"])
    remember(user, words["末来"])
    page = as_user.get(address(progress)).content.decode()
    assert '<span lang="zh-Hans"><mark>末</mark>来</span>' in page
    assert '<span lang="zh-Hans">未来</span>' in page


def test_words_are_contrasted_in_the_learners_script(as_user, user, words, remember):
    user.script = Script.TRADITIONAL
    user.save(update_fields=["script"])
    progress = remember(user, words["未来"])
    remember(user, words["末来"])
    page = as_user.get(address(progress)).content.decode()
    assert '<span lang="zh-Hant"><mark>末</mark>來</span>' in page
    assert '<dt class="hanzi" lang="zh">來</dt>' in page


def test_a_word_is_contrasted_once_in_the_direction_looked_at(as_user, user, words, remember, he):
    remember(user, words["她"], direction=READ)
    remember(user, words["她"], direction=WRITE)
    found = [each for each in as_user.get(address(he)).context["contrasts"] if each.hanzi == "她"]
    assert [each.progress.direction for each in found] == [READ]


def test_a_strangers_words_are_not_contrasted(as_user, stranger, words, remember, he):
    remember(stranger, words["她"])
    assert ("她", "homophone", False) in contrasts(as_user.get(address(he)))


def test_cards_without_hanzi_are_like_no_other(as_user, user, make_deck, remember):
    made = [("", "", "", "one"), ("", "", "", "two")]
    first, second = (remember(user, card) for card in make_deck(made).cards.all())
    response = as_user.get(address(first))
    assert contrasts(response) == []
    assert text(response).startswith("one ")
    assert second.card.english not in text(response)


def test_a_word_says_what_its_characters_are_made_of(as_user, he):
    shown = text(as_user.get(address(he)))
    assert "What it is made of 他 tā: other, another; he, she, it 亻 man 也 also" in shown


@pytest.mark.parametrize(
    ("hanzi", "parts"),
    [("请", [("讠", "words, speech"), ("青", "blue, green")]), ("生", [])],
)
def test_a_part_means_what_its_radical_means_and_is_left_out_if_that_is_nothing(
    as_user, user, make_deck, remember, hanzi, parts
):
    progress = remember(user, make_deck([(hanzi, "", "x", "x")]).cards.get())
    [(character, _, shown)] = as_user.get(address(progress)).context["characters"]
    assert (character.character, shown) == (hanzi, parts)


def test_a_word_is_shown_in_its_cards_sentence_and_in_the_dictionarys(as_user, user, make_deck, remember):
    deck = make_deck([("他", "他", "tā", "he")])
    deck.cards.update(sentence="他走了。", sentence_pinyin="Tā zǒu le.", sentence_translation="He left.")
    response = as_user.get(address(remember(user, deck.cards.get())))
    assert "<mark>他</mark>走了。" in response.content.decode()
    assert len(response.context["sentences"]) == 3
    assert all("他" in sentence.chinese for sentence in response.context["sentences"])


def test_a_word_says_how_it_went(as_user, user, words, session, now):
    user.time_zone = "Asia/Shanghai"
    user.save(update_fields=["time_zone"])
    card = words["大"]
    everywhere = StudySession.start(user, card.deck, None, now)
    for number, rating in enumerate([Rating.AGAIN, Rating.EASY]):
        everywhere.answer(UUID(int=number + 1), card, READ, rating, datetime(2026, 3, 1, 20, number, tzinfo=UTC))
    shown = text(as_user.get(address(user.progress.get())))
    assert "Chinese → English: answered 2 times, forgotten 0 times." in shown
    assert "The last 2 entries, the latest first" in shown
    assert shown.index("2 Mar 2026, 04:01 Easy") < shown.index("2 Mar 2026, 04:00 Again 1 min")


def test_what_was_taken_back_is_not_in_the_history(as_user, user, words, now):
    session = StudySession.start(user, words["大"].deck, None, now)
    entries = [session.answer(UUID(int=number), words["大"], READ, Rating.GOOD, now) for number in (1, 2)]
    user.interactions.filter(pk=entries[1].pk).update(undone_at=now)
    assert list(as_user.get(address(user.progress.get())).context["entries"]) == [entries[0]]


def test_a_leech_is_told_apart_from_other_words(as_user, user, words, remember, he):
    assert "This word doesn't stick: forgotten 6 times, when about 1 would be usual" in text(as_user.get(address(he)))
    assert "doesn't stick:" not in text(as_user.get(address(remember(user, words["大"]))))


def test_a_word_leads_to_its_other_direction(as_user, user, words, remember, he):
    other = remember(user, words["他"], direction=WRITE)
    assert f'<a href="{address(other)}">English → Chinese</a>' in as_user.get(address(he)).content.decode()


@pytest.mark.parametrize("begun", [1, 7])
def test_a_word_takes_seven_queries_whatever_it_is_like(
    as_user, user, words, remember, he, django_assert_num_queries, begun
):
    for card in list(words.values())[1:begun]:
        remember(user, card)
    with django_assert_num_queries(7):
        as_user.get(address(he))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("where", [address, note_address])
def test_a_strangers_word_is_not_found(as_user, stranger, words, remember, where, method):
    progress = remember(stranger, words["他"])
    expected = 405 if (method, where) == ("post", address) else 404
    assert getattr(as_user, method)(where(progress), {"text": "mine"}).status_code == expected
    assert not WordNote.objects.exists()


def test_a_word_that_is_not_there_is_not_found(as_user):
    assert as_user.get(reverse("word", args=[NOWHERE])).status_code == 404


def test_a_word_of_a_deck_that_is_not_shared_any_more_is_not_found(as_user, user, make_deck, stranger, remember):
    deck = make_deck(WORDS, name="Wang's", user=stranger)
    progress = remember(user, deck.cards.first())
    assert as_user.get(address(progress)).status_code == 200
    Deck.objects.filter(pk=deck.pk).update(visibility=Visibility.PRIVATE)
    assert as_user.get(address(progress)).status_code == 404


@pytest.mark.parametrize("where", [lambda progress: reverse("leeches"), address, note_address])
def test_a_visitor_is_sent_to_the_log_in(client, he, where):
    response = client.get(where(he))
    assert (response.status_code, response.url) == (302, f"{reverse('account_login')}?next={where(he)}")


def test_what_a_card_says_is_escaped(as_user, user, words, remember):
    evil = words["他"]
    Card.objects.filter(pk=evil.pk).update(
        english=EVIL, notes=EVIL, sentence=f"{EVIL}他", sentence_pinyin=EVIL, sentence_translation=EVIL
    )
    Card.objects.filter(pk=words["她"].pk).update(english=EVIL)
    remember(user, words["她"])
    page = as_user.get(address(remember(user, evil, **LEECH))).content.decode()
    assert EVIL not in page
    assert page.count(ESCAPED) >= 6
    assert EVIL not in as_user.get(reverse("leeches")).content.decode()


# The note


def test_a_note_is_kept_shown_and_changed(as_user, user, he):
    response = as_user.post(note_address(he), {"text": "  The man,\r\n亻.  "}, follow=True)
    assert "Your note is saved." in text(response)
    assert user.word_notes.get().text == "The man,\n亻."
    assert user.word_notes.get().word_key == "他|tā"
    assert response.context["form"]["text"].value() == "The man,\n亻."
    as_user.post(note_address(he), {"text": "He."})
    assert [note.text for note in user.word_notes.all()] == ["He."]


def test_a_note_belongs_to_the_word_whichever_deck_it_is_met_in(as_user, user, words, remember, he):
    other = remember(user, words["他"], direction=WRITE)
    as_user.post(note_address(he), {"text": "He."})
    assert as_user.get(address(other)).context["form"]["text"].value() == "He."


@pytest.mark.parametrize("empty", ["", "  \r\n "])
def test_a_note_without_text_is_deleted(as_user, user, he, empty):
    WordNote.objects.write(user, "他|tā", "He.")
    response = as_user.post(note_address(he), {"text": empty}, follow=True)
    assert "There is no note on this word now." in text(response)
    assert not WordNote.objects.exists()


def test_a_note_of_two_thousand_characters_is_kept_whatever_its_line_breaks(as_user, user, he):
    assert as_user.post(note_address(he), {"text": "a\r\n" * 999 + "bc"}).status_code == 302
    assert len(user.word_notes.get().text) == 2000


@pytest.mark.parametrize("wrong", ["x" * 2001, "nul\0"])
def test_a_note_that_cannot_be_kept_stays_in_the_form(as_user, user, he, wrong):
    WordNote.objects.write(user, "他|tā", "He.")
    response = as_user.post(note_address(he), {"text": wrong})
    shown = text(response, status=400)
    assert "There is a problem" in shown
    assert response.context["form"]["text"].value() == wrong
    assert user.word_notes.get().text == "He."


def test_a_note_is_seen_by_nobody_else(as_user, user, stranger, words, remember, he):
    WordNote.objects.write(stranger, "他|tā", "Wang's note")
    assert "Wang's note" not in text(as_user.get(address(he)))
    as_user.post(note_address(he), {"text": ""})
    assert stranger.word_notes.get().text == "Wang's note"


def test_a_note_is_escaped(as_user, user, he):
    WordNote.objects.write(user, "他|tā", f"</textarea>{EVIL}")
    page = as_user.get(address(he)).content.decode()
    assert EVIL not in page
    assert f"&lt;/textarea&gt;{ESCAPED}" in page


def test_whoever_comes_back_from_the_log_in_is_sent_to_the_word(as_user, he):
    response = as_user.get(note_address(he))
    assert (response.status_code, response.url) == (302, address(he))
