"""The reader over HTTP, as JSON: what the learner knows of a text, which is not kept."""

from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from study.reading import Analysis, read
from study.readings import LONGEST_TEXT, clean


class AnalyseSerializer(serializers.Serializer):
    """The text."""

    text = serializers.CharField(trim_whitespace=False)

    def validate_text(self, text):
        text = clean(text)
        if len(text) > LONGEST_TEXT:
            raise serializers.ValidationError(f"At most {LONGEST_TEXT:,} characters: these are {len(text):,}.")
        return text


class AnalyseView(APIView):
    def post(self, request):
        """Return the words of a text and what the learner knows of them."""
        wanted = AnalyseSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        return Response(analysis_data(Analysis(request.user, wanted.validated_data["text"])))


def analysis_data(analysis):
    """Return an analysis as JSON takes it."""
    return {
        "tokens": [token_data(analysis, token) for token in analysis.tokens],
        "running_words": analysis.running,
        "distinct_words": len(analysis.counts),
        "distinct_characters": analysis.characters,
        "known": analysis.share,
        "by_level": {level.name or "none": level_data(level) for level in analysis.levels},
        "goals": {str(goal.percent): goal.words for goal in analysis.goals},
        "unknown": [unknown_data(each, analysis.user.hsk_standard) for each in analysis.unknown],
    }


def token_data(analysis, token):
    """Return a piece of the text; what is no Chinese word has none."""
    return {"text": token.text, "word": token.word or None, "state": analysis.state(token.word)}


def level_data(level):
    """Return the figures of one level."""
    return {name: number for name, number in level._asdict().items() if name != "name"}


def unknown_data(unknown, standard):
    """Return a word that is not known, with null for what the dictionary doesn't have."""
    entry = unknown.entry
    reading = read(entry, unknown.text)
    return {
        "word": unknown.word,
        "traditional": reading and reading.traditional,
        "pinyin": reading and reading.pinyin,
        "english": reading and reading.english,
        "count": unknown.count,
        "rank": entry and entry.rank,
        "level": entry and entry.hsk[standard],
        "state": unknown.state,
    }
