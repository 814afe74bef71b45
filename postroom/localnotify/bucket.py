"""How many requests may come: Notify's token bucket for each key type, and its daily limit.

The arithmetic is the real server's, measured: refused requests take tokens too, so an emptied
bucket that is asked at or above its refill rate never lets anything through again.
"""

import math
import sqlite3
from datetime import datetime

from postroom.localnotify.answers import Refusal
from postroom.localnotify.service import TEST, Service

BUCKET_MAX = 1_000


def bucket_size(rate_limit: int) -> int:
    """Return how many tokens a full bucket holds at *rate_limit* requests a minute."""
    return min(math.ceil(rate_limit / 3) + 1, BUCKET_MAX)


def take_token(
    connection: sqlite3.Connection, name: str, *, rate_limit: int, now: datetime
) -> bool:
    """Take one token from the bucket *name* and return whether the request may pass.

    It may when at least one token is left afterwards. Only whole tokens are granted, and the
    bucket remembers the moment up to which it has granted them, so that no fraction is lost.
    """
    a_second = rate_limit / 60
    row = connection.execute(
        "SELECT tokens, replenished FROM bucket WHERE name = ?", (name,)
    ).fetchone()
    tokens, replenished = row or (bucket_size(rate_limit), now.timestamp())
    granted = math.floor(max(now.timestamp() - replenished, 0) * a_second)
    tokens = max(min(tokens + granted, bucket_size(rate_limit)) - 1, 0)
    connection.execute(
        "REPLACE INTO bucket VALUES (?, ?, ?)", (name, tokens, replenished + granted / a_second)
    )
    return tokens >= 1


def accepted_today(connection: sqlite3.Connection, *, now: datetime) -> int:
    """Return how many live and team messages were accepted since 00:00 UTC."""
    row = connection.execute(
        "SELECT accepted FROM sent_today WHERE day = ?", (f"{now:%Y-%m-%d}",)
    ).fetchone()
    return int(row[0]) if row else 0


def count_accepted(connection: sqlite3.Connection, key_type: str, *, now: datetime) -> None:
    """Count one accepted message towards today's limit. Messages of test keys are not counted."""
    if key_type != TEST:
        connection.execute(
            "INSERT INTO sent_today VALUES (?, 1)"
            " ON CONFLICT (day) DO UPDATE SET accepted = accepted + 1",
            (f"{now:%Y-%m-%d}",),
        )


def rate_refusal(key_type: str, rate_limit: int) -> Refusal:
    """Return the 429 for asking too fast. It carries no Retry-After, like the real one."""
    said = f"Exceeded rate limit for key type {key_type.upper()} of {rate_limit} requests"
    return Refusal(429, "RateLimitError", f"{said} per 60 seconds")


def check_limits(
    connection: sqlite3.Connection, service: Service, key_type: str, *, now: datetime
) -> Refusal | None:
    """Take a token and look at today's count; return the 429 to answer, or None to go on.

    It returns rather than raises, so that the transaction commits the token a refusal took.
    """
    limit = service.rate_limit
    name = f"{service.id}-tokens-{key_type}"
    if limit is not None and not take_token(connection, name, rate_limit=limit, now=now):
        return rate_refusal(key_type, limit)
    daily = service.daily_limit
    # The real counter of test keys is never advanced, so they have no daily limit in practice.
    if daily is None or key_type == TEST or accepted_today(connection, now=now) < daily:
        return None
    return Refusal(429, "TooManyRequestsError", f"Exceeded send limits (email: {daily}) for today")
