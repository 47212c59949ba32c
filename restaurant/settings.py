"""All settings of Tamsang, in one file. Secrets and addresses come from the environment."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from restaurant import environment

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = environment.text("SECRET_KEY")
DEBUG = environment.flag("DEBUG", default=False)
# The demo is one machine on loopback, without TLS; everything else is served over HTTPS.
DEMO = environment.flag("DEMO", default=False)
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS")
# A proxy stands in front; only what calls from these networks is believed to be it.
BEHIND_PROXY = environment.flag("BEHIND_PROXY", default=False)
PROXY_NETWORKS = environment.networks("PROXY_NETWORKS", "127.0.0.0/8", "::1/128")

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "knox",
    "restaurant.accounts",
    "restaurant.events",
    "restaurant.idempotency",
    "restaurant.doctor",
    "kitchen",
    "orders",
    "notifications",
    "orders.reports",
]

MIDDLEWARE = [
    "restaurant.middleware.BelieveProxyMiddleware",
    "restaurant.middleware.RequestIdMiddleware",
    "restaurant.middleware.PrivateAnswersMiddleware",
    "restaurant.patience.PatienceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "restaurant.middleware.LanguageOfPagesMiddleware",
    "restaurant.middleware.KeepMethodMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "restaurant.urls"
WSGI_APPLICATION = "restaurant.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "restaurant" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"house": "restaurant.wording"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# The database decides (docs/decisions/0001): it is asked strictly and never waited for longer than
# a request may take, which is 5 s.
PATIENCE_SECONDS = 4
DATABASE_URL = environment.text("DATABASE_URL")


def _database(url: str) -> dict[str, Any]:
    config: dict[str, Any] = {**dj_database_url.parse(url)}
    config["CONN_MAX_AGE"] = 600
    config["CONN_HEALTH_CHECKS"] = True
    if config.get("ENGINE") == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            # A transaction that starts by reading and then writes fails at once under load
            # unless it takes the write lock at its start.
            "transaction_mode": "IMMEDIATE",
            "timeout": PATIENCE_SECONDS,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            " PRAGMA cache_size=-20000; PRAGMA journal_size_limit=27103364;",
        }
        # A file: the shared in-memory database ignores the busy timeout.
        config["TEST"] = {"NAME": f"{config['NAME']}.test"}
    elif config.get("ENGINE") == "django.db.backends.postgresql":
        config["OPTIONS"] = {
            "connect_timeout": 3,
            # Statements are planned once per connection (docs/performance.md). Not for a pooler
            # that hands out connections by transaction.
            "server_side_binding": True,
            "prepare_threshold": 3,
            # A stopped process must not hold its locks for ever.
            # Two waits of one request, for its key and for a portion, stay below 5 s together.
            "options": f"-c lock_timeout={PATIENCE_SECONDS // 2}s"
            " -c idle_in_transaction_session_timeout=30s",
        }
    else:
        raise ImproperlyConfigured(
            "DATABASE_URL must be sqlite:///path or postgres://user:password@host/name."
        )
    return config


DATABASES = {"default": _database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("th", "ไทย")]
LOCALE_PATHS = [BASE_DIR / "restaurant" / "locale"]
TIME_ZONE = environment.text("TIME_ZONE", "Asia/Bangkok")
USE_TZ = True
FORMAT_MODULE_PATH = ["restaurant.formats"]
CURRENCY = environment.text("CURRENCY", "THB")

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "restaurant" / "static"]
# The demo collects nothing: whitenoise finds the files in the packages.
WHITENOISE_USE_FINDERS = DEMO
STATIC_ROOT = None if DEMO else Path(environment.text("STATIC_ROOT", str(BASE_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

# Who may do what
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "kitchen"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": timedelta(days=365)}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "restaurant.accounts.authentication.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["restaurant.accounts.permissions.ByRole"],
    "DEFAULT_THROTTLE_CLASSES": ["restaurant.accounts.throttling.RateLimit"],
    # How many proxies before us may be believed about the caller's address.
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
    "DEFAULT_PARSER_CLASSES": ["restaurant.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "restaurant.pagination.CursorPages",
    "EXCEPTION_HANDLER": "restaurant.api.refuse",
    "DEFAULT_SCHEMA_CLASS": "restaurant.openapi.schema.ContractSchema",
    "COERCE_DECIMAL_TO_STRING": True,
    "URL_FORMAT_OVERRIDE": None,
    "UPLOADED_FILES_USE_URL": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tamsang",
    "DESCRIPTION": "Made to order: orders and the kitchen over REST. Read docs/api.md first.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    # The page's own scripts, from this server.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True},
    "AUTHENTICATION_WHITELIST": ["restaurant.accounts.authentication.BearerToken"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "SERVE_INCLUDE_SCHEMA": False,
    # Its names for enumerations would change with each field that is added.
    "POSTPROCESSING_HOOKS": [],
}
# Requests a minute. A zone's screen that looks five times a second makes 300; the demo's one cook
# token looks at six zones.
RATE_LIMIT = environment.number("RATE_LIMIT", 6000)
RATE_LIMIT_ANONYMOUS = environment.number("RATE_LIMIT_ANONYMOUS", 600)
DRF_STANDARDIZED_ERRORS = {"NESTED_FIELD_SEPARATOR": "/"}
# The contract: a body is at most 256 kB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
IDEMPOTENCY_KEPT = timedelta(hours=48)

# Receivers of webhooks in these networks may be called, whatever their port; others must be in the
# open internet.
WEBHOOK_ALLOW = environment.networks("WEBHOOK_ALLOW")
# The waits between the tries of a webhook (75 h together) are divided by this: for tests.
WEBHOOK_SPEED = environment.number("WEBHOOK_SPEED", 1)
# After a rotation the old secret signs for so long as well.
WEBHOOK_OLD_SECRET_KEPT = timedelta(hours=24)
WEBHOOK_DELIVERIES_KEPT = timedelta(days=30)
# How mails to guests leave the house, and in whose name.
_mailing = environment.mailing("EMAIL_URL", "smtp://localhost:25")
EMAIL_BACKEND = f"django.core.mail.backends.{_mailing.kind}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _mailing.host, _mailing.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mailing.user, _mailing.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mailing.starttls, _mailing.tls
EMAIL_FILE_PATH = _mailing.folder
DEFAULT_FROM_EMAIL = environment.text("MAIL_FROM", "Tamsang <tamsang@localhost>")
# Of one answer of the mail server.
EMAIL_TIMEOUT = 10
# An address of a guest, and what was written there, is forgotten so long after the order.
MAILS_KEPT = timedelta(days=30)
# Who is told where a guest wants mails, and who says what was written there.
GUEST_BOOK = "notifications.services.note_guest"
GUEST_OF_ORDER = "notifications.services.guest_of"
# What the feed shows to those who poll; older events stay in the history of their orders.
FEED_WINDOW = timedelta(days=30)
# How long each ticket took is kept for so long; what was sold, refused and wasted for ever.
REPORT_TICKETS_KEPT = timedelta(days=400)

HTTPS = environment.flag("HTTPS", default=not DEMO)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = environment.names("CSRF_TRUSTED_ORIGINS")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s%(of_request)s",
            "datefmt": "%H:%M:%S",
        }
    },
    "filters": {
        "name_request": {"()": "restaurant.middleware.NameRequest"},
        # What is refused because the kitchen is full is a 503, and no fault of ours.
        "not_refused": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: (
                not getattr(getattr(record, "request", None), "is_refused", False)
            ),
        },
        # They run each few seconds; what they do is an event.
        "not_the_clock": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: (
                not re.search(
                    r"\.tasks\.(reconcile|pace|watch_pass|tick|follow_feed)\b",
                    record.getMessage(),
                )
            ),
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["not_the_clock", "name_request"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    # Expected refusals (4xx) are the caller's business, not a warning of ours.
    "loggers": {
        "django.request": {"level": "ERROR", "filters": ["not_refused"]},
        # A foreign Host header is answered with 400; it is no fault of ours.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # What a worker has finished is a line; what it has received is not one more.
        "celery.worker.strategy": {"level": "WARNING"},
        # The addresses of receivers are their own business.
        "httpx2": {"level": "WARNING"},
    },
}

# Celery moves; what follows is chosen for tasks of a few milliseconds whose truth is in the
# database. Each line says what happens without it.
CELERY_BROKER_URL = environment.broker("BROKER_URL") or environment.text("REDIS_URL")
# Stores nothing and counts nothing in Redis: a finished part asks the database whether the tray
# is done, so a flushed Redis can lose a message but never a count.
CELERY_RESULT_BACKEND = "kitchen.chords:TicketsBackend"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # an early ack and a kill -9 lose the task for ever
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # else a killed pool child fails the whole chord
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # else messages lie behind a dead or slow worker
# True would revoke and ack what runs while Redis is away, which loses it.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# True would skip the chord's part of a task that is delivered again.
CELERY_WORKER_DEDUPLICATE_SUCCESSFUL_TASKS = False
VISIBILITY_SECONDS = 60
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Nobody waits inside a task, so what is not acked after a minute was lost with its worker.
    "visibility_timeout": VISIBILITY_SECONDS,
    # By default abandoned messages are looked for only each 100 s.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # One worker looks at a time. Killed while it does, it kept the others from it for 5 minutes.
    "unacked_mutex_expire": 10,
    # No message has a priority: without this each look is at four lists for every queue.
    "priority_steps": [0],
    # Longer than the 1 s that BRPOP blocks; without one a publish to a frozen Redis never returns.
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    # Finds half-open connections.
    "health_check_interval": 10,
    # RabbitMQ, which knows none of the above: a message is sent when it has said that it has it.
    "confirm_publish": True,
}
CELERY_VISIBILITY_TIMEOUT = VISIBILITY_SECONDS  # the shortest of all places wins
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True  # the start order must not matter
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # by default a worker gives up after 100 tries
# The relay and the reconciler try again; a publisher must not sit and wait.
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]  # anything else would let a writer of the broker run code
CELERY_TASK_DEFAULT_QUEUE = "orders"
# A cook task goes to the queue of its zone, which the head chef names when calling it out.
CELERY_TASK_ROUTES = {
    "kitchen.tasks.*": {"queue": "pass"},
    "orders.tasks.*": {"queue": "orders"},
    "restaurant.doctor.tasks.*": {"queue": "pass"},  # beside the other clocks
}
CELERY_TASK_TIME_LIMIT = 30  # shorter than the visibility timeout; prefork pools only
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_SEND_TASK_EVENTS = True  # Flower
CELERY_TASK_SEND_SENT_EVENT = True  # without it Flower does not know a task's queue
CELERY_TASK_TRACK_STARTED = False  # the backend keeps no states
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
# Celery closes Django's connections before and after each task unless told how often to reuse them.
CELERY_DB_REUSE_MAX = 10_000_000


def _each(seconds: float, task: str) -> dict[str, Any]:
    """It expires before the next is due: a backlog of ticks would do the same thing twice."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


