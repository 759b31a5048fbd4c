"""What a job says while it runs and when it has ended."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.web.words.amounts import number_text
from regulars.web.words.labels import label


class WayOn(NamedTuple):
    """The next page after a job, and the word on its button."""

    word: str
    url: str


PLACES = {
    "wheel_turn": (gettext_lazy("See the plan"), "plans:plan"),
    "messages_send": (gettext_lazy("See the messages"), "outbox:list"),
    "file_import": (gettext_lazy("See what came in"), "imports:run"),
    "demo_make": (gettext_lazy("To Today"), "today:today"),
    "backup_make": (gettext_lazy("To the backups"), "trust:backups"),
}
STOPPED = "stopped three times without an answer"


def way_on(job: dict[str, Any]) -> WayOn | None:
    """Where to go once a job has ended."""
    word, name = PLACES.get(job["name"], (gettext_lazy("To Today"), "today:today"))
    run = (job.get("argument") or {}).get("run")
    try:
        return WayOn(str(word), reverse(name, args=[run] if name == "imports:run" and run else []))
    except NoReverseMatch:
        return None


def job_problem(job: dict[str, Any]) -> str:
    """Why a job failed and what to do, in words; its own text follows where it has one."""
    if job["state"] != "failed":
        return ""
    if job["problem"] == STOPPED:
        return _("The program was closed three times while this ran. Leave it open and start it once more.")
    return _("It could not be finished. Nothing is done twice when you start it again.") + " " + job["problem"]


def job_result(job: dict[str, Any]) -> str:
    """What a job did, in one sentence."""
    result = job.get("result") or {}
    if job["state"] != "done":
        return ""
    if job["name"] == "messages_send":
        counts = {k: v for k, v in (result.get("counts") or {}).items() if v and k != "waiting"}
        said = _(", ").join(f"{label('message', k)} {number_text(v)}" for k, v in counts.items())
        waiting = (result.get("counts") or {}).get("waiting")
        if waiting:
            wait = _("%(n)s more wait for a permitted hour.") % {"n": number_text(waiting)}
            return f"{said}. {wait}" if said else wait
        return said or _("There was nothing to send.")
    if job["name"] == "wheel_turn":
        if result.get("repeated"):
            return _("Nothing had changed since the last turn.")
        scores, decisions = number_text(result.get("scores") or 0), number_text(result.get("decisions") or 0)
        said = _("%(scores)s figures about people, %(decisions)s decisions proposed.")
        return said % {"scores": scores, "decisions": decisions}
    return ""
