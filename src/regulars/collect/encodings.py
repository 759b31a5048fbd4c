"""Which encoding a text file is in: byte order mark, UTF-8, GB18030, cp1252, in that order."""

from __future__ import annotations

import codecs
import re
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH_RUNS: Final = re.compile(rb"[\x80-\xff]+")


def _decodes(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for start in range(0, len(data), 1 << 20):
            decoder.decode(data[start : start + (1 << 20)])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _lonely_high_bytes(data: bytes) -> bool:
    """Whether most bytes above 127 stand alone between ASCII letters.

    In GBK the common characters are two high bytes, so high bytes come in even
    runs; the accented letters of cp1252 mostly stand alone ("Müller" is valid
    GB18030 by accident).
    """
    runs = _HIGH_RUNS.findall(data[: 1 << 20])
    return bool(runs) and sum(len(r) == 1 for r in runs) > 0.5 * len(runs)


def detect(data: bytes) -> str:
    """Name the encoding of some text.

    The order is fixed: byte order mark, strict UTF-8, strict GB18030, cp1252.
    UTF-16 without a mark is recognised by its zero bytes.

    >>> detect("姓名,手机号".encode("gbk")), detect("Müller;Zoë".encode("cp1252")), detect(b"a,b")
    ('gb18030', 'cp1252', 'utf-8')
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    head = data[:4096]
    if head[1::2].count(0) > 0.4 * max(1, len(head) // 2):
        return "utf-16-le"
    if head[0::2].count(0) > 0.4 * max(1, len(head) // 2):
        return "utf-16-be"
    if _decodes(data, "utf-8"):
        return "utf-8"
    if _decodes(data, "gb18030") and not _lonely_high_bytes(data):
        return "gb18030"
    return "cp1252"


def to_utf8(data: bytes, encoding: str) -> bytes:
    """Recode to UTF-8 without a mark; bytes the encoding lacks become a replacement sign.

    >>> to_utf8("姓名".encode("gbk"), "gb18030").decode()
    '姓名'
    """
    if encoding == "utf-8":
        return data
    if encoding == "utf-8-sig":
        return data[3:]
    return data.decode(encoding, "replace").lstrip("\ufeff").encode("utf-8")