CELERY_BEAT_SCHEDULE = {
    "pace": _each(1.0, "kitchen.tasks.pace"),
    "reconcile": _each(3.0, "kitchen.tasks.reconcile"),
    "watch-pass": _each(3.0, "kitchen.tasks.watch_pass"),
    "tick": _each(10.0, "restaurant.doctor.tasks.tick"),
    "begin-day": _each(300.0, "kitchen.tasks.begin_day"),
    "forget-answers": _each(3600.0, "restaurant.idempotency.tasks.forget_answers"),
    "forget-releases": _each(3600.0, "restaurant.events.tasks.forget_releases"),
    "forget-deliveries": _each(3600.0, "notifications.tasks.forget_deliveries"),
    "follow-reports": _each(5.0, "orders.reports.tasks.follow_feed"),
    "forget-reports": _each(3600.0, "orders.reports.tasks.forget_reports"),
}
# The queues that a worker with --zones follows, beside its own: one for each zone, also for those
# made while it runs.
WORKER_QUEUES_FROM = "kitchen.channels.zone_queues"
# Says which screens an event concerns: the audiences of live streams beside the orders' own.
LIVE_AUDIENCES = "kitchen.audiences.audiences_of"
# Says what of each event every shop hears.
SHARES_OF_SHOPS = "orders.shares.shares_of"

