"""News from RSS 2.0, RSS 1.0 and Atom feeds, read so that a hostile file can do no harm."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.parsers import expat

_DECLARED = re.compile(rb"""<\?xml[^>]{0,80}?encoding=["']([A-Za-z0-9._-]{1,40})["'][^>]{0,80}\?>""")
ITEMS = ("item", "entry")
MOST_ITEMS = 500
LONGEST_TEXT = 2_000
DEEPEST = 100


class FeedProblem(ValueError):
    """A feed that cannot be read: says why."""


@dataclass(frozen=True)
class News:
    """One entry of a feed; ``at`` is in UTC, None where the feed gives no date that can be read."""

    id: str
    title: str
    link: str
    at: datetime | None


@dataclass
class _Reader:
    """Collects the texts of the elements we know while expat walks through the file."""

    found: list[News] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    open: dict[str, str] | None = None
    text: list[str] = field(default_factory=list)
    size: int = 0
    feed: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _tag(name)
        self.path.append(tag)
        if len(self.path) > DEEPEST:
            raise FeedProblem("elements are nested too deeply")
        if len(self.path) == 1:
            self.feed = tag in ("rss", "feed", "rdf")
        if tag in ITEMS and self.open is None:
            self.open = {"id": attributes.get("http://www.w3.org/1999/02/22-rdf-syntax-ns# about", "")}
        own = tag == "link" and attributes.get("rel", "alternate") == "alternate"
        if self.open is not None and own and "href" in attributes:
            self.open.setdefault("link", attributes["href"].strip())
        self.text, self.size = [], 0

    def data(self, text: str) -> None:
        if self.size < LONGEST_TEXT:
            self.text.append(text)
            self.size += len(text)

    def end(self, name: str) -> None:
        tag = _tag(name)
        self.path.pop()
        if self.open is None:
            return
        if tag in ITEMS:
            self._close()
        elif len(self.path) and self.path[-1] in ITEMS:
            said = "".join(self.text).strip()[:LONGEST_TEXT]
            key = {"guid": "id", "pubdate": "at", "published": "at", "date": "at", "updated": "later"}.get(tag, tag)
            if said and (key in ("title", "id", "at", "later", "link")) and not self.open.get(key):
                self.open[key] = said
        self.text, self.size = [], 0

    def _close(self) -> None:
        one, self.open = self.open or {}, None
        link = one.get("link", "")
        link = link if link.startswith(("http://", "https://")) else ""
        key = one.get("id") or link or one.get("title", "")
        if key and len(self.found) < MOST_ITEMS:
            title = " ".join(one.get("title", "").split())[:500]
            self.found.append(News(key[:500], title, link[:1000], read_moment(one.get("at") or one.get("later", ""))))


def _tag(name: str) -> str:
    """The name without its namespace, which feeds spell in many ways."""
    return name.rpartition(" ")[2].lower()


def read_moment(text: str) -> datetime | None:
    """A moment as feeds write it (RFC 822 or ISO 8601), in UTC; None where it is neither.

    >>> read_moment("Tue, 03 Mar 2026 09:00:00 +0800").isoformat(), read_moment("x")
    ('2026-03-03T01:00:00+00:00', None)
    """
    text = text.strip()[:64]
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            at = read(text)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _known_encoding(data: bytes) -> bytes:
    """Feeds in GBK and other encodings that expat does not know, as UTF-8 without their declaration."""
    found = _DECLARED.match(data)
    name = found.group(1).decode("ascii").lower() if found else "utf-8"
    if not found or name in ("utf-8", "utf-16", "iso-8859-1", "us-ascii"):
        return data
    return data[found.end() :].decode("gb18030" if name.startswith("gb") else name, "replace").encode()


def read_feed(data: bytes) -> list[News]:
    """The entries of a feed, in its order, each id once, at most ``MOST_ITEMS``.

    The standard parser is told to refuse every document type and entity before it is looked at, so no entity can
    be expanded and no outside file be read. Raises ``FeedProblem`` where the file is not a feed or has such parts.

    >>> [n.title for n in read_feed(b"<rss><item><guid>1</guid><title>Price cut</title></item></rss>")]
    ['Price cut']
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    reader = _Reader()

    def refuse(*_given: object) -> int:
        raise FeedProblem("it declares a document type or entities, which a feed does not need")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.data
    parser.buffer_text = True
    try:
        parser.Parse(_known_encoding(data.strip()), True)
    except (expat.ExpatError, LookupError, UnicodeError) as error:
        raise FeedProblem(f"it is not well-formed XML: {error}") from error
    except ValueError as error:
        raise error if isinstance(error, FeedProblem) else FeedProblem(str(error)) from error
    if not reader.feed:
        raise FeedProblem("it is XML, but neither RSS nor Atom")
    once: dict[str, News] = {}
    for news in reader.found:
        once.setdefault(news.id, news)
    return list(once.values())
