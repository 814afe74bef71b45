"""Who the local Notify is: its one service, its keys, its template, its limits and its times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

SERVICE_ID = "5a6b1f0e-3c51-4d0a-9f0e-6f1c0a2b7d10"
TEMPLATE_ID = "c1d8a4f2-7b3e-4a56-8e21-0d9f5b6c7a84"
REPLY_TO_ID = "e7f3b2a9-1d4c-4e8b-a6f5-92c0d1e3b475"

LIVE, TEAM, TEST = "live", "team", "test"
SECRETS: Mapping[str, str] = MappingProxyType(
    {
        LIVE: "0f4a8c72-51b6-4d39-8e05-a3c7d9e1b264",
        TEAM: "1b5c9d83-62c7-4e4a-9f16-b4d8eaf2c375",
        TEST: "2c6dae94-73d8-4f5b-a027-c5e9fb03d486",
    }
)


def keys_of(service_id: str) -> dict[str, str]:
    """Return the API keys of *service_id* by key type, written as Notify writes them."""
    return {
        key_type: f"local_{key_type}-{service_id}-{secret}" for key_type, secret in SECRETS.items()
    }


KEYS: Mapping[str, str] = MappingProxyType(keys_of(SERVICE_ID))


@dataclass(frozen=True)
class CallbackTo:
    """Where delivery receipts go, and the bearer token they carry."""

    url: str
    token: str
    retry_after: timedelta = timedelta(seconds=300)
    retries: int = 5
    timeout: float = 5.0  # seconds


@dataclass(frozen=True)
class Service:
    """The service that the keys belong to. Servers over one file should be given the same.

    `team` and `guests` are addresses, lower case: a team key reaches them alone, and so does a
    live key in trial mode. `rate_limit` (messages a minute, for each key type) and `daily_limit`
    are lifted by None.
    """

    id: str = SERVICE_ID
    rate_limit: int | None = 3_000
    daily_limit: int | None = 250_000
    trial_mode: bool = False
    archived: bool = False
    revoked: frozenset[str] = frozenset()  # key types whose key no longer works
    team: frozenset[str] = frozenset()
    guests: frozenset[str] = frozenset()
    reply_to: Mapping[str, str] = field(default_factory=lambda: {REPLY_TO_ID: "reply@example.com"})
    sender: str = "local-notify@example.com"
    page_size: int = 250  # notifications on one page of a list, as Notify's API_PAGE_SIZE
    retention: timedelta = timedelta(days=7)
    sending_after: timedelta = timedelta(seconds=0.3)
    final_after: timedelta = timedelta(seconds=1.5)
    callback: CallbackTo | None = None
