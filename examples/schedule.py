"""When to write to whom: hours learnt from what people did, a plan for each hour's room, and hours at the desk."""

# %%
import numpy as np

from regulars.decide import DeskHours, HourResponse, SendSchedule

rng = np.random.default_rng(1)
people = 2_000
morning = rng.random(people) < 0.4
curve = np.where(np.arange(168) % 24 == 9, 8.0, 1.0), np.where(np.arange(168) % 24 == 20, 8.0, 1.0)
counts = np.stack([rng.multinomial(12, curve[0 if m else 1] / curve[0 if m else 1].sum()) for m in morning])
person, hour = np.nonzero(counts)

# %% Hours of response, each person drawn towards the others as far as the data ask for it
model = HourResponse().fit(person, hour, counts[person, hour], np.zeros(people, dtype=int))
print(f"A person's own hours weigh as much as everybody's after {model.own_:.0f} events.")

# %% The best hour for each message, 250 an hour at most
shares = model.shares(np.arange(people)).reshape(people, 7, 24).sum(axis=1)[:, 8:21] * 24
plan = SendSchedule({f"{h}:00": 250 for h in range(8, 21)}).decide(shares)
price = plan.shadow_prices["room:20:00"].more
print(f"Response {plan.value / shares.mean(axis=1).sum():.2f} times that of an average hour; proved to {plan.gap:.0e}.")
print(
    f"At 20:00 {plan.volume['20:00']} messages go out; one place more would bring {price:.2f} of an average response."
)

# %% Hours at the desk so that nine in ten tickets are answered within a day
arrivals = np.tile(np.where((np.arange(24) >= 9) & (np.arange(24) < 22), 0.5, 0.05), 7)
desk = DeskHours(an_hour=6, within=24, share=0.9).decide(arrivals)
print(f"{len(desk.solution)} hours a week answer {desk.in_time:.0%} of {arrivals.sum():.0f} tickets within a day.")
