"""Catalogues of translations: read ``.po``, write ``.po``, compile to ``.mo``; needs no gettext program."""

from __future__ import annotations

import ast
import struct
from dataclasses import dataclass, field
from pathlib import Path

CONTEXT = "\x04"


@dataclass
class Entry:
    """One message: its text (or singular and plural) and how it is said."""

    msgid: str
    plural: str = ""
    context: str = ""
    said: list[str] = field(default_factory=lambda: [""])
    places: list[str] = field(default_factory=list)
    fuzzy: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return (self.context, self.msgid)

    @property
    def complete(self) -> bool:
        return all(self.said) and not self.fuzzy


def read(path: Path) -> dict[tuple[str, str], Entry]:
    """The entries of a catalogue, the header (empty msgid) included."""
    entries: dict[tuple[str, str], Entry] = {}
    fields: dict[str, str] = {}
    fuzzy, places, current = False, [], ""

    def finish() -> None:
        nonlocal fields, fuzzy, places
        if "msgid" in fields:
            said = [fields[k] for k in sorted(fields) if k.startswith("msgstr")]
            entry = Entry(fields["msgid"], fields.get("msgid_plural", ""), fields.get("msgctxt", ""), said or [""])
            entry.fuzzy, entry.places = fuzzy, places
            entries[entry.key] = entry
        fields, fuzzy, places = {}, False, []

    for line in path.read_text("utf-8").splitlines():
        line = line.strip()
        if not line:
            finish()
        elif line.startswith("#,"):
            fuzzy = fuzzy or "fuzzy" in line
        elif line.startswith("#:"):
            places.extend(line[2:].split())
        elif line.startswith("#"):
            continue
        elif line.startswith('"'):
            fields[current] += ast.literal_eval(line)
        else:
            current, _, text = line.partition(" ")
            if current in ("msgid", "msgctxt") and "msgid" in fields:
                finish()
            fields[current] = ast.literal_eval(text.strip())
    finish()
    return entries


def quoted(text: str) -> str:
    body = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").split("\n")
    lines = [*(f"{line}\\n" for line in body[:-1]), *([body[-1]] if body[-1] else [])]
    if len(lines) <= 1:
        return f'"{lines[0] if lines else ""}"'
    return '""\n' + "\n".join(f'"{line}"' for line in lines)


def write(path: Path, entries: dict[tuple[str, str], Entry]) -> None:
    """Write a catalogue, header first, then by text, so that two people's changes seldom touch."""
    blocks = []
    for entry in sorted(entries.values(), key=lambda e: (bool(e.msgid), e.msgid.lower(), e.msgid, e.context)):
        lines = [f"#: {' '.join(entry.places)}"] if entry.places else []
        if entry.fuzzy:
            lines.append("#, fuzzy")
        if entry.context:
            lines.append(f"msgctxt {quoted(entry.context)}")
        lines.append(f"msgid {quoted(entry.msgid)}")
        if entry.plural:
            lines.append(f"msgid_plural {quoted(entry.plural)}")
            lines.extend(f"msgstr[{i}] {quoted(text)}" for i, text in enumerate(entry.said))
        else:
            lines.append(f"msgstr {quoted(entry.said[0])}")
        blocks.append("\n".join(lines))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(blocks) + "\n", "utf-8")


def compiled(entries: dict[tuple[str, str], Entry]) -> bytes:
    """The bytes of a ``.mo`` file (GNU gettext manual, "The Format of GNU MO Files")."""
    pairs: dict[bytes, bytes] = {}
    for entry in entries.values():
        if entry.msgid and not entry.complete:
            continue
        msgid = (entry.context + CONTEXT if entry.context else "") + entry.msgid
        if entry.plural:
            msgid += "\0" + entry.plural
        pairs[msgid.encode()] = "\0".join(entry.said).encode()
    ids, strings, places = b"", b"", []
    for msgid in sorted(pairs):
        places.append((len(ids), len(msgid), len(strings), len(pairs[msgid])))
        ids += msgid + b"\0"
        strings += pairs[msgid] + b"\0"
    count, head = len(places), 28
    ids_at = head + count * 16
    strings_at = ids_at + len(ids)
    table = b"".join(struct.pack("<II", length, ids_at + at) for at, length, _, _ in places)
    table += b"".join(struct.pack("<II", length, strings_at + at) for _, _, at, length in places)
    return struct.pack("<7I", 0x950412DE, 0, count, head, head + count * 8, 0, 0) + table + ids + strings
