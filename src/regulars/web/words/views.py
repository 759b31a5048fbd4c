"""The language switch, and the pages shown when something is wrong."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.i18n import set_language

language = login_not_required(set_language)


def problem(request, status, title, text):
    return render(request, "problem.html", {"status": status, "title": title, "text": text}, status=status)


@login_not_required
def missing(request, exception=None):
    return problem(
        request,
        404,
        _("This page does not exist"),
        _("The address may be mistyped, or what it showed was erased. Search for it or go back to Today."),
    )


@login_not_required
def forbidden(request, exception=None):
    return problem(
        request,
        403,
        _("You may not open this page"),
        _("Log in as the owner, or ask the owner to let you in."),
    )


@login_not_required
def stale(request, reason=""):
    return problem(
        request,
        403,
        _("This form was open too long"),
        _("Go back, reload the page and send it again; your browser still holds what you typed."),
    )


@login_not_required
def broken(request):
    return problem(
        request,
        500,
        _("Something broke on our side"),
        _("Nothing you entered was changed halfway. Try again; if it stays, look into logs/ in your home."),
    )
