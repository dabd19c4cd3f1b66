"""All settings, read from the environment; `.env.example` lists every variable."""

import os
import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from flashcards import __version__
from flashcards.local_postgres import LocalPostgres

# Before numpy is loaded: scipy's minimiser multiplies small matrices, and the threads for that cost more than it does.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

VERSION = __version__
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / ".data"

env = environ.Env()
env.read_env(BASE_DIR / ".env")

ENVIRONMENT = env("ENVIRONMENT", default="development")
if ENVIRONMENT not in ("development", "staging", "production"):
    raise ImproperlyConfigured(f"ENVIRONMENT is {ENVIRONMENT!r}: not development, staging or production.")
DEPLOYED = ENVIRONMENT != "development"
DEBUG = env.bool("DEBUG", default=False)
if DEBUG and ENVIRONMENT == "production":
    raise ImproperlyConfigured("DEBUG must be off in production.")


def _development_key():
    """Return a key of this checkout's own, made on first use, so that sessions outlive a restart."""
    file = DATA_DIR / "secret_key"
    if not file.exists():
        DATA_DIR.mkdir(exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50))
    return file.read_text()


SECRET_KEY = env("SECRET_KEY", default="") or ("" if DEPLOYED else _development_key())
if DEPLOYED and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must be set, to 50 random characters or more.")

ALLOWED_ORIGINS = env.list("ALLOWED_ORIGINS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) + [
    # Django writes ".example.com" for what an origin calls "*.example.com".
    re.sub(r"^\*\.", ".", re.sub(r":\d+$", "", urlsplit(origin).netloc))
    for origin in ALLOWED_ORIGINS
]
if DEPLOYED and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS (or ALLOWED_ORIGINS) must name the addresses of the site.")
if DEPLOYED and "*" in [*ALLOWED_HOSTS, *ALLOWED_ORIGINS]:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name hosts: '*' lets a request choose its own.")
if not DEPLOYED:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = ALLOWED_ORIGINS

INSTALLED_APPS = [
    "flashcards",
    "study",
    "decks",
    "accounts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_tasks_db",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "flashcards.ops.HealthMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "decks.audio_views.AudioMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "flashcards.urls"
WSGI_APPLICATION = "flashcards.wsgi.application"

TEMPLATES = [
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
        },
    },
]

if env("DATABASE_URL", default=""):
    DATABASES = {"default": env.db("DATABASE_URL")}
elif DEPLOYED:
    raise ImproperlyConfigured("DATABASE_URL must be set.")
else:
    DATABASES = {"default": LocalPostgres(DATA_DIR).database()}
PREPARE = env.bool("DATABASE_PREPARE", default=DATABASES["default"].get("PORT") != 6543)
DATABASES["default"] |= {
    # gunicorn's threads live as long as their worker, so a connection of each is the pool.
    "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=600),
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        "connect_timeout": 2,
        "application_name": "flashcards",
        # The statements of an answer are planned once for each connection. A pooler that gives each transaction
        # another connection, as Supabase's does at port 6543, can't have that.
        "prepare_threshold": 2 if PREPARE else None,
    }
    | DATABASES["default"].get("OPTIONS", {}),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Long work waits in the database, for as many `manage.py db_worker` as one likes.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Shared by the processes of a machine, so that limits on log-ins hold over all of them.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA_DIR / "cache"}}

DICTIONARY_PATH = Path(env("DICTIONARY_PATH", default=str(DATA_DIR / "dictionary.sqlite3")))

# The recordings that `manage.py load_audio` has loaded.
AUDIO_PATH = Path(env("AUDIO_PATH", default=str(DATA_DIR / "audio")))

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "add_email": "accounts.forms.AddEmailForm",
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
}
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False

_email = env.email("EMAIL_URL", default="consolemail://")
MAILERS = {"default": {"BACKEND": _email["EMAIL_BACKEND"]}}
if _email["EMAIL_HOST"]:
    MAILERS["default"]["OPTIONS"] = {
        "host": _email["EMAIL_HOST"],
        "port": _email["EMAIL_PORT"],
        "username": _email["EMAIL_HOST_USER"],
        "password": _email["EMAIL_HOST_PASSWORD"],
        "use_tls": _email.get("EMAIL_USE_TLS", False),
        "use_ssl": _email.get("EMAIL_USE_SSL", False),
        "timeout": 10,
    }
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Chinese Flashcards <noreply@localhost>")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "flashcards.api.error",
    "UNAUTHENTICATED_USER": None,
}

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "flashcards.npm.NpmFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "flashcards.storage.StaticStorage"},
}
# Fonts are compressed already; trying again took half of collectstatic's time.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["woff2", "png", "gz", "br"]

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "media-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
if DEPLOYED:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 730
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"console": {"format": "%(asctime)s - %(name)s - %(levelname)s - %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "console"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}
