"""Reading the open web against a real server: politely, little, and never inside."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from regulars.collect.watch import fetch as door
from regulars.collect.watch.fetch import USER_AGENT, FetchProblem, fetch, is_open
from regulars.collect.watch.robots import read_robots


class Site(BaseHTTPRequestHandler):
    """Serves ``pages``: path to (status, headers, body); remembers what it was asked."""

    pages: ClassVar[dict[str, Any]] = {}
    asked: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def do_GET(self) -> None:
        Site.asked.append((self.path, dict(self.headers)))
        status, headers, body = Site.pages.get(self.path, (404, {}, b""))
        if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
            status, body = 304, b""
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        for part in body if isinstance(body, list) else [body]:
            if isinstance(part, float):
                time.sleep(part)
            else:
                self.wfile.write(part)

    def log_message(self, *_given: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    Site.pages, Site.asked = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def near(address: str, _port: int) -> bool:
    return address == "127.0.0.1"


def problem(url: str, **rest: Any) -> str:
    with pytest.raises(FetchProblem) as found:
        fetch(url, **({"reach": near} | rest))
    return found.value.code


def test_a_page_is_read_once_and_then_only_when_it_changed(site: str) -> None:
    Site.pages["/feed"] = (200, {"Content-Type": "application/rss+xml; charset=utf-8", "ETag": '"7"'}, b"<rss/>")
    first = fetch(f"{site}/feed", reach=near)
    assert (first.data, first.kind, first.charset, first.etag) == (b"<rss/>", "application/rss+xml", "utf-8", '"7"')
    again = fetch(f"{site}/feed", etag=first.etag, reach=near)
    assert again.data is None
    assert again.etag == '"7"'
    path, headers = Site.asked[-1]
    assert path == "/feed"
    assert headers["User-Agent"] == USER_AGENT
    assert "Cookie" not in headers
    assert [p for p, _h in Site.asked] == ["/robots.txt", "/feed"] * 2


def test_robots_txt_is_obeyed(site: str) -> None:
    Site.pages["/secret/price"] = (200, {}, b"9")
    Site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /secret\n")
    assert problem(f"{site}/secret/price") == "robots"
    assert [p for p, _h in Site.asked] == ["/robots.txt"]
    Site.pages["/robots.txt"] = (503, {}, b"")
    assert problem(f"{site}/open") == "robots"
    # A page may not lead to one that is closed.
    Site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /secret\n")
    Site.pages["/go"] = (302, {"Location": "/secret/price"}, b"")
    assert problem(f"{site}/go") == "robots"


def test_the_pause_a_site_asks_for_is_kept_between_its_pages(site: str) -> None:
    Site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 7\n")
    Site.pages |= {p: (200, {}, b"9") for p in ("/a", "/b")}
    pages: dict[str, float] = {}
    paused: list[float] = []
    for path in ("/a", "/b"):
        fetch(f"{site}{path}", reach=near, read=pages, pause=paused.append)
    assert len(paused) == 1
    assert 6 < paused[0] <= 7
    Site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 600\n")
    before = len(Site.asked)
    assert problem(f"{site}/b", read=pages, pause=paused.append) == "later"
    assert [p for p, _h in Site.asked[before:]] == ["/robots.txt"]
    assert len(paused) == 1


def test_nothing_inside_is_reached(site: str) -> None:
    for url in (f"{site}/x", "http://localhost/", "http://169.254.169.254/latest/meta-data", "http://[::1]/",
                "http://10.0.0.8/", "http://0.0.0.0/", "http://2130706433/"):  # fmt: skip
        assert problem(url, reach=is_open) in ("private", "no_answer")
    assert Site.asked == []
    Site.pages["/go"] = (302, {"Location": "http://169.254.169.254/latest/"}, b"")
    assert problem(f"{site}/go") == "private"
    for url in ("file:///etc/passwd", "ftp://a.example/x", "http://user:secret@a.example/", "gopher://a", "http://",
                "http://a.example:99999/", "http://a.example/x y", "http://a.example/\r\nX: 1"):  # fmt: skip
        assert problem(url) == "address"


def test_a_name_with_one_address_inside_is_refused_and_the_address_looked_up_is_the_one_used(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def two(host: str, port: int, **_rest: Any) -> list[Any]:
        asked.append(host)
        return [(2, 1, 6, "", ("93.184.215.14", port)), (2, 1, 6, "", ("192.168.1.1", port))]

    monkeypatch.setattr(door.socket, "getaddrinfo", two)
    assert problem("http://mixed.example/", reach=is_open) == "private"
    monkeypatch.undo()
    real = door.socket.getaddrinfo
    monkeypatch.setattr(door.socket, "getaddrinfo", lambda _host, *more, **rest: real("127.0.0.1", *more, **rest))
    Site.pages["/p"] = (200, {}, b"ok")
    named = site.replace("127.0.0.1", "shop.example")
    assert fetch(f"{named}/p", reach=near).data == b"ok"
    assert Site.asked[-1][1]["Host"].startswith("shop.example")


@pytest.mark.parametrize(
    ("address", "port", "allowed"),
    [
        ("8.8.8.8", 443, True), ("2606:4700::1111", 443, True), ("8.8.8.8", 8080, False), ("127.0.0.1", 80, False),
        ("100.64.0.1", 80, False), ("192.168.0.1", 80, False), ("fe80::1%eth0", 80, False), ("fd00::1", 80, False),
        ("::ffff:10.0.0.1", 80, False), ("2002:7f00:1::", 80, False), ("64:ff9b::a00:1", 80, False),
        ("224.0.0.1", 80, False), ("0.0.0.0", 80, False), ("::", 80, False), ("255.255.255.255", 80, False),
    ],
)  # fmt: skip
def test_which_addresses_are_on_the_open_internet(address: str, port: int, allowed: bool) -> None:
    assert is_open(address, port) == allowed


def test_too_much_too_slow_and_too_far_around_is_given_up(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "LARGEST", 10_000)
    Site.pages["/big"] = (200, {}, [b"x" * 9_000] * 4)
    assert problem(f"{site}/big") == "too_large"
    Site.pages["/round"] = (301, {"Location": "/round"}, b"")
    assert problem(f"{site}/round") == "redirects"
    assert problem(f"{site}/gone") == "status"
    monkeypatch.setattr(door, "DEADLINE_S", 0.4)
    Site.pages["/slow"] = (200, {}, [b"x", 0.2, b"x", 0.2, b"x", 0.2, b"x"])
    assert problem(f"{site}/slow") == "too_slow"
    assert problem("http://127.0.0.1:9/") == "no_answer"


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: *\nDisallow: /", "/x", False),
        ("User-agent: *\nDisallow: /\nAllow: /shop", "/shop/1", True),
        ("User-agent: *\nAllow: /p\nDisallow: /p", "/p", True),
        ("User-agent: *\nDisallow: /*.json$", "/a/b.json", False),
        ("User-agent: *\nDisallow: /*.json$", "/a/b.json?x=1", True),
        ("User-agent: *\nDisallow: /a*b*c", "/a1b2c3", False),
        ("User-agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /y", "/x", True),
        ("User-agent: REGULARS\nDisallow: /x\n\nUser-agent: *\nDisallow:", "/x", False),
        ("User-agent: a\nUser-agent: regulars\nDisallow: /x", "/x", False),
        ("# nothing\n\nnonsense\nDisallow: /x", "/x", True),
        ("User-agent: *\nDisallow: /caf%C3%A9", "/café", False),
        ("User-agent: *\nDisallow: /fish", "/Fish", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
    ],
)
def test_rules_of_robots_txt(rules: str, path: str, allowed: bool) -> None:
    assert read_robots(rules, "Regulars").allows(f"https://a.example{path}") == allowed


def test_a_delay_is_read() -> None:
    assert read_robots("User-agent: *\nCrawl-delay: 2.5\nDisallow: /x", "Regulars").delay_s == 2.5
