"""Install Debian's chromium and a Chinese font where the tests may: as root on Debian, when they are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FONTS = ("/usr/share/fonts/truetype/wqy", "/usr/share/fonts/opentype/noto")


def missing() -> list[str]:
    """The packages that are not there yet."""
    packages = [] if any(map(shutil.which, BROWSERS)) else ["chromium"]
    if not any(Path(folder).is_dir() for folder in FONTS):
        packages.append("fonts-wqy-microhei")
    return packages


def main() -> int:
    """Install what is missing, or say what will be skipped without it."""
    wanted = missing()
    if not wanted:
        return 0
    may = shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0
    if not may:
        print(f"The browser tests need {' and '.join(wanted)}; without them they are skipped.", file=sys.stderr)
        return 0
    print(f"Installing {' and '.join(wanted)} for the browser tests")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *wanted]):
        done = subprocess.run(
            ["apt-get", *command], env=environment, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        if done.returncode:
            print(done.stderr.decode(errors="replace")[-2000:], file=sys.stderr)
            print("They could not be installed; the browser tests are skipped.", file=sys.stderr)
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
