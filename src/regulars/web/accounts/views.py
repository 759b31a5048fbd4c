"""Logging in: by password, or by a one-time link that is spent only when its button is pressed."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from regulars.web.accounts import services


class Login(LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True


class Logout(LogoutView):
    next_page = "/login/"


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def login_link(request, token):
    """GET shows a button: mail programs and chat previews open links, and must not spend this one."""
    if request.method == "POST":
        user = services.login_link_use(token)
        if user is not None:
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect(settings.LOGIN_REDIRECT_URL)
        messages.error(request, _("This link was used already or is too old. Make a new one with: regulars login"))
        return redirect(settings.LOGIN_URL)
    valid = services.login_link_valid(token)
    return render(request, "accounts/login_link.html", {"valid": valid}, status=200 if valid else 410)
