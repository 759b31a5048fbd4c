# %% [markdown]
# # Who belongs together: a segment in a few sentences
# A rule is a little JSON. It is asked of everybody in one query, and kept true afterwards fact by fact and day by day.

# %%
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from regulars.demo import simulate
from regulars.understand import SegmentMembers, segment_people
from regulars.understand.segment_parser import RuleProblem, parse

zone = "Asia/Shanghai"
now = datetime(2026, 6, 1, 12, tzinfo=ZoneInfo(zone))
company = simulate(people=1_000, seed=3, until=now)
people = pa.table({"customer": pa.array(sorted({c for c in company.facts["orders"]["customer"].to_pylist() if c}))})

# %% [markdown]
# Regulars who went quiet: three orders or more in their life, the last one over 60 days ago, no visit for a month.

# %%
rule = parse({
    "all": [
        {"fact": "orders", "measure": "count", "op": "at_least", "value": 3},
        {"fact": "orders", "measure": "last", "op": "more_than", "value": 60},
        {"not": {"fact": "touches", "where": {"kind": "visit"}, "op": "at_least", "value": 1, "window": {"days": 30}}},
    ]
})  # fmt: skip
quiet = segment_people(rule, people=people, facts=company.facts, now=now, zone=zone, currency="CNY")
print(f"{len(quiet)} of {people.num_rows} customers were regulars and went quiet")

# %% [markdown]
# One of them comes back for a look: no query, one cell changes. Ten days later others have gone quiet.

# %%
segment = SegmentMembers(rule=rule, zone=zone, currency="CNY").fit(people, company.facts, now=now)
visit = {"customer": quiet[0].as_py(), "at": now, "day": now.date(), "kind": "visit"}
change = segment.apply("touches", [visit])
print(f"{len(change.left)} left at the very visit; {len(segment.members_)} remain")
change = segment.advance(now + timedelta(days=10))
print(f"ten days later {len(change.joined)} more have gone quiet, without reading the past again")

# %% [markdown]
# A mistake is named with its place and with what would be right there.

# %%
try:
    parse({"all": [{"fact": "orders", "measure": "median", "op": "at_least", "value": 3}]})
except RuleProblem as problem:
    print(problem)
