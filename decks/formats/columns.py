"""Which column of a file holds what: by the names that programs write, else by what stands in it.

Names that are documented: Anki's (the fields Front and Back of its basic note type, and the lines at the head of its
text export); Pleco's "Simplified", "Traditional", "Pinyin" and "Definition", the words of its flashcard screens. Those
of Hack Chinese ("Word", "Simplified", "Traditional", "Pinyin", "Definition", "Part of speech", "HSK") are assumed from
the words of its pages, as its export is not described anywhere; so are all the others.
"""

import re
import unicodedata
from collections.abc import Sequence
from html.parser import HTMLParser

from decks.dictionary.pinyin import marks
from decks.formats.notes import TEXTS, Note

TARGETS = {
    "": "Leave out",
    "hanzi": "Hanzi",
    "traditional": "Traditional",
    "pinyin": "Pinyin",
    "english": "English",
    "sentence": "Example sentence",
    "sentence_pinyin": "Sentence: pinyin",
    "sentence_translation": "Sentence: translation",
    "notes": "Notes",
    "tags": "Tags",
    "hsk": "HSK (as a tag)",
}
_NAMES = {
    "hanzi": (
        "hanzi simplified simplifiedchinese simplifiedcharacters chinesesimplified simp word words chinese character "
        "characters headword term vocabulary vocab expression chineseword mandarin zh zhcn 汉字 漢字 "
        "简体 简体字 简体中文 中文 词 词语 詞語 单词 單詞 生词 生詞 词汇 汉语 "
        "字 字词"
    ),
    "traditional": "traditional traditionalchinese traditionalcharacters chinesetraditional trad zhtw zhhant "
    "繁体 繁體 繁体字 繁體字 繁体中文 繁體中文 正体 正體",
    "pinyin": "pinyin pronunciation reading romanization romanisation pinyintone pinyinmarks pinyinnumbers 拼音 "
    "汉语拼音 漢語拼音 读音 讀音 发音 發音",
    "english": "english definition definitions meaning meanings translation gloss glosses sense senses en "
    "englishdefinition englishmeaning 英文 英语 英語 释义 釋義 意思 翻译 翻譯 定义 定義 解释 解釋",
    "sentence": "sentence example examplesentence examples samplesentence sentencechinese 例句 句子 例子",
    "sentence_pinyin": "sentencepinyin examplepinyin examplesentencepinyin 例句拼音 句子拼音",
    "sentence_translation": "sentencetranslation sentenceenglish sentencemeaning exampletranslation examplemeaning "
    "exampleenglish examplesentencetranslation 例句翻译 例句翻譯 例句英文 句子翻译",
    "notes": "notes note comment comments remarks mnemonic usernotes 备注 備註 笔记 筆記 注释",
    "tags": "tags tag category categories list lists partofspeech pos wordtype 标签 標籤 分类 分類 词性 詞性",
    "hsk": "hsk hsklevel level 级别 等级 hsk等级 hsk级别",
    "": "id guid notetype audio sound image picture deck created modified 牌组",
}
KNOWN = {name: target for target, names in _NAMES.items() for name in names.split()}
AMBIGUOUS = {"front", "back", "question", "answer", "正面", "背面"}
_HAN = r"[\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_HAS_HAN = re.compile(_HAN)
_PINYIN = re.compile(r"[a-züêāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜḿńňǹ:'’\s,·/\-.…0-5\u0300-\u030c]+", re.IGNORECASE)
_TONED = re.compile(r"[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ\u0300\u0301\u0304\u030c]|[a-zü:][1-5]", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:[a-zêü]|u:)[0-5]", re.IGNORECASE)
_ENDLESS = re.compile(r"[^\W\d_]{40}")  # no syllables
_BOTH = re.compile(r"(?P<first>[^\[\]【】()|]+)(?:[\[【(](?P<bracket>[^\[\]【】()]+)[\]】)]|\|(?P<bar>[^|]+))")
_TAG = re.compile(r"</?[a-z][a-z0-9]*(\s[^<>]*|/)?>|&(#\d+|#x[0-9a-f]+|[a-z]+\d?);", re.IGNORECASE)
_SOUND = re.compile(r"\[(sound|anki):[^\[\]]*\]")
_LONGEST_HTML = 30_000  # characters; what is longer would be too long without its tags, too
_BREAKS = {"br", "div", "p", "li", "tr", "ul", "ol", "h1", "h2", "h3", "blockquote"}
_LONG = 8  # characters: a column of longer texts in hanzi holds sentences


def target_of(name: str) -> str | None:
    """Return what a column of this name holds: a target, "" for nothing that a card takes, None if that isn't known."""
    return KNOWN.get(_folded(name))


def _folded(name: str) -> str:
    name = unicodedata.normalize("NFKC", name).strip().lower()
    return re.sub(r"[\s_\-.()/:*]+", "", name)


def is_header(fields: Sequence[str]) -> bool:
    """Return whether a first record names columns: at least half of what is in it are names that we know, or three."""
    written = [field for field in fields if field.strip()]
    known = sum(_folded(each) in KNOWN or _folded(each) in AMBIGUOUS for each in written)
    return bool(written) and (2 * known >= len(written) or known >= 3)


