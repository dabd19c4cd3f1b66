"""Which cards a search finds, in which order, and page by page."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decks.models import Card, Deck
from study.acts import Act, record, undo
from study.browse import SORTS, Browser
from study.choices import Direction, Rating
from study.models import WordNote
from study.search import QueryError

READ, WRITE, LISTEN = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE, Direction.LISTENING
DAY = timedelta(days=1)
LEECH = {"lapses": 6, "expected_lapses": 1.2, "lapse_variance": 1.0}


@pytest.fixture
def deck(user):
    return Deck.objects.create(name="HSK 1 mine", user=user)


@pytest.fixture
def cards(deck):
    """Cards of eight words, by their hanzi."""
    words = [
        ("学生", "學生", "xuésheng", "student", ["school", "people::young"]),
        ("学习", "學習", "xuéxí", "to learn; to study", ["school"]),
        ("苹果", "蘋果", "píngguǒ", "apple", ["food::fruit"]),
        ("水", "水", "shuǐ", "water", ["Food"]),
        ("西安", "西安", "Xī'ān", "Xi'an (city)", []),
        ("女", "女", "nǚ", "woman; 100% \\ _", []),
        ("", "", "", "to look up a word", ["foodie"]),
        ("𠮷野家", "𠮷野家", "jíyějiā", "Yoshinoya 😀", []),
    ]
    made = [
        deck.cards.create(position=at, hanzi=hanzi, traditional=traditional, pinyin=pinyin, english=english, tags=tags)
        for at, (hanzi, traditional, pinyin, english, tags) in enumerate(words)
    ]
    return {card.hanzi or "–": card for card in made}


@pytest.fixture
def found(user, deck, cards, now):
    """Return a function that returns the words that a query finds, in the deck's order."""

    def found(query, sort="position", decks=None):
        page = Browser(user, decks or [deck.pk], query, sort, now).page()
        return [row.hanzi or "–" for row in page.rows]

    return found


TEXTS = [
    ("", "学生 学习 苹果 水 西安 女 – 𠮷野家"),
    ("学", "学生 学习"),
    ("學", "学生 学习"),
    ("生学", ""),
    ("𠮷", "𠮷野家"),
    ("xue", "学生 学习"),
    ("xuesheng", "学生"),
    ("xue2sheng", "学生"),
    ("xué", "学生 学习"),
    ("xuě", ""),
    ("XUÉXÍ", "学习"),
    ('"xue xi"', "学习"),
    ("xian", "西安"),
    ("xi'an", "西安"),
    ("nv", "女"),
    ("nü", "女"),
    ("lǜ", ""),
    ("student", "学生"),
    ("STUD", "学生 学习"),
    ('"to learn"', "学习"),
    ("to look", "–"),
    ("look to", "–"),
    ("%", "女"),
    ("_", "女"),
    (r"\\", "女"),
    ("😀", "𠮷野家"),
    ("a%e", ""),
    ("hanzi:学*", "学生 学习"),
    ("hanzi:*生", "学生"),
    ("hanzi:学*学", ""),
    ("hanzi:student", ""),
    ("pinyin:student", ""),
    ("pinyin:xue*xi", "学习"),
    ("pinyin:*guo", "苹果"),
    ("pinyin:guo", "苹果"),
    ("english:xue", ""),
    ("english:w*r", "水"),
    ("english:water", "水"),
    ("tag:school", "学生 学习"),
    ("tag:food", "苹果 水"),
    ("tag:FOOD", "苹果 水"),
    ("tag:foo*", "苹果 水 –"),
    ("tag:ood", ""),
    ("tag:food::fruit", "苹果"),
    ("tag:*", "学生 学习 苹果 水 –"),
    ("-tag:*", "西安 女 𠮷野家"),
    ("tag:school -student", "学习"),
    ("-(tag:school or tag:food)", "西安 女 – 𠮷野家"),
    ("student or water 水", "学生 水"),
    ("(student or water) tag:food", "水"),
    ('deck:"HSK 1"', "学生 学习 苹果 水 西安 女 – 𠮷野家"),
    ("deck:hsk*", "学生 学习 苹果 水 西安 女 – 𠮷野家"),
    ("deck:HSK2", ""),
]


@pytest.mark.parametrize(("query", "words"), TEXTS)
def test_a_text_is_found_where_it_stands(found, query, words):
    assert found(query) == words.split()


def test_notes_are_found_those_of_the_card_and_the_learners_own_alone(found, user, stranger, cards):
    Card.objects.filter(pk=cards["水"].pk).update(notes="Three Drops")
    WordNote.objects.write(user, cards["学生"].word_key, "drops by")
    WordNote.objects.write(stranger, cards["女"].word_key, "drops, too")
    assert found("note:drops") == ["学生", "水"]
    assert found("drops") == []


