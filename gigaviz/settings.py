"""Every setting, in one file. Each is described by one line in .env.example."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import environ
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]

env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

# DEBUG shows stack traces to whoever asks, so only a person can switch it on.
DEBUG: bool = env.bool("DEBUG", default=False)
# What has no sensible default is empty here: gigaviz.checks stops the start with a sentence where it is missing.
SECRET_KEY: str = env.str("SECRET_KEY", default="")
FIELD_KEYS: list[str] = env.list("FIELD_KEYS", default=[])
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL: str = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])
HTTPS: bool = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "heroicons",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "gigaviz.apps.GigavizConfig",
    "workspaces",
    "connections",
    "webhooks",
    "optouts",
    "inbox",
    "diagnostics",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "gigaviz.urls"
WSGI_APPLICATION = "gigaviz.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.static", "heroicons.templatetags.heroicons"],
        },
    },
]

DATABASE_URL: str = env.str("DATABASE_URL", default="")
DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url_config(DATABASE_URL or "postgresql://localhost/gigaviz")}
DATABASES["default"].setdefault("CONN_MAX_AGE", None)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL: str = env.str("REDIS_URL", default="")

# Sign-in: django-allauth, by e-mail address. Accounts come by invitation, so sign-up is closed, save for the first.
AUTH_USER_MODEL = "workspaces.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "workspaces.accounts.ClosedSignup"
ACCOUNT_FORMS = {
    "login": "workspaces.sign_in_forms.SignInForm",
    "reauthenticate": "workspaces.sign_in_forms.PasswordAgainForm",
    "change_password": "workspaces.sign_in_forms.PasswordChangeForm",
    "reset_password": "workspaces.sign_in_forms.PasswordResetForm",
    "reset_password_from_key": "workspaces.sign_in_forms.NewPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # we write to nobody who has no account
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/300s/key"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
MFA_ADAPTER = "workspaces.accounts.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Gigaviz"
MFA_FORMS = {
    "authenticate": "workspaces.codes.CodeForm",
    "reauthenticate": "workspaces.codes.CodeAgainForm",
    "activate_totp": "workspaces.sign_in_forms.AuthenticatorAppForm",
}
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_NAME = "gigaviz_session"
CSRF_COOKIE_NAME = "gigaviz_csrf"
CSRF_COOKIE_HTTPONLY = True  # scripts find the token in the page
# Rate limits on sign-in count in PostgreSQL, so that they hold for every process and need no Redis.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "gigaviz_cache",
        # Past so many, entries are thrown out before their time: at Django's 300 a few addresses could end a limit.
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = False  # the proxy in front does it; Meta's handshake must never meet a redirect
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
BEHIND_PROXY: bool = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# Else everybody would seem to sign in from the proxy's address, and share its limit.
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
# Redirects are the proxy's; whether other hosts of the domain have https, and wish to say so for ever, we cannot know.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_FOLDER", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Where customers' files are kept. Never under a folder that a web server serves by itself.
MEDIA_ROOT = Path(env.str("MEDIA_FOLDER", default=str(BASE_DIR / ".run" / "media")))
MEDIA_MAX_BYTES = 100 * 1024 * 1024  # Meta's own limit for a document

# Meta's webhooks reach 3 MB; Django's default limit is lower.
WEBHOOK_MAX_BYTES = 3 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = WEBHOOK_MAX_BYTES

GRAPH_VERSION: str = env.str("GRAPH_VERSION", default="v25.0")
GRAPH_BASE_URLS: dict[str, str] = {
    "production": env.str("GRAPH_BASE_URL_PRODUCTION", default=""),
    "test": env.str("GRAPH_BASE_URL_TEST", default=""),
    "simulator": env.str("GRAPH_BASE_URL_SIMULATOR", default="http://127.0.0.1:8801"),
}

# E-mail: by SMTP, or by a provider's own interface, as anymail+postmark://?server_token=…, where what a provider needs
# is named as Anymail names it, without the provider in front.
EMAIL_URL = urlsplit(env.str("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10  # seconds; somebody waits for the page meanwhile
ANYMAIL: dict[str, Any] = {"REQUESTS_TIMEOUT": EMAIL_TIMEOUT}
if EMAIL_URL.scheme.startswith("anymail+"):
    _provider = EMAIL_URL.scheme.removeprefix("anymail+").replace("-", "_")
    EMAIL_BACKEND = f"anymail.backends.{_provider}.EmailBackend"
    ANYMAIL |= {f"{_provider}_{name}".upper(): value for name, value in parse_qsl(EMAIL_URL.query)}
else:
    vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="Gigaviz <gigaviz@localhost>")

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# Message text, phone numbers, tokens and wamids are never logged: ids are enough.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "fido2": {"level": "WARNING"},
    },
}
