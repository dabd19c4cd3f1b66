"""The card on the settings page that shows what a choice looks like before it is saved."""

from itertools import product

from accounts.models import HskStandard, Phonetic, Script, User
from decks.models import Card
from study.face import Face

# The scripts differ, three tones are in it, one of them changes in speech, and each standard gives another level.
SAMPLE = Card(
    hanzi="一会儿",
    traditional="一會兒",
    pinyin="yīhuìr",
    english="a while; in a moment",
    sentence="我一会儿回来。",
    sentence_translation="I'll be back in a while.",
)


def preview():
    """Return the sample's pieces in each way they may be shown, with the settings that show them so."""
    return {
        "sample": SAMPLE,
        "words": [(script, spoken, _face(script=script, tone_change=spoken)) for script, spoken in _each(Script)],
        "said": [
            (phonetic, spoken, _face(phonetic=phonetic, tone_change=spoken)) for phonetic, spoken in _each(Phonetic)
        ],
        "levels": [(standard, _face(hsk_standard=standard).hsk_level) for standard in HskStandard],
    }


def _each(choices):
    return product(choices, (False, True))


def _face(**settings):
    # With every tone told: whether and in which colour they are shown is up to the page's styles.
    return Face(SAMPLE, User(tone_colours_on="both", both_scripts=True, **settings))
