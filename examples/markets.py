"""Three markets, one budget: the answers that texts of this trade get wrong."""

from regulars.decide.markets import serve_markets

demand, price, cost, churn = (1000, 800, 600), (100, 120, 150), (50, 60, 70), (0.1, 0.2, 0.3)
for model in ("share_sum", "share_each", "binary"):
    answer = serve_markets(demand, price, cost, churn, budget=90_000, model=model)
    print(model, answer.solution, answer.value, "bound", answer.bound)
