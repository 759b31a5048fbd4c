"""Read one page of the open web politely and safely: never an address inside, never much, never against robots.txt."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from regulars.collect.watch.robots import Robots, read_robots

AGENT = "Regulars"
USER_AGENT = f"{AGENT}/1 (market watch; once a day; obeys robots.txt)"
LARGEST = 2_000_000
TIMEOUT_S = 10.0
DEADLINE_S = 20.0
REDIRECTS = 3
# A site that asks for a longer pause than this between two pages is read again another day.
PAUSE_S = 30.0
PORTS = (80, 443)

Reach = Callable[[str, int], bool]


class FetchProblem(ValueError):
    """A page that was not read; ``code`` says why, ``detail`` where."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Fetched:
    """What came back; ``data`` is None where nothing changed since (HTTP 304)."""

    url: str
    data: bytes | None
    kind: str = ""
    charset: str = ""
    etag: str = ""
    modified: str = ""


def is_open(address: str, port: int) -> bool:
    """Whether an address is on the open internet: no private, local, link-local, shared or reserved one.

    >>> is_open("10.0.0.1", 80), is_open("::ffff:127.0.0.1", 80), is_open("93.184.215.14", 443), is_open("8.8.8.8", 22)
    (False, False, True, False)
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        found = inner or found
        # NAT64 carries any IPv4 address, private ones too.
        if found in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return found.is_global and not found.is_multicast and port in PORTS


def fetch(
    url: str,
    *,
    etag: str = "",
    modified: str = "",
    reach: Reach = is_open,
    read: dict[str, float] | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Read a page, if its site's robots.txt allows it and it has changed since ``etag`` or ``modified``.

    The name is looked up once and the connection goes to that very address, after ``reach`` allowed it, so a name
    cannot point somewhere else a moment later; each redirect is judged anew. Only http and https, no
    passwords, no cookies, no compression, at most ``LARGEST`` bytes within ``DEADLINE_S`` seconds.

    ``read`` remembers from call to call when each site was read last, so that the pause its robots.txt asks for
    (Crawl-delay) is kept between two of its pages: waited for up to ``PAUSE_S``, else the page is left for later.

    Raises ``FetchProblem`` with a code: ``address``, ``private``, ``robots``, ``too_large``, ``too_slow``,
    ``redirects``, ``status``, ``no_answer``, ``later``.
    """
    until = time.monotonic() + DEADLINE_S
    allowed: dict[str, Robots] = {}
    asked = {"If-None-Match": etag, "If-Modified-Since": modified}
    for _hop in range(REDIRECTS + 1):
        site = _site(url)
        if site not in allowed:
            allowed[site] = _robots(site, reach, until)
        if not allowed[site].allows(url):
            raise FetchProblem("robots", url)
        until += _paused(site, allowed[site].delay_s, read, pause)
        status, headers, data = _get(url, {k: v for k, v in asked.items() if v}, reach, until)
        if status in (301, 302, 303, 307, 308) and headers.get("location"):
            url = urljoin(url, headers["location"])
            continue
        if status == 304:
            return Fetched(url, None, etag=etag, modified=modified)
        if status != 200:
            raise FetchProblem("status", str(status))
        kind, _semicolon, rest = headers.get("content-type", "").partition(";")
        charset = rest.partition("charset=")[2].strip(" \"'").partition(";")[0]
        return Fetched(url, data, kind.strip().lower(), charset[:40], headers.get("etag", "")[:200],
                       headers.get("last-modified", "")[:100])  # fmt: skip
    raise FetchProblem("redirects", url)


def _site(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise FetchProblem("address", url) from None
    plain = parts.scheme in ("http", "https") and parts.hostname and not parts.username and not parts.password
    if not plain or any(ord(c) <= 32 for c in url):
        raise FetchProblem("address", url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{port or (443 if parts.scheme == 'https' else 80)}"


def _paused(site: str, delay_s: float, read: dict[str, float] | None, pause: Callable[[float], None]) -> float:
    """Wait until the site may be asked for another page; returns the seconds waited."""
    if read is None:
        return 0.0
    left = read[site] + delay_s - time.monotonic() if site in read else 0.0
    if left > PAUSE_S:
        raise FetchProblem("later", site)
    if left > 0:
        pause(left)
    read[site] = time.monotonic()
    return max(left, 0.0)


def _robots(site: str, reach: Reach, until: float) -> Robots:
    """The site's rules: none where it has no file, nothing allowed where it cannot answer (RFC 9309, 2.3.1)."""
    url = f"{site}/robots.txt"
    for _hop in range(REDIRECTS + 1):
        status, headers, data = _get(url, {}, reach, until)
        if status in (301, 302, 303, 307, 308) and headers.get("location"):
            url = urljoin(url, headers["location"])
            _site(url)
            continue
        if status >= 500 or status == 429:
            raise FetchProblem("robots", url)
        return read_robots(data.decode("utf-8", "replace"), AGENT) if status == 200 else Robots()
    return Robots()


def _get(url: str, more: dict[str, str], reach: Reach, until: float) -> tuple[int, dict[str, str], bytes]:
    """One request to one address that may be reached; no redirect is followed here."""
    _site(url)
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = _address(host, port, reach)
    connection = _Pinned(host, port, address, secure, min(TIMEOUT_S, max(until - time.monotonic(), 0.1)))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Accept": "*/*", "Connection": "close", **more}
    try:
        connection.request("GET", _ascii(path), headers=headers)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, _read(answer, until)
    except TimeoutError:
        raise FetchProblem("too_slow", host) from None
    except (OSError, http.client.HTTPException, UnicodeError, ValueError) as error:
        if isinstance(error, FetchProblem):
            raise
        raise FetchProblem("no_answer", f"{host}: {type(error).__name__}") from error
    finally:
        connection.close()


def _ascii(path: str) -> str:
    from urllib.parse import quote

    return quote(path, safe="/?&=%:@!$'()*+,;~-._[]#")


def _address(host: str, port: int, reach: Reach) -> str:
    """The address to go to; every address the name has must be one that may be reached."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise FetchProblem("no_answer", host) from None
    if not found or not all(reach(address, port) for address in found):
        raise FetchProblem("private", host)
    return sorted(found, key=lambda a: (":" in a, a))[0]


def _read(answer: http.client.HTTPResponse, until: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        if time.monotonic() > until:
            raise FetchProblem("too_slow", "")
        part = answer.read1(65_536)
        if not part:
            return b"".join(parts)
        size += len(part)
        if size > LARGEST:
            raise FetchProblem("too_large", str(LARGEST))
        parts.append(part)


class _Pinned(http.client.HTTPConnection):
    """A connection to one looked-up address that still names and proves the host it asked for."""

    def __init__(self, host: str, port: int, address: str, secure: bool, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self.default_port = 443 if secure else 80
        self._address, self._secure = address, secure

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
