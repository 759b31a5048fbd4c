"""What the owner asks of the split on the page: total, limits, what is held, what it should be best for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from regulars.tables import currency_digits

# How carefully: the mean over what is plausible, or the mean of the worst fifth of it.
CAUTIOUS = 0.2
LARGEST = Decimal(10) ** 12
STEP = 20


class WishProblem(ValueError):
    """A wish that is no amount of money: says which field and what to write."""


@dataclass(frozen=True)
class Wish:
    """What is asked of one channel, minor units a week; ``at`` is the place of its slider, held when ``held``."""

    at: int
    held: bool = False
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class Wishes:
    """Everything asked for in one go; ``changed`` is False for the plan's own."""

    total: int
    channels: Mapping[str, Wish]
    objective: str = "contribution"
    cautious: bool = False
    today: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, body: Mapping[str, Any], proposed: Mapping[str, int] | None = None,
           used: Mapping[str, Any] | None = None) -> Wishes:  # fmt: skip
        """The sliders where the plan stands: with the wishes ``used`` for its split, else the owner's kept limits."""
        rows, at, own = body["channels"], proposed or {}, (used or {}).get("channels") or {}
        today = {r["channel"]: r["today"] for r in rows}
        channels = {
            r["channel"]: Wish(*own[r["channel"]]) if r["channel"] in own
            else Wish(r["today"] if r["frozen"] else at.get(r["channel"], r["today"]), r["frozen"], r["low"], r["high"])
            for r in rows
        }  # fmt: skip
        if not used:
            return cls(body["total"], channels, body.get("objective", "contribution"), bool(body.get("risk")), today)
        return cls(used["total"], channels, used["objective"], used["cautious"], today)

    def plain(self) -> dict[str, Any]:
        """The wishes as plain data, kept beside the split they led to."""
        return {"total": self.total, "objective": self.objective, "cautious": self.cautious,
                "channels": {n: [w.at, w.held, w.low, w.high] for n, w in self.channels.items()}}  # fmt: skip

    @classmethod
    def read(cls, given: Mapping[str, str], body: Mapping[str, Any], currency: str) -> Wishes:
        """The wishes of a posted form, in whole units of the currency; raises ``WishProblem``."""
        base = cls.of(body)
        own = {}
        for i, (name, was) in enumerate(base.channels.items()):
            at = amount(given.get(f"at-{i}"), currency)
            own[name] = Wish(was.at if at is None else _near(at, was.at, base.today[name], currency),
                             f"held-{i}" in given, amount(given.get(f"low-{i}"), currency),
                             amount(given.get(f"high-{i}"), currency))  # fmt: skip
        total = amount(given.get("total"), currency)
        objective = given.get("objective") or base.objective
        if objective not in body["objectives"]:
            objective = "contribution"
        return cls(base.total if total is None else _near(total, base.total, base.total, currency), own, objective,
                   given["risk"] == "cautious" if "risk" in given else base.cautious, base.today)  # fmt: skip

    def without(self, code: str) -> Wishes:
        """The same wishes with one of them given up, by its code (``at_least:search``, ``total`` ...)."""
        head, _colon, name = code.partition(":")
        if head == "total":
            # Enough for what is asked at least, so that giving up the total always helps.
            need = sum(w.at if w.held else w.low or 0 for w in self.channels.values())
            return replace(self, total=max(sum(self.today.values()), need))
        if name not in self.channels:
            return self
        gone: dict[str, Any] = {
            "at_least": {"low": None, "held": False}, "at_most": {"high": None, "held": False},
            "frozen": {"held": False},
        }.get(head, {})  # fmt: skip
        return replace(self, channels={**self.channels, name: replace(self.channels[name], **gone)})

    def stepped(self, step: str) -> Wishes:
        """The same with a button pressed: ``total:-20`` changes the total by so many per cent, ``around:search``
        keeps a channel within 20 % of today, ``free:search`` lets it go."""
        head, _colon, rest = step.partition(":")
        if head == "total" and rest.lstrip("+-").isdigit():
            return replace(self, total=max(round(self.total * (100 + int(rest)) / 100), 0))
        if head in ("around", "free") and rest in self.channels:
            now = self.today[rest]
            ends = (
                (round(now * (100 - STEP) / 100), round(now * (100 + STEP) / 100)) if head == "around" else (None,) * 2
            )
            own = replace(self.channels[rest], low=ends[0], high=ends[1], held=False)
            return replace(self, channels={**self.channels, rest: own})
        return self

    def asked(self) -> dict[str, Any]:
        """The keyword arguments of ``decide.what_if.resolve``."""
        frozen = [n for n, w in self.channels.items() if w.held and w.at == self.today[n]]
        limits = {
            n: {"low": w.at, "high": w.at} if w.held and n not in frozen else {"low": w.low, "high": w.high}
            for n, w in self.channels.items()
        }
        return {"total": self.total, "limits": limits, "frozen": frozen, "objective": self.objective,
                "risk": CAUTIOUS if self.cautious else None}  # fmt: skip

    def kept(self) -> dict[str, tuple[int | None, int | None, bool]]:
        """What to keep as limits: low, high and frozen by channel; a channel without any wish is left out."""
        out = {}
        for n, w in self.channels.items():
            frozen = w.held and w.at == self.today[n]
            low, high = (w.at, w.at) if w.held and not frozen else (w.low, w.high)
            if frozen or low is not None or high is not None:
                out[n] = (None, None, True) if frozen else (low, high, False)
        return out


def amount(text: str | None, currency: str) -> int | None:
    """An amount as typed, in minor units; None for nothing.

    >>> amount("1,200.5", "CNY"), amount(" ", "CNY"), amount("700", "JPY")
    (120050, None, 700)
    """
    clean = (text or "").strip().replace(",", "").replace("，", "").replace(" ", "")
    if not clean:
        return None
    try:
        value = Decimal(clean)
    except InvalidOperation:
        raise WishProblem(_("“%(text)s” is not an amount; write one like 1200.") % {"text": text}) from None
    if not value.is_finite() or not 0 <= value <= LARGEST:
        raise WishProblem(_("“%(text)s” cannot be spent in a week.") % {"text": text})
    return int((value * 10 ** currency_digits(currency)).to_integral_value())


def _near(asked: int, *known: Any) -> int:
    """Sliders and fields show whole units: what is nearer than half a unit to a known amount is that amount."""
    *amounts, currency = known
    half = 10 ** currency_digits(currency) / 2
    return next((a for a in amounts if abs(asked - a) <= half), asked)
