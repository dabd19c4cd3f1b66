"""A word that has no entry, from the words it consists of."""

from collections.abc import Mapping

from decks.dictionary.cedict import Entry
from decks.dictionary.gist import gist
from decks.dictionary.segmentation import segment

# How a part is read here, where that is not its usual reading.
_READ = {"见过": "jian4 guo5", "系领带": "ji4 ling3 dai4", "老王": "lao3 Wang2", "小王": "xiao3 Wang2"}


def compose(word: str, words: Mapping[str, list[Entry]], costs: Mapping[str, float]) -> Entry:
    """Return an entry for a word without one; its sense is its parts'."""
    base = words.get(word.removesuffix("儿"), [])
    if base and word.endswith("儿"):
        return Entry(base[0].traditional + "兒", word, base[0].pinyin + " r5", (gist(base[0], words),))
    parts = [_part(words[part], _READ.get(word, "")) for part in segment(word, costs)]
    return Entry(
        traditional="".join(part.traditional for part in parts),
        simplified=word,
        pinyin=" ".join(part.pinyin for part in parts),
        senses=(" + ".join(gist(part, words).split("; ")[0] for part in parts),),
    )


def _part(entries: list[Entry], reading: str) -> Entry:
    """Return the entry of a part that occurs in a reading, else the usual one."""
    return next((entry for entry in entries if entry.pinyin in reading), entries[0])