@pytest.fixture
def known(user, stranger, cards, remember, now):
    """What is remembered: a word due, one for long, one suspended, one buried, one in learning, a leech."""
    remember(user, cards["学生"], due=now - DAY, interval=10)
    remember(user, cards["学生"], WRITE, due=now + 5 * DAY, interval=30, suspended=True)
    remember(user, cards["学习"], due=now + 40 * DAY, interval=50)
    remember(user, cards["苹果"], due=now - DAY, suspended=True, **LEECH)
    remember(user, cards["水"], due=now - 2 * DAY, buried_until=now + DAY)
    remember(user, cards["西安"], LISTEN, due=now, state="learning", interval=0, reps=1)
    remember(user, cards["女"], stability=None, difficulty=None, state="learning", interval=0, suspended=True)
    remember(stranger, cards["𠮷野家"])


MEMORIES = [
    ("is:new", "女 – 𠮷野家"),
    ("-is:new", "学生 学习 苹果 水 西安"),
    ("is:learn", "西安"),
    ("is:review", "学生 学习 苹果 水"),
    ("is:mastered", "学生 学习"),
    ("is:due", "学生 西安"),
    ("is:suspended", "学生 苹果 女"),
    ("-is:suspended", "学习 水 西安 – 𠮷野家"),
    ("is:buried", "水"),
    ("is:leech", "苹果"),
    ("is:due is:suspended", ""),  # of one and the same memory
    ("dir:listening", "西安"),
    ("dir:writing", ""),
    ("dir:english is:due", ""),
    ("dir:chinese is:due", "学生"),
    ("dir:chinese -is:suspended is:review", "学生 学习 水"),
    ("dir:english is:new", "学习 苹果 水 西安 女 – 𠮷野家"),
    ("dir:chinese (is:due or is:mastered)", "学生 学习"),
    ("prop:ivl>=21", "学生 学习"),
    ("prop:ivl<21", "学生 苹果 水 西安"),
    ("prop:ivl=50", "学习"),
    ("prop:ivl!=10 is:review", "学生 学习"),
    ("prop:lapses>5", "苹果"),
    ("prop:reps=1", "西安"),
    ("prop:stability>49.5", "学习"),
    ("prop:difficulty=5 prop:ivl>40", "学习"),
    ("prop:due<0", "学生 苹果 水"),
    ("prop:due=0", "西安"),
    ("prop:due<=0", "学生 苹果 水 西安"),
    ("prop:due>5", "学习"),
    ("prop:due>=5", "学生 学习"),
    ("prop:due!=0 prop:due<=0", "学生 苹果 水"),
    ("tag:school is:due", "学生"),
]


@pytest.mark.parametrize(("query", "words"), MEMORIES)
def test_what_is_known_is_found(found, known, query, words):
    assert found(query) == words.split()


def test_what_was_answered_is_found_by_day_and_grade(found, user, cards, session, now):
    def answer(number, hanzi, at, rating):
        act = Act(id=UUID(int=number), card=cards[hanzi], direction=READ, type="review", rating=rating, at=at)
        return record(user, act, now)

    answer(1, "水", now - 8 * DAY, Rating.GOOD)
    answer(2, "学生", now - 6 * DAY, Rating.AGAIN)
    answer(3, "女", now, Rating.EASY)
    assert (found("rated:1"), found("rated:7"), found("rated:9")) == (["女"], ["学生", "女"], ["学生", "水", "女"])
    assert (found("rated:9:1"), found("rated:9:3"), found("rated:9:2")) == (["学生"], ["水"], [])
    undo(user, UUID(int=3), now)
    assert found("rated:1") == []


def test_what_was_added_is_found_by_the_learners_day(found, user, cards, now):
    midnight = now.replace(hour=4)  # when the learner's day begins
    for hanzi, at in (("学生", midnight), ("水", midnight - DAY), ("女", midnight - timedelta(seconds=1))):
        Card.objects.filter(pk=cards[hanzi].pk).update(created_at=at)
    Card.objects.exclude(hanzi__in=["学生", "水", "女"]).update(created_at=now - 90 * DAY)
    assert (found("added:1"), found("added:2")) == (["学生"], ["学生", "水", "女"])


def test_cards_of_other_decks_are_not_found(found, make_deck):
    make_deck()
    assert found("苹果") == ["苹果"]


ORDERS = {
    "position": "学生 学习 苹果 水 西安 女 – 𠮷野家",
    "hanzi": "– 女 学习 学生 水 苹果 西安 𠮷野家",
    "pinyin": "– 𠮷野家 女 苹果 水 西安 学生 学习",
    "due": "水 学生 苹果 西安 学习",
    "ivl": "西安 苹果 水 学生 学习",
    "lapses": "学生 学习 水 西安 苹果",
}


