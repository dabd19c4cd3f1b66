"""What the search in a deck's cards reads. Its columns are the database's own: no model needs their texts."""

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("decks", "0004_deck_reports"),
    ]

    operations = [
        BtreeGinExtension(),
        TrigramExtension(),
        migrations.RunSQL(
            r"""
            -- PostgreSQL takes neither for immutable, since of other types they may not be.
            CREATE FUNCTION card_tags(tags varchar[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
                ' ' || lower(array_to_string(tags, ' ')) || ' ';

            -- Pinyin as it is compared: without tones and what stands between syllables, then with its tones.
            CREATE FUNCTION card_spoken(pinyin text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
                SELECT replace(replace(translate(
                    toned,
                    'āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüêḿńňǹ',
                    'aaaaeeeeiiiioooouuuuvvvvvemnnn'
                ), 'nue', 'nve'), 'lue', 'lve') || ' ' || toned
                FROM (
                    SELECT lower(regexp_replace(normalize(pinyin), '[\s\u00a0''’·\-]', '', 'g')) AS toned
                ) AS compared
            $$;

            ALTER TABLE cards
                ADD COLUMN spoken text GENERATED ALWAYS AS (card_spoken(pinyin)) STORED,
                ADD COLUMN tagged text GENERATED ALWAYS AS (card_tags(tags)) STORED;

            -- No list of pending entries: a search after an import has to be as quick as any other.
            CREATE INDEX idx_cards_search ON cards USING gin (
                deck_id,
                string_to_array(hanzi || traditional, NULL),
                spoken gin_trgm_ops,
                lower(english) gin_trgm_ops,
                tagged gin_trgm_ops
            ) WITH (fastupdate = off);
            CREATE INDEX idx_cards_hanzi ON cards (deck_id, hanzi COLLATE "C", id);
            CREATE INDEX idx_cards_spoken ON cards (deck_id, spoken COLLATE "C", id);
            CREATE INDEX idx_cards_created_at ON cards (deck_id, created_at, id);
            """,
            """
            DROP INDEX idx_cards_created_at, idx_cards_spoken, idx_cards_hanzi, idx_cards_search;
            ALTER TABLE cards DROP COLUMN spoken, DROP COLUMN tagged;
            DROP FUNCTION card_spoken;
            DROP FUNCTION card_tags;
            """,
        ),
    ]
