"""How much one key, or one address without a key, may ask for in a minute (the library ``limits``).

Off unless a setting says how much. Each worker counts for itself, in memory: with two workers, up to
twice as much gets through, and a restart begins anew. Behind a proxy the address is the reader's own only
where ``trusted_proxies`` says how many proxies to believe.
"""

from __future__ import annotations

import time
from math import ceil

from flask import Flask, current_app, g, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.middleware.proxy_fix import ProxyFix

from searchsvc.errors import TooManyError
from searchsvc.settings import Settings
from searchsvc.web.access import NOTHING, scope_of


def register(app: Flask, settings: Settings) -> None:
    """Counts requests and refuses too many; to be called after access is checked."""
    if not settings.max_requests_per_minute:
        return
    limit = RateLimitItemPerMinute(settings.max_requests_per_minute)
    limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def check() -> None:
        """Raises TooManyError."""
        if scope_of(current_app, request.endpoint) == NOTHING:
            return
        key = g.get("key_id")
        who = ("key", key) if key else ("address", request.remote_addr or "")
        if not limiter.hit(limit, *who):
            until = limiter.get_window_stats(limit, *who).reset_time
            wait_s = max(1, ceil(until - time.time()))
            raise TooManyError("server.rate", limit=limit.amount, retry_after_s=wait_s)

    app.before_request(check)


def behind_proxies(app: Flask, number: int) -> None:
    """Believes address, scheme, host and prefix as so many proxies in front of the server give them."""
    if number:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=number, x_proto=number, x_host=number, x_prefix=number
        )
