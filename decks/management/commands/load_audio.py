import contextlib
import errno
import fcntl
import hashlib
import os
import re
import stat
import unicodedata
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from decks.audio import INDEX, NAME, TYPES, Pack, syllable_key
from decks.dictionary import DictionaryMissing, open_dictionary

LARGEST = 2 * 2**20
LONGEST_CREDIT = 2000
SHOWN = 20  # reasons that are shown without -v 2
LAYOUT = """A pack is a folder of folders:
  syllabs/ma1.mp3   a syllable with its tone; 5 is the neutral one, ü is v: syllabs/lv4.mp3
  words/学生.mp3     a word in simplified characters
  credits.txt       whose work it is, under which licence"""


class Skipped(Exception):
    """A file that is not taken, and why."""


class Command(BaseCommand):
    help = "Load a pack of recordings of words and syllables, in place of the one before (see docs/audio.md)."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR", type=Path, nargs="?", help="the pack")
        parser.add_argument("--dry-run", action="store_true", help="read and report, and change nothing")
        parser.add_argument("--remove", action="store_true", help="remove the pack that is loaded")

    def handle(self, *, folder, dry_run, remove, verbosity, **options):
        if bool(folder) == remove:
            raise CommandError(f"Name the folder of a pack, or say --remove.\n{LAYOUT}")
        try:
            if remove:
                self.remove(settings.AUDIO_PATH, dry_run)
            else:
                self.load(folder, settings.AUDIO_PATH, dry_run, verbosity)
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename}") from error

    def remove(self, target, dry_run):
        if not (target / INDEX).exists():
            self.stdout.write("No pack is loaded.")
            return
        if not dry_run:
            with _locked(target):
                (target / INDEX).unlink()
                _delete_all_but(set(), target)
        self.stdout.write("A dry run: the pack is still there." if dry_run else "The pack is removed.")

    def load(self, folder, target, dry_run, verbosity):
        with contextlib.nullcontext() if dry_run else _locked(target):
            loading = Loading(folder, None if dry_run else target)
            pack = loading.pack()
            changed = not dry_run and _switch(pack, target)
        self.report(pack, loading, verbosity)
        if dry_run:
            self.stdout.write("A dry run: nothing was changed.")
        else:
            self.stdout.write(f"Loaded into {target}." if changed else f"{target} holds just this already.")

    def report(self, pack, loading, verbosity):
        names = pack.names()
        size = filesizeformat(sum(loading.sizes[name] for name in names)).replace("\xa0", " ")
        held = f"{_number(pack.syllables, 'syllable')} and {_number(pack.words, 'word')}"
        self.stdout.write(f"{held} in {_number(names, 'file')}, {size}.")
        if loading.skipped:
            self.stdout.write(f"Skipped {_number(loading.skipped, 'file')}:")
            shown = loading.skipped if verbosity > 1 else loading.skipped[:SHOWN]
            for name, reason in shown:
                self.stdout.write(f"  {_printable(name)}: {reason}")
            if len(shown) < len(loading.skipped):
                self.stdout.write(f"  and {len(loading.skipped) - len(shown):,} more; -v 2 names them all")
        if not pack.credit:
            self.stdout.write("There is no credits.txt: the credits page will not say whose work this is.")
        self.stdout.write(_coverage(pack))


class Loading:
    """Reads a pack, a file at a time, and keeps each recording in the target under the hash of its content."""

    def __init__(self, folder, target):
        self.folder = folder
        self.target = target  # None: nothing is kept
        self.sizes = {}
        self.skipped = []

    def pack(self):
        """Return the pack; raise CommandError if the folder is none."""
        if not self.folder.is_dir():
            raise CommandError(f"{self.folder} is no folder.\n{LAYOUT}")
        syllables = self._recordings("syllabs", _syllable)
        # The collection audio-cmn calls its folder of words hsk.
        words = self._recordings("hsk", _word) | self._recordings("words", _word)
        self._leave_out_copies(syllables)
        if not words and not syllables:
            skipped = "".join(f"  {_printable(name)}: {reason}\n" for name, reason in self.skipped[:SHOWN])
            raise CommandError(f"{self.folder} has no recording; what is loaded stays as it was.\n{skipped}{LAYOUT}")
        return Pack(words=words, syllables=syllables, credit=self._credit())

    def _recordings(self, kind, key_of):
        """Return the names of a folder's recordings by what they say; mp3 first, where there are several."""
        folder = self.folder / kind
        if folder.is_symlink():
            self.skipped.append((kind, "a symbolic link"))
            return {}
        found = {}
        for path in sorted(folder.iterdir(), key=_order) if folder.is_dir() else []:
            try:
                key = _key(path, key_of)
                if key in found:
                    raise Skipped("another file says the same")
                found[key] = self._keep(path)
            except Skipped as skipped:
                self.skipped.append((f"{kind}/{path.name}", str(skipped)))
        return found

    def _keep(self, path):
        """Return the name under which a recording is kept."""
        data = _read(path)
        kind = _extension(path)
        if not SIGNATURES[kind](data):
            raise Skipped(f"its content is no {kind}")
        name = f"{hashlib.sha256(data).hexdigest()[:32]}.{kind}"
        self.sizes[name] = len(data)
        if self.target:
            kept = self.target / name
            # A file of another size is left from a crash.
            if not kept.exists() or kept.stat().st_size != len(data):
                _write(kept, data)
        return name

    def _leave_out_copies(self, syllables):
        """Leave out neutral syllables that are the first tone once more, as audio-cmn had them."""
        for key in [key for key in syllables if key.endswith("5")]:
            if syllables[key] == syllables.get(f"{key[:-1]}1"):
                del syllables[key]
                self.skipped.append((f"syllabs/{key}", "not neutral: the same recording as of the first tone"))

    def _credit(self):
        path = self.folder / "credits.txt"
        if not path.exists() and not path.is_symlink():
            return ""
        try:
            return _read(path).decode()[:LONGEST_CREDIT].strip()
        except (Skipped, UnicodeDecodeError) as error:
            reason = str(error) if isinstance(error, Skipped) else "not UTF-8"
            self.skipped.append((path.name, reason))
            return ""


