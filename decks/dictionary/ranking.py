"""Which reading of a word comes first.

CC-CEDICT sorts capitals first, so a file's first entry is often a surname or a variant. What puts the common reading
first, in this order: senses that say something themselves; lower case; the reading reviewed below; the neutral tone
in a word (东西 is rather "thing" than "east and west"); how often modern text reads each character so (Unihan's
kHanyuPinlu, 现代汉语频率词典); how many frequent words write the character so in traditional script; the senses.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import log10

from decks.dictionary.cedict import Entry
from decks.dictionary.gist import is_surname, is_uncommon, refers

# What a learner expects where the counts mislead: kHanyuPinlu counts a character inside words too (教育, 校长),
# and the colloquial word is not always the one with the neutral tone.
REVIEWED = frozenset(
    """
    下調 xia4 tiao2|為人 wei2 ren2|倒數 dao4 shu3|冷戰 leng3 zhan4|出來 chu1 lai2|同行 tong2 hang2|土地 tu3 di4
    女人 nu:3 ren2|好學 hao4 xue2|媳婦 xi2 fu4|溫和 wen1 he2|片子 pian1 zi5|空地 kong4 di4|精神 jing1 shen2
    老公 lao3 gong1|言語 yan2 yu3|跟前 gen1 qian2|過去 guo4 qu4|重重 chong2 chong2|卷子 juan4 zi5|複合 fu4 he2
    颱風 tai2 feng1|惡心 e3 xin1|開通 kai1 tong1|正當 zheng4 dang4|款式 kuan3 shi4|當天 dang4 tian1
    咳 ke2|鹹 xian2|醜 chou3|喂 wei4|夥 huo3|切 qie1|削 xiao1|嗆 qiang1|熏 xun1|熨 yun4|游 you2|髒 zang1|睏 kun4
    教 jiao1|彈 tan2|暈 yun1|曲 qu3|桿 gan3|拽 zhuai4|長 chang2|得 de5|地 de5|週 zhou1
    """.replace("\n", "|")
    .replace("    ", "")
    .strip("|")
    .split("|")
)


class Ranking:
    """The order of the readings of a word, by what the whole dictionary and Unihan say."""

    def __init__(
        self, entries: Iterable[Entry], spoken: Mapping[str, Mapping[str, int]], frequency: Mapping[str, float]
    ):
        self.spoken = spoken
        self.written: dict[tuple[str, str], float] = defaultdict(float)
        for entry in entries:
            weight = frequency.get(entry.simplified, 0) if len(entry.simplified) > 1 else 0
            if weight and len(entry.traditional) == len(entry.simplified):
                for pair in zip(entry.simplified, entry.traditional, strict=True):
                    self.written[pair] += weight

    def sorted(self, entries: list[Entry]) -> list[Entry]:
        """Return the entries of one simplified word, the best reading first."""
        return sorted(entries, key=self._key) if len(entries) > 1 else entries

    def _key(self, entry: Entry) -> tuple:
        return (
            demotion(entry),
            entry.pinyin[0].isupper(),
            f"{entry.traditional} {entry.pinyin}" not in REVIEWED,
            not (len(entry.simplified) > 1 and entry.pinyin.endswith("5")),
            -round(self._spoken(entry), 1),
            -round(self._written(entry), 1),
            -sum(not is_uncommon(sense) for sense in entry.senses),
        )

    def _spoken(self, entry: Entry) -> float:
        """Return the logarithm of how often the word's characters are read as in this entry."""
        syllables = entry.pinyin.lower().split()
        if len(syllables) != len(entry.simplified):
            return 0
        counts = zip(entry.simplified, syllables, strict=True)
        return sum(log10(1 + self.spoken.get(character, {}).get(read, 0)) for character, read in counts)

    def _written(self, entry: Entry) -> float:
        """Return the logarithm of how often frequent words write the characters so in traditional script."""
        if len(entry.traditional) != len(entry.simplified):
            return 0
        return sum(
            log10(1e-9 + self.written.get(pair, 0)) for pair in zip(entry.simplified, entry.traditional, strict=True)
        )


def demotion(entry: Entry) -> int:
    """Return 0 for an entry that says what the word means, 1 if it sends the reader elsewhere, 2 for a surname."""
    if all(map(is_surname, entry.senses)):
        return 2
    return int(all(refers(sense) or is_surname(sense) for sense in entry.senses))