FLOWER_URL = environment.text("FLOWER_URL", "")

# What `manage.py doctor`, the admin's page and the metrics tell of, in this order.
DOCTOR_LOOKS = [
    "restaurant.doctor.findings.look",
    "restaurant.events.findings.look",
    "kitchen.findings.look",
    "notifications.findings.look",
    "orders.reports.findings.look",
]
# Who adds what to the trace of an order: their lanes stand in this order.
TRACES = ["orders.traces.trace", "kitchen.traces.trace", "notifications.traces.trace"]
# Numbers for the metrics alone.
METRICS = ["orders.metrics.count", "kitchen.metrics.count", "restaurant.events.metrics.count"]
# What Prometheus shows to read them; without one only managers may.
METRICS_TOKEN = environment.secret("METRICS_TOKEN")
# Whose free space is looked at; without it that of the SQLite file.
DATA_FOLDER = environment.text("VAR", "")

# The manager's pages. Apps are named, never imported.
ORDER_PAGE = "admin:order-by-ref"
# Where the pass says that a tray was handed to the guest, or that a line must be cooked again.
SERVE_ROUTE = "order-serve"
REFIRE_ROUTE = "order-refire"
# Where staff see how an order was told from one to the other.
TRACE_PAGE = "trace"
UNFOLD = {
    "SITE_TITLE": "Tamsang",
    "SITE_HEADER": "Tamsang",
    "SITE_SUBHEADER": "ตามสั่ง",
    "SITE_SYMBOL": "restaurant",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("favicon.svg")}
    ],
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda _: static("house.css")],
    "DASHBOARD_CALLBACK": "orders.dashboard.fill",
    "SIDEBAR": {"navigation": "restaurant.navigation.sidebar"},
}
