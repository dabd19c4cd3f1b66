import pytest

from decks.dictionary.pinyin import toned
from decks.dictionary.tone_change import spoken_tones

# A word, its pinyin in the dictionary, and the tones that are spoken.
WORDS = """
一个 yīgè 24 | 一个 yīge 25 | 一個 yīge 25 | 一样 yīyàng 24 | 一共 yīgòng 24 | 一定 yīdìng 24 | 一下 yīxià 24 |
一会儿 yīhuìr 245 | 一辈子 yībèizi 245 | 一万 yīwàn 24 | 一落千丈 yīluòqiānzhàng 2414 |
一般 yībān 41 | 一些 yīxiē 41 | 一直 yīzhí 42 | 一时 yīshí 42 | 一起 yīqǐ 43 | 一点儿 yīdiǎnr 435 | 一百 yībǎi 43 |
一心一意 yīxīnyīyì 4124 | 千篇一律 qiānpiānyīlǜ 1124 | 一天一天 yītiānyītiān 4141 | 一步一步 yībùyībù 2424 |
一 yī 1 | 第一 dìyī 41 | 第一次 dìyīcì 414 |
星期一 xīngqīyī 111 | 万一 wànyī 41 | 统一 tǒngyī 31 | 统一性 tǒngyīxìng 314 |
唯一 wéiyī 21 | 一月 yīyuè 14 | 十一 shíyī 21 | 十一月 shíyīyuè 214 | 一二 yīèr 14 | 一一 yīyī 11 | 一九 yījiǔ 13 |
一把手 yībǎshǒu 123 | 一流 yīliú 12 | 独一无二 dúyīwú'èr 2124 |
看一看 kànyīkàn 454 | 走一走 zǒuyīzǒu 353 | 想一想 xiǎngyīxiǎng 353 | 等一等 děngyīděng 353 |
不是 bùshì 24 | 不是 bùshi 25 | 不但 bùdàn 24 | 不客气 bùkèqi 245 | 不见不散 bùjiànbùsàn 2424 |
不 bù 4 | 不好 bùhǎo 43 | 不同 bùtóng 42 | 不安 bù'ān 41 | 要不 yàobù 44 | 不一样 bùyīyàng 424 |
好不好 hǎobùhǎo 353 | 是不是 shìbushì 454 | 对不起 duìbuqǐ 453 | 差不多 chàbuduō 451 |
你好 nǐhǎo 23 | 水果 shuǐguǒ 23 | 可以 kěyǐ 23 | 老板 lǎobǎn 23 | 老師 lǎoshī 31 | 洗手间 xǐshǒujiān 231 |
所有 suǒyǒu 23 |
展览馆 zhǎnlǎnguǎn 223 | 管理者 guǎnlǐzhě 223 | 哪儿好 nǎrhǎo 253 |
哪里 nǎli 35 | 姐姐 jiějie 35 | 椅子 yǐzi 35 |
学生 xuésheng 25 | 水 shuǐ 3
"""


def syllables(pinyin):
    return [(text, tone) for text, tone in toned(pinyin) if tone]


def read(words):
    rows = [row.split() for row in words.replace("\n", " ").split("|")]
    return [(hanzi, pinyin, [int(tone) for tone in tones]) for hanzi, pinyin, tones in rows]


@pytest.mark.parametrize(("hanzi", "pinyin", "tones"), read(WORDS))
def test_a_word_has_the_tones_that_are_spoken(hanzi, pinyin, tones):
    assert spoken_tones(syllables(pinyin), hanzi) == tones


def test_syllables_that_are_not_those_of_the_characters_keep_their_tones():
    assert spoken_tones(syllables("nǐhǎo"), "你") == [3, 3]
    assert spoken_tones(syllables("yī"), "一个") == [1]


def test_no_word_has_no_tones():
    assert spoken_tones([], "") == []
