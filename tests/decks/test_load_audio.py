import json
import os
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from decks import audio
from decks.management.commands.load_audio import _locked
from tests.decks.sounds import M4A, OGG, OPUS, WEBM, make_pack, mp3

NO_CREDIT = "There is no credits.txt: the credits page will not say whose work this is."


@pytest.fixture
def target(settings, tmp_path):
    settings.AUDIO_PATH = tmp_path / "audio"
    return settings.AUDIO_PATH


@pytest.fixture
def folder(tmp_path):
    return make_pack(
        tmp_path / "pack",
        syllabs={"ma1.mp3": mp3(tag=b"ma1"), "lv4.mp3": mp3(tag=b"lv4"), "zhang3.mp3": mp3(tag=b"zhang3")},
        words={"学生.mp3": mp3(tag=b"xuesheng"), "长.mp3": mp3(tag=b"chang")},
    )


def load(*arguments, **options):
    """Return the lines that the command prints."""
    out = StringIO()
    call_command("load_audio", *map(str, arguments), stdout=out, **options)
    return out.getvalue().splitlines()


def kept(target):
    """Return the files of the loaded pack, with when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in target.iterdir() if path.name != ".lock"}


def index(target):
    return json.loads((target / "index.json").read_text())


def skipped(lines):
    """Return why each file was left out that the command names."""
    return dict(line[2:].split(": ", 1) for line in lines if line.startswith("  ") and ": " in line)


def test_a_pack_is_kept_by_content_and_told_in_numbers(folder, target):
    (folder / "credits.txt").write_text("Read by Li, CC BY-SA 4.0.\n")
    assert load(folder) == [
        "3 syllables and 2 words in 5 files, 5.2 KB.",
        "1 of the 300 words of HSK 1 can be heard.",
        f"Loaded into {target}.",
    ]
    loaded = index(target)
    assert list(loaded["syllables"]) == ["lü4", "ma1", "zhang3"]
    assert list(loaded["words"]) == ["学生", "长"]
    assert loaded["credit"] == "Read by Li, CC BY-SA 4.0."
    name = loaded["words"]["学生"]
    assert re.fullmatch(r"[0-9a-f]{32}\.mp3", name)
    assert (target / name).read_bytes() == mp3(tag=b"xuesheng")
    assert kept(target).keys() == {"index.json", *loaded["words"].values(), *loaded["syllables"].values()}


def test_the_same_pack_again_changes_nothing(folder, target):
    load(folder)
    before = kept(target)
    assert load(folder)[-1] == f"{target} holds just this already."
    assert kept(target) == before


def test_another_pack_takes_the_place_of_the_one_before(folder, target):
    load(folder)
    old = index(target)
    (folder / "words/学生.mp3").write_bytes(mp3(tag=b"better"))
    (folder / "syllabs/ma1.mp3").unlink()
    (target / f"{'0' * 32}.mp3.part").write_bytes(b"left from a crash")
    (target / "notes.txt").write_text("not ours")
    load(folder)
    new = index(target)
    assert list(new["syllables"]) == ["lü4", "zhang3"]
    assert new["words"]["学生"] != old["words"]["学生"]
    assert kept(target).keys() == {
        *("index.json", "notes.txt"),
        *new["words"].values(),
        *new["syllables"].values(),
    }


def test_a_recording_cut_short_by_a_crash_is_mended(folder, target):
    load(folder)
    name = index(target)["words"]["学生"]
    (target / name).write_bytes(b"")
    load(folder)
    assert (target / name).read_bytes() == mp3(tag=b"xuesheng")


def test_a_dry_run_reports_and_writes_nothing(folder, target):
    assert load(folder, "--dry-run") == [
        "3 syllables and 2 words in 5 files, 5.2 KB.",
        NO_CREDIT,
        "1 of the 300 words of HSK 1 can be heard.",
        "A dry run: nothing was changed.",
    ]
    assert not target.exists()


def test_every_spelling_of_a_syllable_is_understood(tmp_path, target):
    names = {
        "lv3": "lü3",
        "lu:4": "lü4",
        "lü2": "lü2",
        "lu\u0308e4": "lüe4",
        "nve4": "nüe4",
        "nue3": "nüe3",
        "jv1": "ju1",
        "yü2": "yu2",
        "MA5": "ma5",
        "cmn-er2": "er2",
        "cmn-_hm1": "hm1",
        "ê1": "ê1",
    }
    files = {f"{name}.mp3": mp3(tag=name.encode()) for name in names}
    lines = load(make_pack(tmp_path / "pack", syllabs=files))
    assert lines[0].startswith("12 syllables and 0 words in 12 files")
    assert set(index(target)["syllables"]) == set(names.values())


def test_a_folder_of_audio_cmn_is_a_pack_as_it_is(tmp_path, target):
    files = {"cmn-学生.mp3": mp3(tag=b"1"), "cmn-一_也_.mp3": mp3(tag=b"2")}
    lines = load(make_pack(tmp_path / "pack", hsk=files, words={"学生.mp3": mp3(tag=b"own")}))
    assert skipped(lines) == {"hsk/cmn-一_也_.mp3": "its name is no Chinese word"}
    assert (target / index(target)["words"]["学生"]).read_bytes() == mp3(tag=b"own")


def test_a_neutral_syllable_that_is_the_first_tone_once_more_is_left_out(tmp_path, target):
    files = {"ma1.mp3": mp3(), "ma5.mp3": mp3(), "de5.mp3": mp3(tag=b"de")}
    lines = load(make_pack(tmp_path / "pack", syllabs=files))
    assert skipped(lines) == {"syllabs/ma5": "not neutral: the same recording as of the first tone"}
    assert list(index(target)["syllables"]) == ["de5", "ma1"]


def test_each_kind_of_recording_is_taken_if_its_content_is_of_it(tmp_path, target):
    files = {"一.mp3": mp3(), "二.ogg": OGG, "三.opus": OPUS, "四.m4a": M4A, "五.webm": WEBM, "六.MP3": mp3(tag=b"id3")}
    assert load(make_pack(tmp_path / "pack", words=files))[0].startswith("0 syllables and 6 words in 6 files")
    names = index(target)["words"]
    assert [names[word][-4:] for word in "一二三四五六"] == [".mp3", ".ogg", "opus", ".m4a", "webm", ".mp3"]


def test_what_is_no_recording_is_named_and_left_out(tmp_path, target):
    words = {
        "一.mp3": b"RIFF\0\0\0\0WAVEfmt " + b"\0" * 100,
        "二.ogg": mp3(),
        "三.opus": OGG,
        "四.m4a": WEBM,
        "五.webm": M4A,
        "六.mp3": b"\xff\xfe\x16N",  # UTF-16, whose first byte is that of a frame
        "七.mp3": b"",
        "八.mp3": mp3() + b"\0" * 2 * 2**20,
        "九.wav": b"RIFF",
        "十.mp3": b"ID3",
        "hello.mp3": mp3(),
        "学生.mp3": mp3(tag=b"1"),
        "学生.m4a": M4A,
        "\x1b[31m红.mp3": mp3(),
    }
    syllabs = {"ma.mp3": mp3(), "ma6.mp3": mp3(), "ma1ma1.mp3": mp3()}
    lines = load(make_pack(tmp_path / "pack", words=words, syllabs=syllabs), verbosity=2)
    no_syllable = "its name is no syllable with a tone from 1 to 5"
    assert skipped(lines) == {
        "words/一.mp3": "its content is no mp3",
        "words/二.ogg": "its content is no ogg",
        "words/三.opus": "its content is no opus",
        "words/四.m4a": "its content is no m4a",
        "words/五.webm": "its content is no webm",
        "words/六.mp3": "its content is no mp3",
        "words/七.mp3": "empty",
        "words/八.mp3": "larger than 2 MiB",
        "words/九.wav": "no kind of recording that we know",
        "words/十.mp3": "its content is no mp3",
        "words/hello.mp3": "its name is no Chinese word",
        "words/学生.m4a": "another file says the same",
        r"words/\x1b[31m红.mp3": "its name is no Chinese word",
        **{f"syllabs/{name}": no_syllable for name in syllabs},
    }
    assert lines[1] == "Skipped 16 files:"
    assert list(index(target)["words"]) == ["学生"]


def test_of_many_skipped_files_some_are_named(tmp_path, target):
    words = {"学生.mp3": mp3()} | {f"{at}.mp3": mp3() for at in range(30)}
    lines = load(make_pack(tmp_path / "pack", words=words))
    assert len(skipped(lines)) == 20
    assert "  and 10 more; -v 2 names them all" in lines


def test_nothing_is_read_through_a_link(folder, target, tmp_path):
    secret = tmp_path / "secret.mp3"
    secret.write_bytes(mp3(tag=b"secret"))
    (folder / "words/水.mp3").symlink_to(secret)
    (folder / "hsk").symlink_to(tmp_path)
    (folder / "credits.txt").symlink_to(secret)
    os.mkfifo(folder / "words/火.mp3")
    (folder / "words/木.mp3").mkdir()
    assert skipped(load(folder)) == {
        "hsk": "a symbolic link",
        "words/水.mp3": "a symbolic link",
        "words/火.mp3": "no plain file",
        "words/木.mp3": "Is a directory",
        "credits.txt": "a symbolic link",
    }
    assert list(index(target)["words"]) == ["学生", "长"]


def test_a_name_that_is_no_utf8_is_told_and_left_out(folder, target):
    with open(os.fsencode(folder / "words") + b"/\xff.mp3", "wb") as file:
        file.write(mp3())
    assert skipped(load(folder)) == {r"words/\udcff.mp3": "its name is no Chinese word"}


@pytest.mark.parametrize("wrong", ["missing", "empty", "a file", "all wrong"])
def test_a_wrong_folder_is_refused_with_the_layout_and_leaves_what_is_loaded(folder, target, tmp_path, wrong):
    load(folder)
    before = kept(target)
    path = tmp_path / "wrong"
    if wrong == "empty":
        path.mkdir()
    elif wrong == "a file":
        path.write_bytes(mp3())
    elif wrong == "all wrong":
        make_pack(path, words={"学生.mp3": b"not found"})
    with pytest.raises(CommandError) as refused:
        load(path)
    assert "syllabs/ma1.mp3" in str(refused.value)
    assert "words/学生.mp3" in str(refused.value)
    assert ("words/学生.mp3: its content is no mp3" in str(refused.value)) == (wrong == "all wrong")
    assert kept(target) == before


@pytest.mark.parametrize("arguments", [[], ["pack", "--remove"]])
def test_either_a_folder_or_remove_must_be_said(target, arguments):
    with pytest.raises(CommandError, match=r"^Name the folder of a pack, or say --remove\."):
        load(*arguments)


def test_a_pack_is_removed_and_nothing_else(folder, target):
    assert load("--remove") == ["No pack is loaded."]
    load(folder)
    (target / "notes.txt").write_text("not ours")
    before = kept(target)
    assert load("--remove", "--dry-run") == ["A dry run: the pack is still there."]
    assert kept(target) == before
    assert load("--remove") == ["The pack is removed."]
    assert kept(target).keys() == {"notes.txt"}


def test_two_loads_do_not_run_at_once(folder, target):
    with _locked(target), pytest.raises(CommandError, match=r"^Another load_audio is running\.$"):
        load(folder)
    assert kept(target) == {}


def test_a_target_that_cannot_be_written_is_told(folder, settings, tmp_path):
    settings.AUDIO_PATH = tmp_path / "file" / "audio"
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match=r"^Not a directory: "):
        load(folder)


def test_whoever_reads_meanwhile_finds_the_old_index_or_the_new_one(folder, target, monkeypatch):
    load(folder)
    old = audio.Pack.read(target / "index.json")
    (folder / "words/学生.mp3").write_bytes(mp3(tag=b"better"))
    seen = []
    replace = Path.replace

    def look_and_replace(path, other):
        if other.name == "index.json":
            seen.append((audio.Pack.read(other), kept(target).keys()))
        return replace(path, other)

    monkeypatch.setattr(Path, "replace", look_and_replace)
    load(folder)
    [(before, files)] = seen
    new = audio.Pack.read(target / "index.json")
    assert before == old != new
    assert files >= old.names() | new.names()
