"""The word for each key that tables and models use; the keys never change, the words are for the owner."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.web.words import (
    ahead,
    alarms,
    capacity,
    contacts,
    credit,
    influence,
    leaving,
    mix,
    moments,
    partners,
    planning,
    trying,
    voice,
    what_next,
    worth,
)
from regulars.web.words.kpis import kpi_title

LABELS = {
    "stage": {
        "subscriber": _("Subscriber"), "lead": _("Lead"), "marketingqualifiedlead": _("Promising lead"),
        "salesqualifiedlead": _("Sales-ready lead"), "opportunity": _("Opportunity"), "customer": _("Customer"),
        "evangelist": _("Evangelist"), "other": _("Other"),
    },
    "activity": {
        "new": pgettext_lazy("customer", "New"), "active": _("Active"), "loyal": _("Loyal"),
        "at_risk": _("At risk"), "dormant": _("Dormant"), "lost": pgettext_lazy("customer", "Lost"),
    },
    "plan": {
        "proposed": _("Proposed"), "approved": _("Approved"), "running": _("Running"), "measured": _("Measured"),
        "rejected": _("Rejected"), "superseded": _("Replaced by a newer one"),
    },
    "row": {
        "proposed": _("Proposed"), "approved": _("Approved"), "declined": _("Not done"), "done": _("Done"),
        "denied": _("Held back by the gate"),
    },
    "message": {
        "queued": _("Queued"), "claimed": _("Being sent"), "sent": _("Sent"), "failed": _("Failed"),
        "unknown": _("Unclear"), "denied": _("Held back"), "holdout": _("Holdout"), "sandboxed": _("Kept in sandbox"),
        "bounced": _("Bounced"), "unsubscribed": _("Unsubscribed"),
    },
    "deal": {"open": _("Open"), "won": pgettext_lazy("deal", "Won"), "lost": pgettext_lazy("deal", "Lost")},
    "ticket": {
        "new": pgettext_lazy("ticket", "New"), "open": _("Open"), "pending": _("Pending"), "hold": _("On hold"),
        "solved": _("Solved"), "closed": _("Closed"),
    },
    "import": {
        "uploaded": _("Uploaded"), "ready": _("Ready to check"), "queued": _("Queued"), "running": _("Running"),
        "done": _("Done"), "failed": _("Failed"), "undone": _("Undone"), "checked": _("Checked, not imported"),
    },
    "job": {
        "ready": _("Waiting to start"), "running": _("Running"), "done": _("Done"), "failed": _("Failed"),
        "cancelled": _("Cancelled"),
    },
    "job_name": {
        "wheel_turn": _("Turning the wheel"), "messages_send": _("Sending messages"),
        "file_import": _("Reading a file"), "demo_make": _("Making the demo company"),
        "backup_make": _("Writing a backup"), "segment_find": _("Finding the people of a segment"),
        "watch_fetch": _("Reading what is watched"),
    },
    "doing": {
        "collect": _("taking in what is new"), "understand": _("getting to know customers"),
        "measure": _("measuring what it earned"), "decide": _("weighing what to do"), "act": _("preparing messages"),
        "watch": _("looking outside"),
        "report": _("writing the report"), "queue": _("judging each message"), "send": _("sending"),
        "read": _("reading the file"), "people": _("recognising people"), "compare": _("comparing with what is known"),
        "store": _("storing"), "done": _("finishing"), "backup": _("copying"), "check": _("checking"),
    },
    "verdict": {
        "gain": _("Proven gain"), "none": _("No gain"), "undecided": _("Not decided yet"),
        "counting": _("Still counting"), "unfair": _("Not to be trusted"),
    },
    "kind": {
        "orders": _("Orders"), "order_lines": _("Orders with products"), "people": _("People"),
        "spend": _("Marketing spend"), "events": _("Events"), "feedback": _("Feedback and tickets"),
        "subscriptions": _("Subscriptions"), "deals": _("Deals"),
    },
    "consent": {"granted": _("Allowed"), "denied": _("Refused")},
    "basis": {
        "opt_in": _("signed up"), "customer": _("is a customer"), "import": _("from an imported file"),
        "unsubscribe": _("unsubscribed"), "owner": _("noted by you"),
    },
    "identity": {
        "email": _("E-mail"), "phone": _("Phone"), "external_id": _("External id"), "external": _("External id"),
        "device": _("Device"), "wechat_unionid": _("WeChat"), "unionid": _("WeChat"),
    },
    "channel": {
        "email": _("E-mail"), "phone": _("Phone"), "wechat": _("WeChat"), "sms": _("Text message"),
        "web": _("Website"), "direct": _("Direct"), "organic": _("Organic search"), "search": _("Search ads"),
        "organic_search": _("Organic search"), "paid_search": _("Search ads"), "social": _("Social"),
        "paid_social": _("Social ads"), "display": _("Display ads"), "referral": _("Referral"),
        "affiliate": _("Affiliates"), "partner": _("Partners"), "store": _("Shop"), "offline": _("Offline"),
        "marketplace": _("Marketplace"), "sales": _("Sales team"), "video": _("Video"),
        "content": _("Content"), "agents": _("Agents"), "douyin": _("Douyin"), "events": _("Fairs and events"),
        "offline_media": _("Offline media"), "other": _("Other"), "unknown": _("Unknown"),
    },
    "market": {
        "software": _("Software"), "ecommerce": _("Online shops"), "education": _("Education"),
        "media": _("Media"), "gaming": _("Games"), "manufacturing": _("Manufacturing"),
        "healthcare": _("Health care"), "finance": _("Finance"), "retail": _("Retail"), "travel": _("Travel"),
        "food": _("Food"), "energy": _("Energy"), "logistics": _("Logistics"), "government": _("Public sector"),
        "CN": _("China"), "US": _("United States"), "JP": _("Japan"), "KR": _("Korea"), "GB": _("United Kingdom"),
        "DE": _("Germany"), "FR": _("France"), "SG": _("Singapore"), "HK": _("Hong Kong"), "TW": _("Taiwan"),
    },
    "fact": {
        "sale": _("Order"), "order": _("Order"), "refund": _("Refund"), "visit": _("Visit"), "click": _("Click"),
        "impression": _("Ad seen"), "message": _("Message"), "call": _("Call"), "event": _("Event"),
        "referral": _("Referral"), "start": _("Subscription started"), "renewal": _("Subscription renewed"),
        "upgrade": _("Upgraded"), "downgrade": _("Downgraded"), "cancel": _("Subscription cancelled"),
        "csat": _("Rating"), "nps": _("Recommendation score"), "review": _("Review"), "ticket": _("Ticket"),
        "signed_up": _("Signed up"), "login": _("Logged in"), "unpaid": _("Unpaid order"),
        "cancelled": _("Cancelled order"), "orders": _("Order"), "touches": _("Contact"), "events": _("Event"),
        "subscriptions": _("Subscription"), "usage": _("Usage"), "feedback": _("Rating"), "messages": _("Message"),
    },
    "language": {"zh": _("Chinese"), "zh-hans": _("Chinese"), "en": _("English"), "pt": _("Portuguese")},
    "actor": {"program": _("the program"), "cli": _("you, in the terminal"), "autopilot": _("autopilot"),
              "recipient": _("the recipient")},
    "audit": {
        **trying.AUDIT, **planning.AUDIT, **contacts.AUDIT, **capacity.AUDIT, **partners.AUDIT, **moments.AUDIT,
        "report_mailed": _("Report mailed"), "report_not_mailed": _("Report could not be mailed"),
        "holdout_everywhere": _("Share of all people left out of all writing changed"),
        "wheel_turn": _("The wheel turned"), "backup_make": _("Backup made"), "demo_make": _("Demo company made"),
        "demo_advance": _("Demo company lived on"), "person_export": _("Data handed over"),
        "person_erase": _("Person erased"), "plan_approve": _("Plan approved"), "plan_reject": _("Plan rejected"),
        "plan_row_approve": _("Approved"), "plan_row_decline": _("Not done"),
        "plan_rows_approve": _("Approved"), "plan_rows_decline": _("Not done"),
        "plan_rows_reset": _("Decision taken back"), "messages_send": _("Messages sent"),
        "plan_row_reset": _("Decision taken back"), "consent_set": _("Consent noted"), "note_save": _("Note saved"),
        "file_upload": _("File uploaded"), "file_again": _("File read again"), "file_import": _("File imported"),
        "strategy_save": _("Strategy changed"), "strategy_reset": _("Strategy as proposed again"),
        "segment_save": _("Segment saved"), "segment_delete": _("Segment deleted"),
        "alarm_useful": _("Alarm called useful"), "alarm_not_useful": _("Alarm called not useful"),
        "alarm_muted": _("Figure muted"), "alarm_snoozed": _("Alarm snoozed"),
        "alarm_undo": _("Word on an alarm taken back"),
        "target_set": _("Target set"), "target_remove": _("Target removed"),
        "segment_restore": _("Segment brought back"), "answer_label": _("Text labelled"),
        "message_requeue": _("Message queued again"), "message_cancel": _("Message cancelled"),
    },
    "model": {
        **leaving.MODELS, **what_next.MODELS, **influence.MODELS, **voice.MODELS, **worth.MODELS, **mix.MODELS,
        **ahead.MODELS, **moments.MODELS,
        "clv": _("Customer value and risk of leaving"),
        "kmeans": _("Groups by behaviour"), "lifecycle": _("Lifecycle and next state")},
    "learner": leaving.LEARNERS | influence.LEARNERS,
    "uplift_by": influence.GROUPS, "uplift_code": influence.EFFECTS,
    "aim": leaving.AIMS,
    "credit_method": credit.METHODS,
    **alarms.LABELS, **planning.LABELS, **contacts.LABELS, **capacity.LABELS,
    "metric": {**what_next.METRICS, **leaving.METRICS, **influence.METRICS, **voice.METRICS, **worth.METRICS,
               **mix.METRICS, **ahead.METRICS, **moments.METRICS},
    "feature": {
        **worth.FEATURES, **voice.FEATURES, **leaving.FEATURES, **mix.FEATURES, **ahead.METHODS,
        **what_next.FEATURES, **moments.FEATURES,
        "frequency": _("number of repeat orders"), "recency": _("time of the last order"), "T": _("time as a customer"),
        "monetary": _("value of a repeat order"), "days_since_last": _("days since the last order"),
        "orders": _("number of orders"), "spent": _("money spent"),
        "activity": _("state of today"), "silence": _("days since the last order"),
        "chance_left": _("what is left of the chance to order again"),
        "outlasted": _("how unusual the silence is for this customer"), "age": _("time as a customer"),
        "usual_gap": _("own rhythm"),
    },
    "weekday": {
        "0": _("Mon"), "1": _("Tue"), "2": _("Wed"), "3": _("Thu"), "4": _("Fri"), "5": _("Sat"), "6": _("Sun"),
    },
    "action": {
        "onboard": _("Welcome and first order"), "cross_sell": _("Offer something that fits"),
        "wake_up": _("Wake up"), "care": _("Care before they leave"), "win_back": _("Win back"),
        "ask_referral": _("Ask for a recommendation"), "thank_you": _("Say thank you"), "nothing": _("Nothing"),
    },
    "mark": {
        "csat": _("Satisfaction (1 to 5)"), "nps": _("Would recommend (0 to 10)"), "review": _("Review (1 to 5)"),
        "ticket": _("Tickets"), "survey": _("Survey"),
    },
    "goal": {
        "onboarding": _("Welcome and help to start"), "cross_sell": _("Offer something that fits"),
        "referral": _("Ask for a recommendation"), "care": _("Care before they leave"), "wake_up": _("Wake up"),
        "win_back": _("Win back"), "leave": _("Leave in peace"),
    },
    "segment": {
        "champions": _("Champions"), "loyal": _("Loyal"), "potential_loyalist": _("May become loyal"),
        "new": pgettext_lazy("customer", "New"), "promising": _("Promising"),
        "needs_attention": _("Need attention"), "about_to_sleep": _("About to fall asleep"),
        "at_risk": _("At risk"), "cant_lose": _("Must not be lost"), "hibernating": _("Dormant"),
        "lost": pgettext_lazy("customer", "Lost"),
    },
}  # fmt: skip

TONES = {
    "activity": {"at_risk": "orange", "dormant": "secondary", "lost": "secondary", "loyal": "primary"},
    "message": {"failed": "red", "unknown": "orange", "bounced": "red", "sent": "primary"},
    "import": {"failed": "red", "running": "primary", "ready": "primary", "checked": "orange", "uploaded": "orange"},
    "job": {"failed": "red", "running": "primary"},
    "plan": {"proposed": "primary", "approved": "primary", "running": "primary"},
    "row": {"proposed": "primary", "denied": "orange"},
    "consent": {"granted": "primary", "denied": "secondary"},
    "stage": {"customer": "primary", "evangelist": "primary"},
    "verdict": {"gain": "green", "none": "orange", "unfair": "orange"},
}


def label(kind: str, key: object) -> str:
    """The word for a key in the language of the page."""
    text = "" if key is None else str(key)
    if kind == "kpi":
        return kpi_title(text)
    if kind == "gate":
        from regulars.web.words.reasons import sentence

        return sentence(text) if text else ""
    if kind == "channel" and "@" in text:
        # a channel in one market
        channel, _at, market = text.partition("@")
        return f"{label('channel', channel)} · {market}"
    known = LABELS[kind].get(text)
    return str(known) if known is not None else text.replace("_", " ")


def tone(kind: str, key: object) -> str:
    return TONES.get(kind, {}).get(str(key), "secondary")
