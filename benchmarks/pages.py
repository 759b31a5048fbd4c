"""How long the pages take on a company of a given size: ``python benchmarks/pages.py --people 250000``.

Times are of the whole request inside the process (URL, view, database, lake, template), without the network, next to
the budgets of the design. The home is kept, so a second run only measures.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    ("today", "/", None),
    ("person", "/understand/people/{key}/", 100),
    ("list, most valuable first", "/understand/people/", 150),
    ("list, newest first, one stage", "/understand/people/?sort=-created&stage=lead", 150),
    ("list, one segment by worth", "/understand/people/?segment=champions", 150),
    ("list, at risk by risk", "/understand/people/?activity=at_risk&sort=-churn", 150),
    ("list, search 李梅", "/understand/people/?q=李梅", 200),
    ("palette, 李梅", "/search/palette/?q=李梅", 200),
    ("palette, 静 (one character)", "/search/palette/?q=静", 200),
    ("palette, sil (first letters)", "/search/palette/?q=sil", 200),
    ("palette, last digits of a phone", "/search/palette/?q=1234", 200),
)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--people", type=int, default=250_000)
    ask.add_argument("--home", default="bench-home")
    ask.add_argument("--rounds", type=int, default=30)
    given = ask.parse_args()
    os.environ |= {"REGULARS_HOME": given.home, "DJANGO_SETTINGS_MODULE": "regulars.web.settings"}
    if not (Path(given.home) / "book.sqlite3").exists():
        rows = ROOT / "tests" / "web" / "company_rows.py"
        subprocess.run([sys.executable, str(rows), given.home, str(given.people)], check=True)
    import django

    django.setup()
    from django.test import Client

    from regulars.web.accounts.services import owner_ensure
    from regulars.web.people.models import Person

    client = Client()
    client.force_login(owner_ensure(), backend="django.contrib.auth.backends.ModelBackend")
    key = Person.objects.order_by("key").values_list("key", flat=True).first()
    print(f"{Person.objects.count():,} people, load {os.getloadavg()[0]:.1f}; milliseconds")
    for name, address, budget in PAGES:
        client.get(address.format(key=key))
        took = []
        for _ in range(given.rounds):
            begun = time.perf_counter()
            assert client.get(address.format(key=key)).status_code == 200
            took.append((time.perf_counter() - begun) * 1000)
        p50, p95 = statistics.median(took), sorted(took)[int(len(took) * 0.95)]
        verdict = "" if budget is None else f"budget {budget:>4}  {'kept' if p95 <= budget else 'MISSED'}"
        print(f"{name:<34} p50 {p50:7.1f}  p95 {p95:7.1f}  {verdict}")


if __name__ == "__main__":
    main()
