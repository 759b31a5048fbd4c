"""The running program on the demo company: ``python -m benchmarks.web``.

Starts ``regulars serve`` on a free port, logs in by the one-time link as a browser would, opens Today and a list of
people, waits, and reads what each process holds; then asks the pages a person opens most, over HTTP, 40 times each.
"""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import socket
import statistics
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks.homes import PEOPLE, company, folder
from benchmarks.process import PROGRAM
from benchmarks.rows import Row, answer

IDLE_MB, START_S, ASKED = 400, 3, 40
PAGES = (
    ("today", "/", None),
    ("list of 50, most valuable first", "/understand/people/", 150),
    ("list of 50, one stage, newest first", "/understand/people/?stage=lead&sort=-created", 150),
    ("one person", "/understand/people/{key}/", 100),
    ("search 李梅 (two characters)", "/understand/people/?q=李梅", 200),
    ("search box, 李梅", "/search/palette/?q=李梅", 200),
)


class Browser:
    """The least of a browser: cookies, the CSRF token of a form, and how long a page took."""

    def __init__(self, base: str) -> None:
        self.base = base
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def get(self, path: str) -> str:
        """The text of a page."""
        return self._text(urllib.parse.quote(path, safe="/?&=%"))

    def press(self, path: str) -> str:
        """Open a page with one form and send it."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path))
        assert token is not None, "the log-in page has no button"
        return self._text(path, urllib.parse.urlencode({"csrfmiddlewaretoken": token[1]}).encode())

    def _text(self, path: str, data: bytes | None = None) -> str:
        request = urllib.request.Request(self.base + path, data, {"Referer": self.base + path})
        with self.opener.open(request, timeout=60) as answered:
            return str(answered.read().decode())


def rows() -> list[Row]:
    home, _ = company(folder())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    begun = time.perf_counter()
    server = subprocess.Popen(
        [PROGRAM, "--home", str(home), "serve", "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        link = next(m[0] for line in server.stdout if (m := re.search(r"/login/[^/\s]+/", line)))
        browser = Browser(f"http://127.0.0.1:{port}")
        _answers(browser)
        started = time.perf_counter() - begun
        browser.press(link)
        browser.get("/")
        listed = browser.get("/understand/people/")
        time.sleep(5)
        idle = _processes(server.pid)
        key = next(iter(re.findall(r"/understand/people/([2-9b-z]{12})/", listed)))
        pages = [_page(browser, name, path.format(key=key), budget) for name, path, budget in PAGES]
        after = _processes(server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    web = idle["web"]
    return [
        Row(f"start of the program, {PEOPLE:,} people", f"{started:.1f} s", target=f"<= {START_S} s",
            met=started <= START_S),
        Row("web process, idle after Today and a list of people", f"{web:.0f} MB", target=f"<= {IDLE_MB} MB",
            met=web <= IDLE_MB),
        Row("  after the pages below", f"{after['web']:.0f} MB"),
        *(Row(f"  beside it: {name}", f"{size:.0f} MB") for name, size in idle.items() if name != "web"),
        *pages,
    ]  # fmt: skip


def _answers(browser: Browser) -> None:
    for _ in range(600):
        try:
            browser.get("/login/")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the program did not answer within 30 s")


def _processes(parent: int) -> dict[str, float]:
    """Resident MB of the program's processes: the one that starts the others, the web process and the worker."""
    sizes = {"supervisor": _resident(parent)}
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        if "resource_tracker" not in command:
            sizes["worker" if "jobs.worker" in command else "web"] = _resident(int(child))
    return sizes


def _resident(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _page(browser: Browser, name: str, path: str, budget: int | None) -> Row:
    browser.get(path)
    took = sorted(_milliseconds(lambda: browser.get(path)) for _ in range(ASKED))
    p95 = took[int(len(took) * 0.95) - 1]
    return Row(
        f"page: {name}",
        f"p50 {statistics.median(took):.0f} ms, p95 {p95:.0f} ms",
        target="" if budget is None else f"p95 <= {budget} ms",
        met=None if budget is None else p95 <= budget,
    )


def _milliseconds(what: Callable[[], object]) -> float:
    begun = time.perf_counter()
    what()
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    answer(rows)
