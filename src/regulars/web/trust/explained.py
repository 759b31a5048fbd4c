"""The settings, each with what it means; docs/settings.md says the same."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.home import Settings
from regulars.web.words.amounts import money_text, percent_text
from regulars.web.words.labels import label

GROUPS = (
    (gettext_lazy("The company"), (
        ("company", gettext_lazy("Your company's name, as people see it in messages")),
        ("zone", gettext_lazy("Time zone: what counts as a day, when quiet hours begin")),
        ("currency", gettext_lazy("Currency of the headline figures; amounts in others are kept and shown apart")),
        ("language", gettext_lazy("Language of pages before anybody chose, of the report, and of messages to people "
                                  "whose language is not known")),
        ("base_url", gettext_lazy("Where people reach this program: unsubscribe links start with it, so it must be "
                                  "public and https before real mail goes out")),
        ("shop_url", gettext_lazy("Where the button in a message leads; empty leads to this program")),
    )),
    (gettext_lazy("Money"), (
        ("margin", gettext_lazy("Share of revenue that stays after the cost of serving it; customer value and plans "
                                "count margin, not revenue")),
        ("horizon_days", gettext_lazy("How far customer value looks ahead, in days")),
        ("discount_rate", gettext_lazy("What a year of waiting costs; customer value discounts by it")),
        ("weekly_budget", gettext_lazy("Marketing money per week; 0 keeps today's total and only splits it anew")),
    )),
    (gettext_lazy("Messages"), (
        ("holdout_share", gettext_lazy("Share of people each flow of messages leaves alone, so that its effect can be "
                                       "measured")),
        ("holdout_everywhere", gettext_lazy("Share of all people no flow writes to at all, the same people for ever, "
                                            "so that the worth of all writing together can be measured")),
        ("quiet_from", gettext_lazy("From this hour of the person's own zone no message goes out")),
        ("quiet_to", gettext_lazy("From this hour messages go out again")),
        ("cap_messages", gettext_lazy("At most so many messages to one person within the days below")),
        ("cap_days", gettext_lazy("The days that limit counts over")),
        ("message_cost", gettext_lazy("What sending one message costs")),
        ("autopilot", gettext_lazy("Actions that need no approval; everything else waits for you")),
        ("autopilot_people", gettext_lazy("At most so many people a week get an action of the autopilot, the most "
                                          "valuable first; 0 is no limit")),
        ("autopilot_money", gettext_lazy("At most so much money a week may move between channels without your yes; a "
                                         "split that moves more waits whole; 0: money never moves by itself")),
        ("autopilot_modes", gettext_lazy("At most so many markets a week change the way they are sold to without your "
                                         "yes; 0: none does")),
        ("autopilot_contracts", gettext_lazy("Contracts signed without your yes may add at most so much a week; a set "
                                             "that ends a contract always waits; 0: none is signed")),
        ("autopilot_sure", gettext_lazy("By itself only where the low end of the expected gain is above 0")),
    )),
    (gettext_lazy("Mail server"), (
        ("smtp_host", gettext_lazy("Your mail server; without it messages stay in the sandbox, plainly marked as not "
                                   "sent")),
        ("smtp_port", gettext_lazy("Port of the mail server")),
        ("smtp_user", gettext_lazy("User name at the mail server; the password is never shown here")),
        ("smtp_from", gettext_lazy("Address your messages come from")),
        ("smtp_tls", gettext_lazy("Encrypt before anything is said (STARTTLS)")),
    )),
    (gettext_lazy("The wheel"), (
        ("turn_at", gettext_lazy("When the wheel turns by itself while the program runs; empty for never")),
        ("report_every", gettext_lazy("After which period a report is kept: month, week, or empty for none")),
        ("report_to", gettext_lazy("Address the kept report is mailed to; empty for nobody")),
    )),
    (gettext_lazy("Alarms"), (
        ("alarms_a_week", gettext_lazy("At most so many alarms are told in a week, those with most money first")),
        ("false_alarms_a_week", gettext_lazy("How many alarms a week chance alone may ring where nothing happens: "
                                             "lower is quieter, and later to notice")),
    )),
)  # fmt: skip
MONEY = ("weekly_budget", "message_cost", "autopilot_money", "autopilot_contracts")
SHARES = ("margin", "discount_rate", "holdout_share", "holdout_everywhere")


def explained(settings: Settings) -> list[tuple[Any, list[tuple[str, str, Any]]]]:
    """Each group with its settings as (name in the file, value as read, meaning)."""
    return [
        (title, [(name, shown(name, getattr(settings, name)), text) for name, text in rows]) for title, rows in GROUPS
    ]


def shown(name: str, value: Any) -> str:
    if name in MONEY:
        return money_text(value, short=False)
    if name in SHARES:
        return percent_text(value)
    if name == "language":
        return label("language", value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, tuple):
        return ", ".join(label("action", v) for v in value)
    return str(value)
