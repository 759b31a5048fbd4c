"""A small company with known rows in book and lake; to look at the pages: ``python tests/web/company_rows.py HOME``."""

from __future__ import annotations

import os
import random
import sys
from datetime import UTC, datetime, timedelta

SURNAMES = "王李张刘陈杨黄赵周吴"
GIVEN = ("伟", "秀英", "梅", "小明", "丽", "建国", "雨桐", "子涵", "浩然", "静")
FIRST = ("Ana", "Bruno", "Carla", "David", "Elena", "Felix")
LAST = ("Silva", "Müller", "Novak", "Costa", "Brown")
CHANNELS = ("organic", "paid_search", "social", "referral", "email")
NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)


def fill(home, *, people: int = 300, now: datetime = NOW, with_lake: bool = True) -> dict[str, str]:
    """Make the rows; returns the keys of a few people the tests look at."""
    from regulars.web.accounts.services import owner_ensure
    from regulars.web.answers.models import Answer
    from regulars.web.consents.models import Consent
    from regulars.web.deals.models import Deal
    from regulars.web.imports.models import ImportRun
    from regulars.web.outbox.models import Message
    from regulars.web.people.models import Company, Identity, Person, PersonScore
    from regulars.web.plans.models import Plan, PlanRow, Turn
    from regulars.web.search.services import index, index_companies
    from regulars.web.segments.models import Segment

    rng = random.Random(7)
    owner_ensure()
    companies = [
        Company(key=f"c{i:011d}", name=name, folded=name.lower(), industry="tea", country="CN", created_at=now)
        for i, name in enumerate(("灯塔科技有限公司", "海风贸易", "Northwind GmbH"))
    ]
    Company.objects.bulk_create(companies)
    rows, scores, consents, identities = [], [], [], []
    for i in range(people):
        chinese = i % 3 != 2
        name = rng.choice(SURNAMES) + rng.choice(GIVEN) if chinese else f"{rng.choice(FIRST)} {rng.choice(LAST)}"
        if i == 0:
            name = "李梅"
        key = f"p{i:011d}"
        born = now - timedelta(days=rng.uniform(5, 900))
        rows.append(Person(
            key=key, name=name, company=companies[i % 3] if i % 10 == 0 else None, email=f"person{i}@example.com",
            phone=f"+86138{i:08d}", city="上海" if chinese else "Berlin", country="CN" if chinese else "DE",
            language="zh" if chinese else "en", stage="customer" if i % 4 else "lead", channel=CHANNELS[i % 5],
            market="CN" if chinese else "DE", source="shop", created_at=born, updated_at=born,
        ))  # fmt: skip
        identities.append(Identity(kind="email", value=f"person{i}@example.com", person_id=key, source="shop",
                                   verified=True, created_at=born))  # fmt: skip
        identities.append(Identity(kind="external_id", value=f"shop:{1000 + i}", person_id=key, source="shop",
                                   created_at=born))  # fmt: skip
        consents.append(Consent(person_id=key, channel="email", state="granted" if i % 5 else "denied",
                                basis="opt_in", source="shop", at=born))  # fmt: skip
        if i % 4:
            clv, churn = int(rng.lognormvariate(11, 1)), rng.random()
            activity = "at_risk" if churn > 0.7 else "loyal" if churn < 0.2 else "active"
            scores.append(PersonScore(
                person_id=key, recency_days=round(churn * 300), orders=1 + i % 9, spent=clv * 2, rfm="5-4-3",
                segment=("champions", "at_risk", "promising")[i % 3], activity=activity, p_alive=1 - churn,
                expected_orders=2.0, clv=clv, clv_low=int(clv * 0.7), clv_high=int(clv * 1.4), churn=churn,
                churn_low=max(churn - 0.1, 0), churn_high=min(churn + 0.1, 1),
                why={"clv": "p_alive=0.6;expected_orders=2.0;value_per_order=30000",
                     "churn": f"days_since_last={round(churn * 300)};orders=3;own_gap=40;usual_gap=38"},
                made_by="bgnbd/1", made_at=now,
            ))  # fmt: skip
    first = rows[0]
    scores.append(PersonScore(
        person_id=first.key, recency_days=12, orders=14, spent=2_480_000, rfm="5-5-5", segment="champions",
        activity="loyal", p_alive=0.82, expected_orders=6.1, clv=1_240_000, clv_low=980_000, clv_high=1_560_000,
        churn=0.18, churn_low=0.1, churn_high=0.3, why={"clv": "p_alive=0.82;expected_orders=6.1;value_per_order=38000",
             "churn": "days_since_last=12;orders=14;own_gap=25;usual_gap=38"},
        made_by="bgnbd/1", made_at=now,
    ))  # fmt: skip
    first.note = "喜欢龙井，生日三月。"
    Person.objects.bulk_create(rows)
    PersonScore.objects.bulk_create(scores)
    Identity.objects.bulk_create(identities)
    Consent.objects.bulk_create(consents)
    for key, size in (("champions", 90), ("at_risk", 70), ("promising", 60)):
        Segment.objects.create(key=key, method="rules", size=size, share=size / people, worth=size * 90_000,
                               made_by="rfm/1", made_at=now)  # fmt: skip
    Answer.objects.create(source="survey", external_id="1", person=first, kind="csat", score=5,
                          text="茶很香，包装也好。下次还会买。", at=now - timedelta(days=11))  # fmt: skip
    Deal.objects.create(source="crm", external_id="d1", title="年度礼盒", person=first, company=companies[0],
                        stage="报价", type="won", amount=880_000, currency="CNY",
                        opened_at=now - timedelta(days=60), closed_at=now - timedelta(days=40))  # fmt: skip
    done = Plan.objects.create(uid="plan-1", state="measured", currency="CNY", made_at=now - timedelta(days=14),
                               lake_version="orders=1", predicted=510_000, predicted_low=200_000,
                               predicted_high=810_000, realised=442_000, realised_low=290_000,
                               realised_high=590_000, measured_at=now)  # fmt: skip
    plan = Plan.objects.create(uid="plan-2", state="proposed", currency="CNY", made_at=now, lake_version="orders=2",
                               predicted=862_000, predicted_low=310_000, predicted_high=1_420_000)  # fmt: skip
    best = [
        PlanRow(id=f"plan-2/{i}", plan=plan, kind="next_best", person=p, channel="email",
                subject=("win_back", "cross_sell", "care")[i % 3], value=86_000 - i * 3_000,
                low=31_000 - i * 1_000, high=142_000 - i * 2_000, made_by="next_best/1",
                why="activity=at_risk;prior_uplift=0.005;stake=1240000;cost=5;stake_is_lifetime")
        for i, p in enumerate(rows[:12])
    ]  # fmt: skip
    budget = [
        PlanRow(id=f"plan-2/b{c}", plan=plan, kind="budget", subject=c, today=100_000, proposed=90_000 + 8_000 * i,
                value=46_000, low=18_000, high=72_000, why="")
        for i, c in enumerate(CHANNELS)
    ]  # fmt: skip
    PlanRow.objects.bulk_create([*best, *budget])
    Turn.objects.create(now=now, lake_version="orders=2", plan="plan-2", seconds=3.2, ended_at=now)
    Message.objects.create(uid="m1", person=first, plan=done, action="win_back", language="zh", subject="好久不见",
                           state="sent", created_at=now - timedelta(days=13), sent_at=now - timedelta(days=13),
                           updated_at=now)  # fmt: skip
    ImportRun.objects.create(uid="run1", file_name="订单2026-02.xlsx", sha256="0" * 64, source="shop", state="ready",
                             created_at=now)  # fmt: skip
    index([p.key for p in rows])
    index_companies([c.key for c in companies])
    if with_lake:
        facts(home, first.key, now, rng)
    return {"li_mei": first.key, "company": companies[0].key, "lead": rows[4].key, "plan": plan.uid}


