"""Put a segment together from sentences, see at once who is in it, keep it under a name."""

import json

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.understand.segment_parser import RuleProblem, parse
from regulars.web.bridge import segment_news, segment_rules
from regulars.web.jobs.services import job_start
from regulars.web.people.queries import people
from regulars.web.segments import services
from regulars.web.segments.lists import OWN_MEMBERS
from regulars.web.segments.queries import definition, deleted, members_of
from regulars.web.segments.sentences import problem_text, sentence
from regulars.web.segments.vocabulary import vocabulary, word

START = {"all": [{"fact": "orders", "measure": "count", "op": "at_least", "value": 2, "window": {"days": 90}}]}
LONGEST = 100_000


def builder(request, uid=None):
    """The form, for a new segment or one of the owner's own; posting it saves."""
    known = definition(uid) if uid else None
    if uid and known is None:
        raise Http404
    name, rule = (known.name, known.rule) if known else ("", START)
    if request.method != "POST":
        return page(request, known, name, rule)
    name = request.POST.get("name", "").strip()
    try:
        given = asked(request)
        rule = given
        if not name:
            return page(request, known, name, rule, _("Give the segment a name."), status=400)
        saved = services.definition_save(uid, name, given, request.user.get_username())
    except RuleProblem as problem:
        return page(request, known, name, rule, problem_text(problem), status=400)
    if saved is None:
        raise Http404
    if segment_rules.many_people():
        job_start("segment_find", {"uid": saved})
    else:
        segment_news.definition_find(saved, timezone.now())
    messages.success(request, _("Saved."))
    return redirect("segments:own", saved)


def page(request, known, name, rule, problem="", status=200):
    context = {
        "known": known, "name": name, "rule": rule, "problem": problem, "longest": services.LONGEST_NAME,
        "vocabulary": vocabulary(segment_rules.own_fields()),
    }  # fmt: skip
    return render(request, "segments/builder.html", context, status=status)


def asked(request):
    """The rule a form carries; raises ``RuleProblem`` where it carries none."""
    text = request.POST.get("rule", "")
    try:
        return json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        raise RuleProblem("", "not_a_rule") from None


@require_POST
def count(request):
    """How many people a rule holds for, and some of them."""
    try:
        rule = parse(asked(request))
    except RuleProblem as problem:
        return render(request, "segments/builder_count.html", {"problem": problem_text(problem)})
    size, everybody, worth, keys = segment_rules.preview(rule, timezone.now())
    context = {
        "size": size, "everybody": everybody, "share": size / everybody if everybody else None, "worth": worth,
        "sentence": sentence(rule), "samples": segment_rules.samples(keys),
    }  # fmt: skip
    return render(request, "segments/builder_count.html", context)


def values(request):
    """Values to choose from while typing."""
    of = request.GET.get("of", "")[:300]
    column = of.rpartition(".")[2]
    return JsonResponse({"values": [[v, word(column, v)] for v in segment_rules.values_known(of)]})


def own(request, uid):
    """One of the owner's own segments and its people."""
    known = definition(uid)
    if known is None:
        raise Http404
    return OWN_MEMBERS.show(
        request, members_of(people(), uid), template="segments/own.html", one=known,
        said=said(known), each=known.worth / known.size if known.size and known.worth is not None else None,
    )  # fmt: skip


def said(known):
    """What a segment says, or why it cannot."""
    try:
        return sentence(parse(known.rule))
    except RuleProblem as problem:
        return problem_text(problem)


@require_POST
def delete(request, uid):
    if not services.definition_delete(uid, request.user.get_username()):
        raise Http404
    return redirect(f"{reverse('segments:list')}?by=own&undo={uid}")


@require_POST
def restore(request, uid):
    if not services.definition_restore(uid, request.user.get_username()):
        raise Http404
    messages.success(request, _("The segment is back."))
    return redirect("segments:own", uid)


def taken_away(uid):
    """The segment that was just deleted, for the offer to bring it back."""
    return deleted(uid) if uid else None


def of_person(request, key):
    """The own segments of one person, with what just came in; a part of the person page."""
    found = segment_news.segments_of(key, timezone.now().astimezone(settings.HOME.settings.tz))
    return render(request, "segments/of_person.html", {"found": found}) if found else HttpResponse("")
