"""A real server on a temporary home, and a real browser that looks at it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "artifacts" / "screenshots"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A running program: its address, its home, and a way to make log-in links."""

    url: str
    home: Path
    environment: dict[str, str]

    def login_link(self) -> str:
        """A fresh one-time link, made as the command line makes it."""
        code = (
            "import django; django.setup()\n"
            "from regulars.web.accounts.services import login_link_make, owner_ensure\n"
            "print(login_link_make(owner_ensure()))"
        )
        done = subprocess.run([sys.executable, "-c", code], env=self.environment, capture_output=True, check=True)
        return f"{self.url}/login/{done.stdout.decode().strip()}/"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=2).read()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the server did not start:\n{log.read_text('utf-8')[-2000:]}")


@pytest.fixture(scope="session")
def assets():
    """Third-party scripts and styles, put in place as a set-up does."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine; make test installs one")
    subprocess.run([sys.executable, "-m", "regulars.web.vendor"], check=True, cwd=ROOT)


@pytest.fixture(scope="session")
def site(tmp_path_factory, assets):
    """The company of ``tests/web/company_rows.py``, served by granian."""
    home = tmp_path_factory.mktemp("e2e") / "home"
    port = free_port()
    environment = {
        **os.environ,
        "REGULARS_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "regulars.web.settings",
        "OMP_NUM_THREADS": "1",
    }
    rows = ROOT / "tests" / "web" / "company_rows.py"
    subprocess.run([sys.executable, str(rows), str(home)], check=True, env=environment)
    log = home.parent / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
             "--workers", "1", "--blocking-threads", "4", "--workers-kill-timeout", "5",
             "regulars.web.wsgi:application"],
            env=environment, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/login/", process, log)
        yield Site(url, home, environment)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def environment_of_owner() -> dict[str, str]:
    """The environment without what the tests put there for Django."""
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "regulars.web.settings", "OMP_NUM_THREADS": "1"}


def regulars(home: Path, *arguments: str) -> str:
    """Run a command as the owner does, on a home; what it printed."""
    command = [str(Path(sys.executable).with_name("regulars")), "--home", str(home), *arguments]
    done = subprocess.run(command, env=environment_of_owner(), capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory, assets) -> Path:
    """A small demo company; a test that changes it takes a copy."""
    home = tmp_path_factory.mktemp("demo") / "home"
    regulars(home, "--lang", "zh", "demo", "--people", "600")
    return home


@dataclass(frozen=True)
class Program:
    """A program the owner started in a terminal: its address, its home and the link it printed."""

    url: str
    home: Path
    link: str

    def regulars(self, *arguments: str) -> str:
        return regulars(self.home, *arguments)


@pytest.fixture
def serve(demo_home, tmp_path):
    """``serve(language="en", smtp_port=...)``: a copy of the demo company, run as its owner would."""
    from regulars.home import Home

    started = []

    def serve(**settings) -> Program:
        home = tmp_path / "home"
        shutil.copytree(demo_home, home)
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        Home(home).change(base_url=url, **settings)
        log = tmp_path / "serve.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [str(Path(sys.executable).with_name("regulars")), "--home", str(home), "serve", "--port", str(port),
                 "--threads", "4"],
                env=environment_of_owner(), stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        started.append(process)
        wait_for(f"{url}/login/", process, log)
        link = re.search(r"http://\S+/login/[^/\s]+/", log.read_text("utf-8"))
        assert link, log.read_text("utf-8")
        return Program(url, home, link.group())

    yield serve
    for process in started:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="session")
def browser(assets):
    """One Chromium for the whole run."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def session_state(site, browser):
    """Cookies of the logged-in owner, taken once by pressing the button of a one-time link."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.login_link())
    page.click("form:not([action]) button")
    page.wait_for_url(f"{site.url}/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(site, browser, session_state):
    """``open_page("zh-hans", dark=True, phone=True)``: a page of the logged-in owner that fails on any script error."""
    contexts, problems = [], []

    def opened(language: str = "zh-hans", *, dark: bool = False, phone: bool = False):
        context = browser.new_context(
            storage_state=session_state,
            viewport={"width": 390, "height": 844} if phone else {"width": 1360, "height": 900},
            color_scheme="dark" if dark else "light",
            locale="zh-CN" if language.startswith("zh") else "en-GB",
            has_touch=phone,
            device_scale_factor=1,
        )
        context.add_cookies([{"name": "regulars_language", "value": language, "url": site.url}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        page.on("console", lambda m: problems.append(f"console: {m.text}") if m.type == "error" else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not problems, problems


@pytest.fixture
def shoot():
    """Keep a picture under ``artifacts/screenshots/<language>/``."""

    def shot(page, language: str, name: str, *, whole: bool = True) -> Path:
        path = ARTIFACTS / language / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.wait_for_load_state("load")
        page.wait_for_timeout(350)
        page.screenshot(path=str(path), full_page=whole, animations="disabled")
        return path

    return shot
