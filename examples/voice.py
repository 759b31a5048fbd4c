# %% [markdown]
# What do customers say? Tone from the first text on, topics by name, what presses, and how sure the marks are.
# Runs in a notebook, without a server; nothing leaves this machine.

# %%
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.demo import simulate
from regulars.understand import Sentiment, Topics, voice_summary
from regulars.understand.emotion import urgency

company = simulate(people=2_000, seed=3, until=datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
said = company.texts.to_pandas()

# %% Nobody has labelled anything yet; the texts themselves teach the words of the trade.
model = Sentiment().fit(said["text"])
said["tone"] = model.tone(said["text"])
known = said[said["sentiment"] != "neutral"]
print(
    said["tone"].value_counts().to_dict(),
    "right without a label:",
    f"{(model.predict(known['text']) == (known['sentiment'] == 'positive')).mean():.1%}",
)
print("why:", model.reasons(known["text"].iloc[0], most=3))

# %% Topics, named by their words.
topics = Topics().fit(said["text"])
for topic in topics.topics_[:5]:
    print(topic.size, "texts:", ", ".join(topic.words[:4]))

# %% What can not wait.
score, reason = urgency(said["text"].tolist())
print("most pressing:", reason[score.argmax()], "-", said["text"].iloc[int(score.argmax())])

# %% Marks with their margins.
print(voice_summary(company.facts["feedback"].select(["kind", "score"])).to_pandas().round(2).to_string(index=False))