def facts(home, key: str, now: datetime, rng: random.Random) -> None:
    """Orders, touches and key figures in the lake."""
    from regulars import tables
    from regulars.lake import Lake

    lake = Lake(home.lake_path)
    fact = {"source": "shop", "revision": 0, "recorded_at": now, "customer": key, "channel": "organic", "market": "CN"}
    at = [now - timedelta(days=12 + 25 * i, hours=i) for i in range(40)]
    days = [(t + timedelta(hours=8)).date() for t in at]
    amounts = [rng.randint(8_000, 60_000) for _ in at]
    lake.append("orders", tables.TABLES["orders"].fill({
        **fact, "id": [f"A-{2000 + i}" for i in range(40)], "at": at, "day": days, "kind": "sale", "status": "paid",
        "amount": amounts, "ordered": amounts, "currency": "CNY",
    }, 40), "shop", 1)  # fmt: skip
    lake.append("touches", tables.TABLES["touches"].fill({
        **fact, "id": [f"T-{i}" for i in range(40)], "at": [t - timedelta(hours=3) for t in at], "day": days,
        "kind": "visit", "campaign": "spring",
    }, 40), "shop", 1)  # fmt: skip
    made = {"made_by": "kpis/1", "made_at": now, "lake_version": "orders=2", "why": ""}
    local = (now + timedelta(hours=8)).date()
    monday = local - timedelta(days=local.weekday())
    rows = []
    for name, size in (("revenue", 9_000_000), ("new_customers", 38), ("cac", 9_800), ("repeat_rate", 0.41),
                       ("csat", 0.87), ("first_response_s", 5400), ("orders", 260)):  # fmt: skip
        for i in range(30):
            value = size * (1 + 0.006 * (30 - i)) * rng.uniform(0.9, 1.1)
            value = min(value, 1.0) if name == "csat" else value
            rows.append((name, monday - timedelta(days=7 * i), "week", value))
        rows += [(name, local - timedelta(days=i), "day", size / 7 * rng.uniform(0.8, 1.2)) for i in range(15)]
    names, day, grain, values = zip(*rows, strict=True)
    money = [("CNY" if n in ("revenue", "cac") else None) for n in names]
    lake.append("kpis", tables.TABLES["kpis"].fill({
        **made, "name": list(names), "day": list(day), "grain": list(grain), "value": list(values), "currency": money,
    }, len(rows)), "loop", 1)  # fmt: skip


if __name__ == "__main__":
    os.environ["REGULARS_HOME"] = sys.argv[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.web.settings")
    from regulars.home import Home

    Home(sys.argv[1]).create(company="灯塔茶 Lighthouse Tea", currency="CNY")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    moment = datetime.now(UTC) - timedelta(hours=2)
    print(fill(Home(sys.argv[1]), people=int(sys.argv[2]) if len(sys.argv) > 2 else 300, now=moment))
