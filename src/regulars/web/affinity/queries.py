"""Reads of what next: the board with titles, and what one person has."""

from __future__ import annotations

from typing import Any

from regulars.web.bridge.lake import lake
from regulars.web.catalog.queries import titles_of
from regulars.web.findings.queries import Found, finding
from regulars.web.people.queries import score_of

AND = " + "


class Titles:
    """Codes to the words an owner knows; a code without a title stays as it is."""

    def __init__(self, skus: Any) -> None:
        self.known = titles_of(skus)

    def __call__(self, code: str) -> str:
        return AND.join(self.known.get(part) or part for part in code.split(AND))

    def short(self, code: str, most: int = 18) -> str:
        text = self(code)
        return text if len(text) <= most else text[: most - 1] + "…"

    def codes(self) -> dict[str, str]:
        return {title: sku for sku, title in self.known.items()}


def board() -> Found | None:
    """What the last turn found, None while there is nothing to say."""
    return finding("affinity")


def codes_in(body: dict[str, Any]) -> set[str]:
    """Every product code the page shows."""
    found = {p["product"] for p in body["products"]} | set(body["near"])
    for row in (*body["rules"], *body["follows"], *body["matrix"]):
        found |= {*row["product"].split(AND), row["then"]}
    found |= {o[0] for s in body["segments"] for o in s["offers"]}
    return found | {p for near in body["near"].values() for p, _w in near}


def next_product(key: str) -> tuple[dict[str, Any], str, Any] | None:
    """The next product of a person as last computed, and its reason codes."""
    score = score_of(key)
    if score is None or not score.more.get("next_product", {}).get("label"):
        return None
    return score.more["next_product"], score.why.get("next_product", ""), score


def bought_by(key: str) -> list[str]:
    """The product codes a person bought and kept, the newest first."""
    rows = lake().customer("order_lines", key)
    rows = rows.select(["product", "quantity", "goods"]).to_pylist()[::-1]
    left: dict[str, float] = {}
    for r in rows:
        if r["goods"] is not False:
            left[r["product"]] = left.get(r["product"], 0.0) + r["quantity"]
    return [p for p, n in left.items() if n > 0]
