"""The language of searches: what is read, what is refused and where, whatever is written."""

import ast
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study import search
from study.search import Added, All, Asked, Either, Is, Not, Property, QueryError, Rated, Text, parse, quoted


def text(*pieces, field=""):
    return Text(field, pieces)


READ = [
    ("", None),
    ("  \t\u3000 ", None),
    ("学", text("学")),
    ("学 生", All((text("学"), text("生")))),
    ("学 and 生", All((text("学"), text("生")))),
    ("a or b", Either((text("a"), text("b")))),
    ("a OR b c", Either((text("a"), All((text("b"), text("c")))))),
    ("(a or b) c", All((Either((text("a"), text("b"))), text("c")))),
    ("-a", Not(text("a"))),
    ("--a", Not(Not(text("a")))),
    ("-(a or b)", Not(Either((text("a"), text("b"))))),
    ("-is:suspended", Not(Is("suspended"))),
    ("a-b", text("a-b")),
    ("a - b", All((text("a"), text("-"), text("b")))),
    ('"a b"', text("a b")),
    ('"or"', text("or")),
    ('"tag:food"', text("tag:food")),
    (r"\(", text("(")),
    (r"a\:b", text("a:b")),
    (r"a\*b", text("a*b")),
    (r"a\\b", text("a\\b")),
    ("a\\", text("a\\")),
    ("学*", text("学", "")),
    ("a*b", text("a", "b")),
    ("tag:food", text("food", field="tag")),
    ("TAG:food", text("food", field="tag")),
    ("tag:*", text("", "", field="tag")),
    ("tag:food::fruit", text("food::fruit", field="tag")),
    ('deck:"HSK 1"', text("HSK 1", field="deck")),
    ("hanzi:学", text("学", field="hanzi")),
    ("note:a", text("a", field="note")),
    ("is:due", Is("due")),
    ("is:learning", Is("learn")),
    ("is:NEW", Is("new")),
    ("prop:ivl>=21", Property("ivl", ">=", 21.0)),
    ("prop:due<=-1", Property("due", "<=", -1.0)),
    ("prop:stability<0.5", Property("stability", "<", 0.5)),
    ("prop:reps!=3", Property("reps", "!=", 3.0)),
    ("added:7", Added(7)),
    ("rated:1", Rated(1)),
    ("rated:7:1", Rated(7, 1)),
    ("dir:listening", Asked("listening")),
    ("dir:chinese", Asked("chinese_to_english")),
    ("dir:english_to_chinese", Asked("english_to_chinese")),
    (
        "tag:food is:due prop:ivl>=21 -is:suspended 学",
        All((text("food", field="tag"), Is("due"), Property("ivl", ">=", 21.0), Not(Is("suspended")), text("学"))),
    ),
    ("xue\u0301", text("xué")),
]

REFUSED = [
    ("a or", 4, "Something is missing at the end."),
    ("or a", 0, "Something is missing before “or”."),
    ("a and", 5, "Something is missing at the end."),
    ("a or or b", 5, "Something is missing before “or”."),
    ("(a", 0, "There is no “)” to this “(”."),
    ("a)", 1, "There is no “(” to this “)”."),
    ("()", 1, "Something is missing before “)”."),
    ("-)", 1, "Something is missing before “)”."),
    ('a "b c', 2, "There is no second quote to the first one."),
    ("a colour:b", 2, "There is no field “colour:”; there are hanzi:, "),
    ("12:30", 0, "There is no field “12:”; "),
    ("is:odd", 0, "There is no “is:odd”; there are is:new, is:learn, "),
    ("dir:up", 0, "There is no “dir:up”; there are dir:"),
    ("a prop:ivl", 2, "“prop:ivl” is to be like prop:ivl>=21"),
    ("prop:ease>2", 0, "“prop:ease>2” is to be like prop:ivl>=21"),
    ("prop:ivl>x", 0, "“prop:ivl>x” is to be like prop:ivl>=21"),
    ("prop:due=1.5", 0, "“prop:due=1.5” is to say whole days"),
    ("prop:due=40000", 0, "“prop:due=40000” is to say whole days"),
    ("added:0", 0, "“added:0” is to say how many days"),
    ("added:99999", 0, "“added:99999” is to say how many days"),
    ("added:٧", 0, "“added:٧” is to say how many days"),
    ("rated:1:5", 0, "“rated:1:5” is to be like rated:7"),
    ("rated:0", 0, "“rated:0” is to say how many days"),
    ("tag:", 0, "Say what to look for in “tag:”."),
    ("*", 0, "Say what to look for in “*”."),
    ('""', 0, 'Say what to look for in “""”.'),
    ("a\x00", 1, "There is a character that can't be searched for."),
    ("a\ud800", 1, "There is a character that can't be searched for."),
    ("a" * 501, 500, "A search has at most 500 characters: this one has 501."),
    ("(" * 13 + "a" + ")" * 13, 12, "Parentheses and “-” go 12 deep at most."),
    ("-" * 13 + "a", 12, "Parentheses and “-” go 12 deep at most."),
    ("a " * 41, 80, "A search has at most 40 conditions."),
]


@pytest.mark.parametrize(("query", "tree"), READ)
def test_a_query_is_read(query, tree):
    assert parse(query) == tree


@pytest.mark.parametrize(("query", "at", "message"), REFUSED)
def test_a_query_that_cannot_be_read_says_where_and_why(query, at, message):
    with pytest.raises(QueryError) as error:
        parse(query)
    assert error.value.at == at
    assert str(error.value).startswith(message)


WRAPPED = st.recursive(
    st.just("is:due"), lambda inner: inner.map("({})".format) | inner.map("-{}".format), max_leaves=9
)
SIGNS = st.sampled_from(
    [
        "(",
        ")",
        "-",
        '"',
        "*",
        "\\",
        ":",
        " ",
        "or",
        "and",
        "is:",
        "prop:",
        "tag:",
        "ivl>=21",
        "due",
        "7",
        "%",
        "_",
        "学",
        "ǘ",
    ]
)


@given(st.one_of(st.text(), st.lists(SIGNS, max_size=60).map("".join)))
def test_whatever_is_written_is_read_or_refused_at_a_place_in_it(query):
    with suppress(QueryError):
        parse(query)
        return
    with pytest.raises(QueryError) as error:
        parse(query)
    assert 0 <= error.value.at <= len(query)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=100))
def test_a_quoted_text_is_read_as_itself(written):
    assert parse(f"tag:{quoted(written)}") == text(unicodedata.normalize("NFC", written), field="tag")


@given(
    st.recursive(
        st.just("is:due"), lambda inner: st.one_of(inner.map("({})".format), inner.map("-{}".format)), max_leaves=9
    )
)
def test_parentheses_and_contraries_are_read_as_deep_as_they_are(query):
    depth = query.count("(") + query.count("-")
    if depth > search.DEEPEST:
        with pytest.raises(QueryError):
            parse(query)
    else:
        tree = parse(query)
        for _ in range(query.count("-")):
            tree = tree.node
        assert tree == Is("due")


def test_the_parser_knows_neither_django_nor_tables():
    with open(search.__file__) as file:
        tree = ast.parse(file.read())
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"re", "unicodedata", "dataclasses"}
