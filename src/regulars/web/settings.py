"""Django settings, taken from the home folder so that one command needs no other configuration."""

from __future__ import annotations

import base64
import os

from django.utils.translation import gettext_lazy as _

from regulars.home import Home
from regulars.web.database import database

HOME = Home()
COMPANY = HOME.settings

DEBUG = os.environ.get("REGULARS_DEBUG") == "1"
SECRET_KEY = base64.b64encode(HOME.key("django")).decode()
ALLOWED_HOSTS = (
    ["*"]
    if DEBUG
    else ["127.0.0.1", "localhost", "[::1]", "testserver", COMPANY.base_url.split("/")[2].rsplit(":", 1)[0]]
)
CSRF_TRUSTED_ORIGINS = [COMPANY.base_url]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
    "regulars.web.words",
    "regulars.web.accounts",
    "regulars.web.people",
    "regulars.web.consents",
    "regulars.web.imports",
    "regulars.web.deals",
    "regulars.web.catalog",
    "regulars.web.plans",
    "regulars.web.trial",
    "regulars.web.resources",
    "regulars.web.partners",
    "regulars.web.modes",
    "regulars.web.next_actions",
    "regulars.web.schedule",
    "regulars.web.adaptive",
    "regulars.web.outbox",
    "regulars.web.segments",
    "regulars.web.affinity",
    "regulars.web.lifecycle",
    "regulars.web.churn",
    "regulars.web.worth",
    "regulars.web.network",
    "regulars.web.uplift",
    "regulars.web.cards",
    "regulars.web.findings",
    "regulars.web.markets",
    "regulars.web.answers",
    "regulars.web.voice",
    "regulars.web.audit",
    "regulars.web.jobs",
    "regulars.web.intake",
    "regulars.web.search",
    "regulars.web.today",
    "regulars.web.kpis",
    "regulars.web.targets",
    "regulars.web.channels",
    "regulars.web.alerts",
    "regulars.web.experiments",
    "regulars.web.attribution",
    "regulars.web.mix",
    "regulars.web.cohorts",
    "regulars.web.market_watch",
    "regulars.web.forecast",
    "regulars.web.trust",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]

ROOT_URLCONF = "regulars.web.urls"
WSGI_APPLICATION = "regulars.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [os.path.join(os.path.dirname(__file__), "templates")],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "regulars.web.frame.frame",
            ],
            # Every page uses these words; no template needs {% load %}.
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_htmx.templatetags.django_htmx",
                *(
                    f"regulars.web.words.templatetags.{noun}"
                    for noun in ("ago", "chart", "icon", "label", "money", "number", "rows", "term", "why")
                ),
            ],
        },
    },
]

DATABASES = {"default": database(HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = COMPANY.language
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [os.path.join(os.path.dirname(__file__), "locale")]
LANGUAGE_COOKIE_NAME = "regulars_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = COMPANY.zone

STATIC_URL = "/static/"
STATICFILES_DIRS = [os.path.join(os.path.dirname(__file__), "static")]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_NAME = "regulars_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = COMPANY.base_url.startswith("https://")
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "regulars_csrf"
CSRF_FAILURE_VIEW = "regulars.web.words.views.stale"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        # ECharts positions its tooltips with inline styles; scripts stay strict.
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