def by_names(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return each column's target by its name; where the name could mean either language, by what stands in it."""
    found: list[str] = []
    guessed = by_content(rows, len(names))
    for name, guess in zip(names, guessed, strict=True):
        target = target_of(name)
        if target is None:
            target = guess if _folded(name) in AMBIGUOUS else ""
        # A second column of the same kind would only get in the way of the first.
        found.append("" if target in found and target not in ("tags", "notes") else target)
    return found if {"hanzi", "traditional", "english"} & set(found) else guessed


def by_content(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return each column's target by what stands in it."""
    found: list[str] = []
    for column in range(width):
        texts = [row[column].strip() for row in rows if column < len(row) and row[column].strip()]
        target = _kind(texts) if texts else ""
        if target == "hanzi" and "hanzi" in found:
            target = "traditional" if _as_long(rows, found.index("hanzi"), column) else "sentence"
        found.append("" if target in found else target)
    if "hanzi" not in found and "pinyin" in found:  # words with accents, in whatever language
        first = min(found.index(target) for target in ("pinyin", "english") if target in found)
        found = ["english" if at == first else "" for at in range(width)]
    return found


def _kind(texts: list[str]) -> str:
    half = len(texts) / 2
    texts = [as_text(text) for text in texts]
    if sum(_is_hanzi(text) for text in texts) > half:
        return "sentence" if sum(map(len, texts)) / len(texts) > _LONG else "hanzi"
    if sum(bool(_PINYIN.fullmatch(text) and _TONED.search(text)) for text in texts) > half:
        return "pinyin"
    return "english"


def _is_hanzi(text: str) -> bool:
    letters = [letter for letter in text if letter.isalnum()]
    return bool(letters) and 2 * len(_HAS_HAN.findall(text)) > len(letters)


def _as_long(rows: Sequence[Sequence[str]], first: int, second: int) -> bool:
    pairs = [(row[first].strip(), row[second].strip()) for row in rows if max(first, second) < len(row)]
    return all(len(one) == len(other) for one, other in pairs if one and other)


def note_of(fields: Sequence[str], columns: Sequence[str], html: bool = False) -> Note:
    """Return the note of a record, whose columns have these targets; html says that all of its texts are HTML."""
    found: dict[str, list[str]] = {}
    for field, target in zip(fields, columns, strict=False):
        text = as_text(field, html).strip() if field and target else ""
        if text:
            found.setdefault(target, []).append(text)
    texts = {name: "\n".join(found.get(name, ())) for name in TEXTS}
    texts |= both_scripts(texts["hanzi"], texts["traditional"])
    texts["pinyin"] = with_marks(texts["pinyin"])
    texts["sentence_pinyin"] = with_marks(texts["sentence_pinyin"])
    return Note(**texts, tags=_tags(found)).cleaned()


def _tags(found: dict[str, list[str]]) -> tuple[str, ...]:
    tags = [tag for text in found.get("tags", ()) for tag in re.split(r"[\s,;，；、]+", text)]
    levels = [re.sub(r"^(hsk)?\s*(?=\d)", "HSK_", level, flags=re.IGNORECASE) for level in found.get("hsk", ())]
    return tuple(dict.fromkeys(filter(None, [*tags, *levels])))


def both_scripts(hanzi: str, traditional: str) -> dict[str, str]:
    """Return the two scripts of a word that may hold both: 学生[學生], as Pleco writes it, or 學生|学生."""
    match = _BOTH.fullmatch(hanzi)
    if match and match["bar"] and _is_hanzi(match["bar"]):
        return {"hanzi": match["bar"].strip(), "traditional": traditional or match["first"].strip()}
    if match and match["bracket"] and _is_hanzi(match["bracket"]):
        return {"hanzi": match["first"].strip(), "traditional": traditional or match["bracket"].strip()}
    return {"hanzi": hanzi or traditional, "traditional": traditional}


def with_marks(pinyin: str) -> str:
    """Return pinyin with marks; what is no pinyin with numbers stays as it is."""
    if not (_NUMBERED.search(pinyin) and _PINYIN.fullmatch(pinyin)) or _ENDLESS.search(pinyin):
        return pinyin
    spaced = re.sub(r"(?<=[0-5])['’\-]?(?=[a-zü])", " ", pinyin.replace("//", ""), flags=re.IGNORECASE)
    return marks(re.sub(r"(?<=[a-zêü:])0", "5", spaced, flags=re.IGNORECASE))


def as_text(field: str, html: bool = False) -> str:
    """Return a field without HTML, if it holds any, and without the sounds that Anki names in it."""
    if "[" in field:
        field = _SOUND.sub("", field)
    if len(field) <= _LONGEST_HTML and ("<" in field or "&" in field) and (html or _TAG.search(field)):
        parser = _Text()
        parser.feed(field)
        parser.close()
        lines = "".join(parser.found).replace("\u00a0", " ").split("\n")
        return "\n".join(filter(None, map(str.strip, lines)))
    return field


class _Text(HTMLParser):
    """What is to be read of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.unseen += tag in ("script", "style")
        if tag in _BREAKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.unseen = max(0, self.unseen - (tag in ("script", "style")))
        if tag in _BREAKS and tag != "br":
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.found.append(data)