@pytest.mark.parametrize("sort", ORDERS)
def test_cards_come_in_an_order_and_the_other_way_round(found, known, sort):
    wanted = ORDERS[sort].split()
    condition = "" if len(wanted) == 8 else "-is:new"
    forth, back = found(condition, sort), found(condition, f"-{sort}")
    assert back == forth[::-1]
    if sort in ("due", "ivl", "lapses"):  # equals come by their ids
        assert sorted(forth) == sorted(wanted)
        wanted = [word for word in wanted if word not in ("苹果", "学生", "水")]
        forth = [word for word in forth if word in wanted]
    assert forth == wanted


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{name}" for name in SORTS)])
def test_pages_go_forth_and_back_over_every_card_once(user, make_deck, remember, now, monkeypatch, sort):
    monkeypatch.setattr("study.browse.CARDS_ON_A_PAGE", 3)
    deck = make_deck([(f"字{at % 4}", "", f"zì{at % 4}", "x") for at in range(11)], user=user)
    cards = list(deck.cards.all())
    for at in (0, 1):
        remember(user, cards[at], due=now + at * DAY, interval=3 + at)
    browser = Browser(user, [deck.pk], "", sort, now)
    page, pages = browser.page(), []
    while True:
        pages.append([row.id for row in page.rows])
        if not page.has_next:
            break
        page = browser.page(after=page.last)
    assert [len(each) for each in pages] == [3, 3, 3, 2]
    assert [pk for each in pages for pk in each] == browser.ids()
    assert set(browser.ids()) == {card.pk for card in cards}
    back = browser.page(before=page.first)
    assert [row.id for row in back.rows] == pages[2]
    assert (back.has_previous, back.has_next) == (True, True)
    first = browser.page(before=browser.page(before=back.first).first)
    assert ([row.id for row in first.rows], first.has_previous) == (pages[0], False)
    last = browser.page(at_end=True)
    assert [row.id for row in last.rows] == browser.ids()[-3:]
    assert (last.has_previous, last.has_next) == (True, False)


def test_a_page_stays_where_it_is_when_cards_before_it_go(user, deck, cards, now, monkeypatch):
    monkeypatch.setattr("study.browse.CARDS_ON_A_PAGE", 3)
    browser = Browser(user, [deck.pk], "", "position", now)
    after = browser.page().last
    Card.objects.filter(hanzi__in=["学生", "苹果"]).delete()
    assert [row.hanzi for row in browser.page(after=after).rows] == ["水", "西安", "女"]


def test_behind_the_last_card_is_the_last_page(user, deck, cards, now):
    browser = Browser(user, [deck.pk], "", "position", now)
    assert len(browser.page(after=f'["{deck.pk}",99,"{deck.pk}"]').rows) == 8


CURSORS = [
    *("x", "[]", "{}", "[1]", "null", '"a"', "[1,2,3,4]", "[" * 5000, '["a",1,"b"]', "[true,true,true]"),
    '["01990000-0000-7000-8000-00000000dead",1e400,"01990000-0000-7000-8000-00000000dead"]',
    '["01990000-0000-7000-8000-00000000dead",99999999999,"01990000-0000-7000-8000-00000000dead"]',
    '["01990000-0000-7000-8000-00000000dead","1","01990000-0000-7000-8000-00000000dead"]',
    '["\\u0000","01990000-0000-7000-8000-00000000dead"]',
    '["\\ud800","01990000-0000-7000-8000-00000000dead"]',
    '[1e18,"01990000-0000-7000-8000-00000000dead"]',
    '[NaN,"01990000-0000-7000-8000-00000000dead"]',
]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("cursor", CURSORS)
def test_what_is_no_cursor_does_no_harm(user, deck, cards, now, sort, cursor):
    browser = Browser(user, [deck.pk], "", sort, now)
    assert len(browser.page(after=cursor).rows) == 8
    assert len(browser.page(before=cursor).rows) == 8


def test_more_than_200_are_counted_no_further(user, make_deck, now):
    deck = make_deck([(f"字{at}", "", "", "x") for at in range(300)], user=user)
    assert Browser(user, [deck.pk], "", "position", now).count() == 201
    assert Browser(user, [deck.pk], "hanzi:*9", "position", now).count() == 30


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                [
                    *("is:due", "-", "(", ")", " ", "or", "prop:ivl>=9999999.5", "prop:due<=36500", "prop:due>-36500"),
                    *("tag:%", "tag:_*\\\\", "hanzi:", "pinyin:*a", "note:%s", "%(user)s", "added:36500", "rated:9:1"),
                    *("dir:writing", "english:'", "deck:x*y", '"a\'); --"', "is:new", "is:leech"),
                ]
            ),
            max_size=14,
        ).map(" ".join),
    )
)
def test_whatever_is_asked_the_database_takes_it(user, deck, now, query):
    try:
        browser = Browser(user, [deck.pk], query, "position", now)
    except QueryError:
        return
    assert browser.count() >= len(browser.page().rows)
