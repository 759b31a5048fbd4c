"""The demo company's partners, written into the book as an owner would."""

from __future__ import annotations

from datetime import datetime, timedelta

import ibis
from django.db import transaction

from regulars.demo.partners import demo_partners
from regulars.web.bridge.lake import lake
from regulars.web.partners.models import Agreement, Partner, Payment, Rules


def demo_partners_write(now: datetime) -> None:
    """Add them once; the budget covers about half of what all offers cost."""
    orders = lake().table("orders")
    last = orders.filter(orders.status == "paid", orders.day > ibis.literal((now - timedelta(days=365)).date()))
    sums = last.group_by("market").aggregate(revenue=last.amount.sum()).to_pyarrow().to_pylist()
    revenue = sum(r["revenue"] for r in sums)
    made = demo_partners(int(revenue), [r["market"] for r in sums if r["market"]], now.date())
    if Partner.objects.exists() or revenue <= 0:
        return
    known = {p["code"] for p in made["partners"]}
    with transaction.atomic():
        Partner.objects.bulk_create(Partner(**p, changed_at=now) for p in made["partners"])
        Agreement.objects.bulk_create(
            Agreement(uid=a["uid"], partner_id=a["partner"], start=a["start"], end=a["end"], terms=a["terms"],
                      changed_at=now)
            for a in made["agreements"] if a["partner"] in known
        )  # fmt: skip
        Payment.objects.bulk_create(
            Payment(partner_id=p["partner"], due=p["due"], paid=p["paid"], amount=p["amount"])
            for p in made["payments"] if p["partner"] in known
        )  # fmt: skip
        Rules.objects.create(pk=1, budget=sum(p["cost"] for p in made["partners"]) // 2, concentration=0.6)
