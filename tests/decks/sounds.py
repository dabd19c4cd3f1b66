"""Recordings made by hand: real files of a fraction of a second, silent."""

SILENCE = b"\0" * 100


def mp3(frames=10, tag=b""):
    """Return frames of MPEG-1 layer III, 32 kbit/s, 44.1 kHz, mono, 26 ms each; the tag tells files apart."""
    named = b"ID3\x04\0\0" + bytes([0, 0, len(tag) >> 7, len(tag) & 0x7F]) + tag if tag else b""
    return named + (b"\xff\xfb\x10\xc0" + SILENCE) * frames


OGG = b"OggS\0\x02" + b"\0" * 22 + b"\x01vorbis" + SILENCE
OPUS = b"OggS\0\x02" + b"\0" * 22 + b"OpusHead" + SILENCE
M4A = b"\0\0\0\x20ftypM4A " + SILENCE
WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + SILENCE


def make_pack(folder, **files):
    """Write a pack: keyword arguments are folders, each a mapping of file names to contents."""
    for kind, contents in files.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / kind / name).write_bytes(content)
    return folder
