"""How a typed answer is shown, syllable by syllable; static/js/words.js does the same."""

from django import template

from decks.dictionary.pinyin import marks
from study.choices import Exercise

register = template.Library()

SAID = {
    "right": "right",
    "tone_missing": "tone missing",
    "wrong_tone": "wrong tone",
    "wrong_syllable": "wrong syllable",
    "wrong": "wrong",
    "missing": "missing",
    "extra": "too much",
}
AGAIN = {
    "tones_missing": "The letters are right. Which tones? Add them, or check again to see the answer.",
    "other_reading": "That is another reading of this word. Try the one that is asked here, or check again.",
    "empty": "Type what you know, or show the answer.",
}


@register.simple_tag
def verdict_of(syllable, exercise):
    """Return what is shown of a syllable or a character: what was expected, what is said of it, and what was typed."""
    pinyin = exercise == Exercise.PINYIN
    expected, typed = syllable.expected, syllable.typed
    if pinyin:
        expected, typed = spelt(expected, syllable.tone), spelt(typed, syllable.typed_tone)
    extra = syllable.verdict == "extra"
    return {
        "lang": "zh-Latn-pinyin" if pinyin else "zh",
        "shown": typed if extra else expected,
        "said": SAID[syllable.verdict],
        "typed": "" if extra or syllable.verdict == "right" else typed,
    }


def spelt(letters, tone):
    """Return a syllable with its tone's mark; of zhuyin that is no syllable, the symbols as they are."""
    return marks(f"{letters}{tone or 5}") if "" < letters < "ㄅ" else letters


@register.filter
def to_look_again(outcome):
    """Return what is said of an answer that may be looked at again."""
    return AGAIN[outcome]
