"""What next: what is bought together, what to offer a customer and how likely they buy it, and forgetting somebody.

Works in a notebook, without a server: any table of order lines goes in, the same kind of table comes out.
"""

# %% Order lines of the simulated company: who bought which product on which day.
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.demo import simulate
from regulars.understand import EASE, BasketRules, CrossSell

company = simulate(people=2_000, seed=3, until=datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
lines = company.facts["order_lines"].to_pandas()

# %% Bought together, more often than luck would have it.
rules = BasketRules(min_support=0.005).fit(lines)
for rule in rules.kept_.to_pylist()[:4]:
    print(
        f"who buys {rule['product']} also buys {rule['then']}: {rule['confidence']:.0%} of the time, "
        f"{rule['lift']:.1f} times chance, {rule['baskets']} orders"
    )
print(f"{rules.rules_.num_rows - rules.kept_.num_rows} more rules may be luck, or say nothing a shorter one does not")

# %% What goes with a basket, and why.
ease = EASE().fit(lines)
for product, _score, because in ease.suggest(["GPU-PACK", "LABELS"], 3):
    print(f"with GPU-PACK and LABELS goes {product}, most of all because of {because}")

# %% How likely each customer buys each product within 30 days, tested on days the model had not seen.
model = CrossSell(horizon_days=30).fit(lines)
figures = {name: value for name, value, _low, _high in model.card_.metrics}
print(f"test: {figures['forecast']:.0f} purchases foretold, {figures['actual']:.0f} came; AUC {figures['auc']:.2f}")
likely = model.predict(lines).nlargest(3, "chance")
print(likely[["customer", "product", "chance", "low", "high", "because"]].to_string(index=False))

# %% Forgetting a customer is exact: the counts are those of a model that never knew them.
somebody = lines["customer"].iloc[0]
ease.erase(lines[lines["customer"] == somebody])
fresh = EASE(lam=ease.lam_).fit(lines[lines["customer"] != somebody])
print("forgotten exactly:", ease.items_ == fresh.items_ and bool((ease.gram_ == fresh.gram_).all()))