def _key(path, key_of):
    """Return what a file says by its name."""
    if _extension(path) not in TYPES:
        raise Skipped("no kind of recording that we know")
    # macOS writes ü as u and two dots; audio-cmn puts cmn- before each name.
    return key_of(unicodedata.normalize("NFC", path.stem).removeprefix("cmn-"))


def _syllable(name):
    # audio-cmn marks rare syllables so: _hm1.
    if key := syllable_key(name.removeprefix("_")):
        return key
    raise Skipped("its name is no syllable with a tone from 1 to 5")


def _word(name):
    if len(name) <= 100 and name.isalnum() and re.search(r"[\u3007\u3400-\u9fff\U00020000-\U0003ffff]", name):
        return name
    raise Skipped("its name is no Chinese word")


def _extension(path):
    return path.suffix.lower().removeprefix(".")


def _order(path):
    kinds = list(TYPES)
    return (kinds.index(_extension(path)) if _extension(path) in kinds else len(kinds)), path.name


def _read(path):
    """Return the bytes of a plain file, never those that a link leads to."""
    try:
        with open(path, "rb", opener=_open_itself) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Skipped("no plain file")
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Skipped("a symbolic link" if error.errno == errno.ELOOP else error.strerror) from error
    if not data:
        raise Skipped("empty")
    if len(data) > LARGEST:
        raise Skipped("larger than 2 MiB")
    return data


def _open_itself(path, flags):
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _is_mp3(data):
    """Tell whether there is a frame of MPEG layer III, behind the tags."""
    if data[:3] == b"ID3" and len(data) > 10:
        sizes = data[6:10]
        data = data[10 + sum((byte & 0x7F) << shift for byte, shift in zip(sizes, (21, 14, 7, 0), strict=True)) :]
        data = data.lstrip(b"\0")
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE6 != 0xE2:
        return False
    version, bitrate, rate = data[1] >> 3 & 3, data[2] >> 4, data[2] >> 2 & 3
    return version != 1 and bitrate != 15 and rate != 3


SIGNATURES = {
    "mp3": _is_mp3,
    "m4a": lambda data: data[4:8] == b"ftyp",
    "ogg": lambda data: data[:4] == b"OggS",
    "opus": lambda data: data[:4] == b"OggS" and b"OpusHead" in data[:64],
    "webm": lambda data: data[:4] == b"\x1aE\xdf\xa3" and b"webm" in data[:64],
}


@contextlib.contextmanager
def _locked(target):
    """Keep a second load out: it would delete what this one has not yet named in its index."""
    target.mkdir(parents=True, exist_ok=True)
    with (target / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError("Another load_audio is running.") from error
        yield


def _switch(pack, target):
    """Make this the pack that is served; return whether it is another one than before."""
    index = pack.index()
    path = target / INDEX
    changed = not path.exists() or path.read_bytes() != index
    if changed:
        _write(path, index)
    _delete_all_but(pack.names(), target)
    return changed


def _write(path, data):
    """Write a file so that whoever opens it finds all of it."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


def _delete_all_but(names, target):
    for path in target.iterdir():
        ours = re.fullmatch(rf"{NAME}|(?:{NAME}|{re.escape(INDEX)})\.part", path.name)
        if ours and path.name not in names:
            path.unlink()


def _number(things, noun):
    return f"{len(things):,} {noun}{'' if len(things) == 1 else 's'}"


def _printable(name):
    """Return a name as a terminal may show it: without control characters and bytes that are no UTF-8."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in name)


def _coverage(pack):
    try:
        words = open_dictionary(settings.DICTIONARY_PATH).hsk_words("2025", "1")
    except DictionaryMissing:
        return "How many words of HSK 1 can be heard isn't known: run `manage.py build_dictionary`."
    heard = sum(bool(pack.recording(word.simplified, word.readings[0].pinyin_numbers)) for word in words)
    return f"{heard} of the {len(words)} words of HSK 1 can be heard."
