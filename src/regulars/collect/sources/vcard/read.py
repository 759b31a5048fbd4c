"""vCards into a sheet with one row per card (RFC 2426, RFC 6350, and the older 2.1)."""

from __future__ import annotations

import quopri
import re
from typing import Final

import numpy as np
import pyarrow as pa

from regulars.collect.encodings import detect, to_utf8
from regulars.collect.problems import ImportProblem
from regulars.collect.sheet import Aside, Sheet

_PLAIN: Final = {
    "FN": "Full Name",
    "NICKNAME": "Nickname",
    "TITLE": "Job Title",
    "ROLE": "Role",
    "BDAY": "Birthday",
    "CATEGORIES": "Tags",
    "NOTE": "Notes",
    "URL": "Website",
    "GENDER": "Gender",
    "LANG": "Language",
    "TZ": "Time zone",
    "UID": "UID",
    "REV": "REV",
    "ANNIVERSARY": "Anniversary",
}
_NAME: Final = ("Last Name", "First Name", "Middle Name", "Name Prefix", "Name Suffix")
_ADDRESS: Final = ("", "", "Street", "City", "Region", "Postal Code", "Country")
_LINE: Final = re.compile(r"^(?:[A-Za-z0-9\-]+\.)?([A-Za-z0-9\-]+)((?:;(?:\"[^\"]*\"|[^:\"])*)?):(.*)$", re.DOTALL)


def unfold(text: str) -> list[str]:
    """Join continued lines: those that begin with a blank, and quoted-printable ones that end in "=".

    >>> unfold("NOTE:a\\r\\n b\\r\\nFN;ENCODING=QUOTED-PRINTABLE:=41=\\r\\n=42\\r\\n")
    ['NOTE:ab', 'FN;ENCODING=QUOTED-PRINTABLE:=41=42']
    """
    out: list[str] = []
    soft = False
    for line in re.split(r"\r\n|\n|\r", text):
        if soft:
            out[-1] += line
        elif line[:1] in (" ", "\t") and out:
            out[-1] += line[1:]
        elif line.strip():
            out.append(line)
        soft = bool(out) and "QUOTED-PRINTABLE" in out[-1].upper().partition(":")[0] and out[-1].endswith("=")
        if soft:
            out[-1] = out[-1][:-1]
    return out


def _split(value: str, mark: str) -> list[str]:
    return [_unescape(p) for p in re.split(rf"(?<!\\){mark}", value)]


def _unescape(value: str) -> str:
    return re.sub(r"\\([nN,;:\\\"])", lambda m: "\n" if m.group(1) in "nN" else m.group(1), value).strip()


def _property(line: str) -> tuple[str, str, str] | None:
    """Name, parameters and decoded value of one line."""
    found = _LINE.match(line)
    if not found:
        return None
    name, parameters, value = found.group(1).upper(), found.group(2).upper(), found.group(3)
    if "QUOTED-PRINTABLE" in parameters:
        charset = re.search(r"CHARSET=\"?([A-Z0-9\-_]+)", parameters)
        raw = quopri.decodestring(value.encode("utf-8", "replace"))
        try:
            value = raw.decode(charset.group(1) if charset else "utf-8")
        except (LookupError, UnicodeDecodeError):
            value = raw.decode("gb18030", "replace")
    return name, parameters, value


def _card(lines: list[str]) -> dict[str, str]:
    out: dict[str, str] = {}
    mails: list[tuple[int, str]] = []
    phones: list[tuple[int, str]] = []
    for line in lines:
        got = _property(line)
        if not got or not got[2].strip() or got[0] in ("PHOTO", "LOGO", "SOUND", "KEY", "VERSION", "PRODID"):
            continue
        name, parameters, value = got
        rank = 0 if "PREF" in parameters else 1
        if name == "EMAIL":
            mails.append((rank, _unescape(value)))
        elif name == "TEL":
            if "FAX" in parameters:
                out.setdefault("Fax", _unescape(value))
            else:
                mobile = 0 if re.search(r"CELL|MOBILE|IPHONE", parameters) else 1
                phones.append((2 * rank + mobile, _unescape(value).removeprefix("tel:")))
        elif name == "N":
            out.update({k: p for k, p in zip(_NAME, _split(value, ";"), strict=False) if p})
        elif name == "ORG":
            parts = [p for p in _split(value, ";") if p]
            out["Organization"] = parts[0] if parts else ""
            if len(parts) > 1:
                out["Department"] = " / ".join(parts[1:])
        elif name == "ADR" and "City" not in out and "Street" not in out:
            parts = _split(value, ";")
            street = ", ".join(p for p in parts[:3] if p)
            out.update({k: p for k, p in zip(_ADDRESS, parts, strict=False) if k and p})
            out["Street"] = street
        elif name in _PLAIN:
            key = _PLAIN[name]
            shown = _unescape(value) if name != "CATEGORIES" else ", ".join(_split(value, ","))
            out[key] = shown if key not in out else out[key] + ("; " + shown if key != "Language" else "")
    for label, found in (("E-mail", mails), ("Phone", phones)):
        for i, (_, value) in enumerate(sorted(found, key=lambda f: f[0]), 1):
            out[f"{label} {i}"] = value
    return out


def read_cards(data: bytes, name: str, encoding: str = "") -> Sheet:
    """Read an address book; each card becomes one row, its number is the card's place in the file.

    Raises ``ImportProblem`` when it holds no card.
    """
    encoding = encoding or detect(data)
    lines = unfold(to_utf8(data, encoding).decode("utf-8", "replace"))
    cards: list[list[str]] = []
    inside = 0
    for line in lines:
        word = line.strip().upper()
        if word == "BEGIN:VCARD":
            inside += 1
            if inside == 1:
                cards.append([])
        elif word == "END:VCARD":
            inside = max(0, inside - 1)
        elif inside == 1:
            cards[-1].append(line)
    rows = [_card(c) for c in cards]
    kept = [(i, r) for i, r in enumerate(rows, 1) if r]
    aside = tuple(Aside(i, "no_identity", "", tuple(cards[i - 1])) for i, r in enumerate(rows, 1) if not r)
    if not kept:
        raise ImportProblem(
            "file_empty", what="The file holds no card", where=name, remedy="Export the contacts again."
        )
    order = ["Full Name", *_NAME, "Nickname", "Organization", "Department", "Job Title"]
    keys = [k for k in order if any(k in r for _, r in kept)]
    keys += [k for k in dict.fromkeys(k for _, r in kept for k in r) if k not in keys]
    table = pa.table([pa.array([r.get(k) for _, r in kept], pa.string()) for k in keys], names=keys)
    return Sheet(
        tuple(keys), table, np.array([i for i, _ in kept], np.int32), "vcard", encoding, "", (), aside, (), name
    )
