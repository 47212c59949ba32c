"""So many requests a minute, counted in the web process's own memory: Redis is not asked."""

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW_SECONDS = 60


class RateLimit(BaseThrottle):
    """A caller's requests within the minute of the clock; without a login, those of an address.

    Each web process counts for itself: with several, a caller has as many times the limit.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.user.is_authenticated:
            caller, limit = f"user:{request.user.pk}", settings.RATE_LIMIT
        else:
            caller, limit = f"address:{self.get_ident(request)}", settings.RATE_LIMIT_ANONYMOUS
        key = f"rate:{caller}:{int(time.time() // WINDOW_SECONDS)}"
        cache.add(key, 0, timeout=WINDOW_SECONDS * 2)
        return cache.incr(key) <= limit

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return WINDOW_SECONDS - time.time() % WINDOW_SECONDS
