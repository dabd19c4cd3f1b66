"""The way to a word: the page that lists what a query finds, as a browser with and without scripts sees it."""

import pytest
from django.urls import reverse

from tests.decks.pages import links, text


def test_the_form_is_all_there_is_without_a_query(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(reverse("dictionary"))
    assert "simplified and traditional, with their characters and strokes. Look for 学生 hanzi" in text(response)
    assert response.context["words"] == []
    assert '<a href="/dictionary/?q=%E5%AD%A6%2A&amp;list=1" lang="zh-Hans">学*</a>' in response.content.decode()


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("学生", "学生"),
        ("學生", "學生"),
        ("  学生 ", "学生"),
        ("xuesheng", "学生"),
        ("xue2sheng5", "学生"),
        ("卡拉OK", "卡拉OK"),
        ("ｘｕｅｓｈｅｎｇ", "学生"),
        ("学習", "学习"),
        ("kangaroo", "袋鼠"),
    ],
)
def test_a_query_that_means_one_word_leads_to_its_entry(client, query, word):
    response = client.get(reverse("dictionary"), {"q": query})
    assert response.status_code == 302
    assert response.url == reverse("entry", args=[word])


def test_a_query_that_may_mean_many_lists_the_best_thirty(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(reverse("dictionary"), {"q": "ma"})
    words = response.context["words"]
    assert len(words) == 30
    assert [forms[0][1] for forms, *_ in words][:3] == ["吗", "妈", "马"]
    assert "The best of many words, 30 at a time" in text(response)
    assert "马 馬 mǎ horse; horse or cavalry piece in Chinese chess" in text(response)
    assert links(response).keys() == {forms[0][1] for forms, *_ in words}


def test_a_query_that_finds_few_says_how_many(client):
    response = client.get(reverse("dictionary"), {"q": "yi1sheng1"})
    words = [forms[0][1] for forms, *_ in response.context["words"]]
    assert words == ["医生", "一生", "一声", "一生一世", "一声不吭", "一声不响"]
    assert "6 words" in text(response)


@pytest.mark.parametrize(
    "query", ["zzzzzz", "\0", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), '"', "*"]
)
def test_a_query_that_finds_nothing_says_so(client, query):
    page = text(client.get(reverse("dictionary"), {"q": query}))
    assert "Hanzi, pinyin or English" in page
    assert ("Nothing is found" in page) == (query != "\0")


def test_a_list_is_shown_of_a_query_that_means_one_word_if_it_is_asked_for(client):
    response = client.get(reverse("dictionary"), {"q": "学生", "list": "1"})
    assert [forms[0][1] for forms, *_ in response.context["words"]][:2] == ["学生", "学生会"]


def test_while_one_types_the_list_alone_comes_and_the_address_follows(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(reverse("dictionary"), {"q": "beij"}, headers={"hx-request": "true"})
    content = response.content.decode()
    assert "<main" not in content
    assert '<div hx-swap-oob="innerHTML:#how-many">' in content
    assert links(response)["北京"] == "北京"
    assert response["HX-Replace-Url"] == "/dictionary/?q=beij&list=1"
    assert "HX-Request" in response["Vary"]


def test_when_the_query_is_emptied_the_hints_come_back(client):
    response = client.get(reverse("dictionary"), {"q": ""}, headers={"hx-request": "true"})
    assert response["HX-Replace-Url"] == "/dictionary/"
    assert "Look for" in response.content.decode()


def test_more_words_come_page_by_page_none_twice(client):
    seen = []
    for page in (1, 2, 3):
        response = client.get(reverse("dictionary"), {"q": "学*", "list": "1", "page": page})
        seen += [forms[0][1] for forms, *_ in response.context["words"]]
    assert len(seen) == len(set(seen)) == 90
    assert response.context["next"] == "/dictionary/?q=%E5%AD%A6%2A&list=1&page=4"


def test_more_words_are_rows_for_the_list_that_is_there(client):
    response = client.get(reverse("dictionary"), {"q": "学*", "page": "2"}, headers={"hx-request": "true"})
    content = response.content.decode()
    assert content.strip().startswith("<li>")
    assert content.count("<li") == 31
    assert "<ul" not in content
    assert "HX-Replace-Url" not in response


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "1e9", "", "²"])
def test_a_page_that_is_none_is_the_first(client, page):
    response = client.get(reverse("dictionary"), {"q": "学*", "list": "1", "page": page})
    assert response.status_code == 200
    assert response.context["page"] == 1


def test_the_last_page_leads_no_further(client):
    response = client.get(reverse("dictionary"), {"q": "*的*", "list": "1", "page": "20"})
    assert response.context["page"] == 20
    assert response.context["next"] is None


def test_what_finds_nothing_is_led_to_what_is_close(client):
    response = client.get(reverse("dictionary"), {"q": "compter"})
    assert response.context["nearby"][0] == ("computer", "/dictionary/?q=computer&list=1")
    assert "Did you mean computer" in text(response)


def test_a_word_is_listed_in_the_reading_that_is_asked_for(client):
    response = client.get(reverse("dictionary"), {"q": "xue"})
    [pinyin] = [pinyin for forms, pinyin, _ in response.context["words"] if forms[0][1] == "削"]
    assert pinyin == [("xuē", 1)]
