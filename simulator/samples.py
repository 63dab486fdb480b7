"""Files to send without having any at hand: a picture, a voice note and a document, made here, and a sticker."""

from __future__ import annotations

import functools
import struct
import zlib
from pathlib import Path

from .settings import BadSettings

WIDTH, HEIGHT = 480, 320


def sample(name: str) -> tuple[bytes, str, str]:
    """The bytes, the type and the file name of "image", "audio", "document" or "sticker". Raises BadSettings."""
    if name not in SAMPLES:
        raise BadSettings(f"There are samples named {', '.join(SAMPLES)}.")
    make, mime_type, filename = SAMPLES[name]
    return make(), mime_type, filename


@functools.cache
def picture() -> bytes:
    """A cup of coffee from above, as a PNG."""
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)
        for x in range(WIDTH):
            rows += pixel(x - WIDTH / 2, y - HEIGHT / 2)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, content) for kind, content in parts)


def pixel(x: float, y: float) -> bytes:
    distance = (x * x + y * y) ** 0.5
    if distance < 82:
        swirl = int(26 * (distance / 82) ** 2 + 10 * ((x * y) % 97 < 6))
        return bytes((74 + swirl, 44 + swirl, 28 + swirl))
    if distance < 98:
        return bytes((246, 243, 236))
    if distance < 138:
        return bytes((228, 222, 210))
    # A wooden table.
    grain = int(9 * ((int(y) // 9) % 3) + (x * 0.02 + y * 0.31) % 5)
    return bytes((176 + grain, 140 + grain, 104 + grain))


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@functools.cache
def voice_note() -> bytes:
    """Four seconds of Opus in Ogg: silence, for Opus has a frame of three bytes that says so."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 4) + b"none" + struct.pack("<I", 0)
    frames, per_page = 200, 50  # of 20 ms each
    pages = [ogg_page([head], 0, 0, first=True), ogg_page([tags], 0, 1)]
    for start in range(0, frames, per_page):
        granule = (start + per_page) * 960
        is_last = start + per_page == frames
        pages.append(ogg_page([b"\xf8\xff\xfe"] * per_page, granule, 2 + start // per_page, last=is_last))
    return b"".join(pages)


def ogg_page(packets: list[bytes], granule: int, sequence: int, *, first: bool = False, last: bool = False) -> bytes:
    flags = (2 if first else 0) | (4 if last else 0)
    lengths = bytes(len(one) for one in packets)
    head = b"OggS" + struct.pack("<BBqII", 0, flags, granule, 0x51D, sequence)
    rest = bytes([len(packets)]) + lengths + b"".join(packets)
    crc = ogg_crc(head + b"\0\0\0\0" + rest)
    return head + struct.pack("<I", crc) + rest


def ogg_crc(page: bytes) -> int:
    """Ogg's CRC-32: polynomial 0x04c11db7, not reflected (RFC 3533)."""
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


@functools.cache
def document() -> bytes:
    """A PDF of one page."""
    text = b"BT /F1 22 Tf 60 740 Td (Order 1042) Tj 0 -34 Td /F1 13 Tf (Two bags of Gayo, ground for filter.) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    made, offsets = b"%PDF-1.4\n", []
    for index, content in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (index, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer


@functools.cache
def sticker() -> bytes:
    """A smiling cup."""
    return (Path(__file__).parent / "sticker.webp").read_bytes()


SAMPLES = {
    "image": (picture, "image/png", "coffee.png"),
    "audio": (voice_note, "audio/ogg; codecs=opus", "voice.ogg"),
    "document": (document, "application/pdf", "order-1042.pdf"),
    "sticker": (sticker, "image/webp", "cup.webp"),
}
