"""Does the loop earn? One small company whose truth is known, one week: habits, the blind loop, and an oracle.

The whole trial (five kinds of company, 26 weeks, several seeds) is ``make trial``.
"""

# %% A company where one channel never had any money; the owner lays down the same total for everybody.
from regulars.demo.trial import begin, run
from regulars.demo.trial_worlds import KINDS

kind = next(k for k in KINDS if k.key == "new_channel")
start = begin(kind, seed=1, people=4_000, cohort=6_000)
print(f"{start.rules.total / 100:,.0f} CNY and {start.rules.capacity} messages a week; never tried: {kind.untried[0]}")

# %% One week under each way of deciding; what counts is the expected contribution under the truth.
weeks = {name: run(start, name, weeks=1)[0] for name in ("last_quarter", "last_click_response", "loop", "oracle")}
base, best = weeks["last_quarter"].earned, weeks["oracle"].earned
for name, week in weeks.items():
    gained = (week.earned - base) / (best - base)
    print(f"{name:20} {gained:5.0%} of the oracle's extra; {week.sent} messages; "
          f"new channel {week.spend[kind.untried[0]] / 100:,.0f} CNY")  # fmt: skip

# %% The loop saw facts only: it borrows the curve of the new channel from the others, and tries it with little.
split = sorted(weeks["loop"].spend.items(), key=lambda kv: -kv[1])
print("the loop's split: " + ", ".join(f"{c} {x / 100:,.0f}" for c, x in split))
