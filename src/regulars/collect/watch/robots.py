"""May a program read this page? The rules of robots.txt, as RFC 9309 says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

# A file longer than this is cut (RFC 9309, 2.5, asks for at least 500 KiB).
LONGEST = 512_000


@dataclass(frozen=True)
class Robots:
    """The rules for one program; ``rules`` are (path pattern, allowed), ``delay_s`` what the site asks to wait."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay_s: float = 0.0

    def allows(self, url: str) -> bool:
        """Whether the address may be read: the longest matching rule decides, "allow" where two are as long.

        >>> Robots((("/shop", False), ("/shop/sale", True))).allows("https://a.example/shop/sale/1")
        True
        """
        parts = urlsplit(url)
        path = _plain(parts.path or "/") + (f"?{_plain(parts.query)}" if parts.query else "")
        if path == "/robots.txt":
            return True
        found = [(len(pattern), allowed) for pattern, allowed in self.rules if _matches(pattern, path)]
        return max(found, default=(0, True))[1]


def _plain(path: str) -> str:
    """One spelling for characters that may be written in two ways."""
    return quote(unquote(path), safe="/?&=*$:@!+,;~()'[]%-._")


def _matches(pattern: str, path: str) -> bool:
    """``*`` is any run of characters, ``$`` at the end is the end; no regular expression can be smuggled in."""
    end = pattern.endswith("$")
    parts = (pattern[:-1] if end else pattern).split("*")
    if not path.startswith(parts[0]):
        return False
    at = len(parts[0])
    for part in parts[1:]:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not end or at == len(path) or (len(parts) > 1 and path.endswith(parts[-1]))


def read_robots(text: str, agent: str) -> Robots:
    """The rules of the group that names ``agent``, or of the group for everybody ("*").

    Groups with the same name are one; lines that are no rule are skipped.

    >>> read_robots("User-agent: *\\nDisallow: /private", "Regulars").allows("https://a.example/private/x")
    False
    """
    groups: dict[str, list[tuple[str, bool]]] = {}
    delays: dict[str, float] = {}
    names: list[str] = []
    opened = False
    for line in text[:LONGEST].splitlines():
        key, colon, value = line.split("#", 1)[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            if opened:
                names, opened = [], False
            names.append(value.lower())
            groups.setdefault(value.lower(), [])
        elif key in ("allow", "disallow"):
            opened = True
            if value:
                for name in names:
                    groups[name].append((_plain(value), key == "allow"))
        elif key == "crawl-delay" and re.fullmatch(r"\d{1,4}(\.\d+)?", value):
            opened = True
            for name in names:
                delays[name] = float(value)
    own = agent.lower()
    name = own if own in groups else "*"
    return Robots(tuple(groups.get(name, ())), delays.get(name, 0.0))
