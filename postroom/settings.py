"""Every setting, read once from the environment, `.env` and `outreach.toml`, in that order.

Nothing else in the project reads the environment. Secrets (keys, the workspace's secret) are
accepted from the environment and `.env` only: `outreach.toml` is kept in git.
"""

import getpass
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from postroom import wrong_values
from postroom.errors import SettingsError
from postroom.workspace import SETTINGS_FILE, Workspace

NOTIFY_PRODUCTION = "https://api.notifications.service.gov.uk"
SAMPLE_PUBLIC_URL = "https://outreach.example.com"


ENCODING = "utf-8-sig"  # Windows puts a mark before it, which would else join the first name
OURS = ("OUTREACH_", "NOTIFY_")
OTHERS = {"NOTIFY_SOCKET"}  # systemd's


class Mode(StrEnum):
    """Where mail goes, and so what a mistake costs."""

    LOCAL = "local"  # the local Notify, on this machine: no mail leaves
    TEST = "test"  # Notify, with a test key: accepted and shown there, never delivered
    TEAM = "team"  # Notify, with a team key: delivered to the team and the guest list only
    LIVE = "live"  # everybody


@dataclass(frozen=True)
class Waits:
    """How long we wait before believing that something did not happen."""

    request: timedelta
    """After this long without an answer our side gives a request up."""
    landing: timedelta
    """A request given up may still be accepted this long afterwards (Notify's own servers give
    up at 29.5 s: `HTTP_SERVE_TIMEOUT_SECONDS` in notifications-api's application.py)."""
    lease: timedelta
    """A claimed message must be requested within this, or not at all."""
    skew: timedelta = timedelta(0)
    """By so much the clocks of two senders may differ. Notify takes a request only from a machine
    whose clock is within 30 seconds of its own."""


FULL_WAITS = Waits(
    request=timedelta(seconds=40), landing=timedelta(seconds=35), lease=timedelta(seconds=30)
)
LONGEST_WAIT = 3_600  # seconds that somebody may set: an hour, far beyond any use
CLOCKS_DIFFER = timedelta(seconds=60)
EMBEDDED_WAITS = Waits(
    request=timedelta(seconds=5), landing=timedelta(seconds=1), lease=timedelta(seconds=5)
)
"""For the embedded local Notify, which lives and dies with the process that sends to it."""


# What Notify takes as the beginning of a one-click link: an RFC 3986 URI, which is ASCII.
_LINK_BASE = re.compile(
    r"https://[\w.-]+(?::\d+)?(?:/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9a-fA-F]{2})*)?", re.ASCII
)


def _setting(default: Any, meaning: str, **constraints: Any) -> Any:
    return Field(default, description=meaning, **constraints)


def _secret(name: str, meaning: str) -> Any:
    return Field(None, description=meaning, validation_alias=AliasChoices(name))


class Settings(BaseSettings):
    """What this workspace and this machine say. Frozen; secrets never show in its repr."""

    model_config = SettingsConfigDict(
        env_prefix="OUTREACH_",
        env_file_encoding=ENCODING,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
    )

    mode: Mode = _setting(Mode.LOCAL, "local, test, team or live, unless --mode says another")
    public_url: str = _setting(SAMPLE_PUBLIC_URL, "the base of every link in an email; https only")
    database_url: SecretStr | None = _setting(
        None, "a PostgreSQL address, for teams that share one; .env or the environment only"
    )
    person: str | None = _setting(None, "who is doing this: in live an address from `people`")

    secret: SecretStr | None = _secret(
        "OUTREACH_SECRET", "signs links and hashes addresses; made by `outreach init`"
    )
    notify_base_url: str | None = Field(
        None, validation_alias=AliasChoices("NOTIFY_BASE_URL"), description="Notify's address"
    )
    notify_template_id: UUID | None = Field(
        None,
        validation_alias=AliasChoices("NOTIFY_TEMPLATE_ID"),
        description="the pass-through template in Notify: subject ((subject)), body ((body))",
    )
    notify_test_key: SecretStr | None = _secret("NOTIFY_TEST_KEY", "a Notify key of type test")
    notify_team_key: SecretStr | None = _secret("NOTIFY_TEAM_KEY", "a Notify key of type team")
    notify_live_key: SecretStr | None = _secret("NOTIFY_LIVE_KEY", "a Notify key of type live")

    notify_callback_token: SecretStr | None = _secret(
        "NOTIFY_CALLBACK_TOKEN",
        "the bearer token that Notify sends with its delivery callbacks, as set there",
    )

    people: Annotated[tuple[str, ...], NoDecode] = _setting(
        (), "addresses of the team: who may send live, and who may get a test send"
    )
    approvers: Annotated[tuple[str, ...], NoDecode] = _setting(
        (), "addresses of those who may approve a live campaign"
    )
    allowed_addresses: Annotated[tuple[str, ...], NoDecode] = _setting(
        (), "outside live, mail goes only to these addresses or @domains (empty: no limit)"
    )
    reply_to_id: UUID | None = _setting(None, "a reply-to address set up in Notify, by its id")
    rate_per_minute: int = _setting(
        2_970, "the most messages a minute to ask Notify to take", ge=1, le=30_000
    )
    notify_rate_per_minute: int = _setting(
        3_000, "how many messages a minute Notify lets your service send", ge=1, le=30_000
    )
    workers: int = _setting(16, "how many requests may wait for Notify at once", ge=1, le=64)
    test_sends_a_day: int = _setting(20, "the most test sends in a day", ge=1, le=1_000)
    notify_retention_days: int = _setting(
        7, "how long Notify keeps a message (3 to 90 days, set there)", ge=3, le=90
    )
    missed_start_minutes: int = _setting(
        30, "a send set for a time asks instead when it starts later than this", ge=1, le=1_440
    )
    request_seconds: float | None = _setting(
        None, "local mode only: how long to wait for an answer", gt=0, le=LONGEST_WAIT
    )
    landing_seconds: float | None = _setting(
        None,
        "local mode only: how long a given-up request may still be accepted",
        ge=0,
        le=LONGEST_WAIT,
    )
    lease_seconds: float | None = _setting(
        None, "local mode only: how long a claim lasts", gt=0, le=LONGEST_WAIT
    )

    @field_validator("people", "approvers", "allowed_addresses", mode="before")
    @classmethod
    def _commas_in_the_environment(cls, value: object) -> object:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _public_url_is_https(cls, value: str) -> str:
        if not _LINK_BASE.fullmatch(value):
            raise ValueError(
                "must be an https address with no query and no letters beyond a to z (in a name "
                "with others, its xn-- form), like https://example.com"
            )
        return value.rstrip("/")

    @field_validator("notify_base_url")
    @classmethod
    def _base_url_has_no_path(cls, value: str | None) -> str | None:
        # The client drops a path silently (it joins "/v2/…" onto the host), so we refuse one.
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise ValueError("must be an http or https address without a path")
        return value.rstrip("/")

    @field_validator(
        "secret",
        "database_url",
        "notify_callback_token",
        "notify_test_key",
        "notify_team_key",
        "notify_live_key",
    )
    @classmethod
    def _stripped(cls, value: SecretStr | None) -> SecretStr | None:
        # Notify's client reads keys by position: a trailing newline makes a valid key invalid.
        return SecretStr(value.get_secret_value().strip()) if value else None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The settings file arrives as init arguments, so those come last: env > .env > file.
        return env_settings, dotenv_settings, init_settings

    def key(self, mode: Mode) -> SecretStr | None:
        """Return the Notify key that *mode* uses; none in local mode, which has its own."""
        return {
            Mode.TEST: self.notify_test_key,
            Mode.TEAM: self.notify_team_key,
            Mode.LIVE: self.notify_live_key,
        }.get(mode)

    def rate(self, mode: Mode) -> int:
        """Return how many messages a minute to ask Notify to take in *mode*.

        Raises as `refuse_rate_above_limit` does.
        """
        self.refuse_rate_above_limit(mode)
        return self.rate_per_minute

    def refuse_rate_above_limit(self, mode: Mode) -> None:
        """Raise `SettingsError` outside local mode for a rate above what the service may send.

        It would not go faster, but be refused again and again, and other programs under the key
        with it.
        """
        if mode is not Mode.LOCAL and self.rate_per_minute > self.notify_rate_per_minute:
            raise SettingsError(
                f"rate_per_minute is {self.rate_per_minute:,}, and Notify lets your service send "
                f"{self.notify_rate_per_minute:,} a minute. Lower it, best to one percent below "
                "that; or, if Notify has raised the limit for you, say so with "
                "notify_rate_per_minute (outreach.toml)."
            )

    def waits(self, mode: Mode) -> Waits:
        """Return how long to wait for Notify in *mode*.

        Raises `SettingsError` when a wait was shortened outside local mode: the waits are what
        keeps an email from going out twice.
        """
        shortened = (self.request_seconds, self.landing_seconds, self.lease_seconds)
        if mode is not Mode.LOCAL:
            if any(value is not None for value in shortened):
                raise SettingsError(
                    "request_seconds, landing_seconds and lease_seconds may be set in local mode "
                    "only. Take them out of outreach.toml and the environment."
                )
            several = self.database_url is not None  # machines may share it, each with its clock
            return replace(FULL_WAITS, skew=CLOCKS_DIFFER) if several else FULL_WAITS
        default = FULL_WAITS if self.notify_base_url else EMBEDDED_WAITS
        request, landing, lease = (
            kept if value is None else timedelta(seconds=value)
            for value, kept in zip(
                shortened, (default.request, default.landing, default.lease), strict=True
            )
        )
        return Waits(request, landing, lease)

    @property
    def retention(self) -> timedelta:
        """How long Notify keeps what it knows of an email."""
        return timedelta(days=self.notify_retention_days)

    def is_in_team(self, address: str) -> bool:
        """Return whether *address* is one of `people`, in capitals or not."""
        return address.strip().lower() in {known.strip().lower() for known in self.people}

    def who(self) -> str:
        """Return who is acting: OUTREACH_PERSON, else the operating system's account."""
        return self.person or getpass.getuser()


SECRETS = {
    "secret": "OUTREACH_SECRET",
    "database_url": "OUTREACH_DATABASE_URL",  # it holds a password
    "notify_test_key": "NOTIFY_TEST_KEY",
    "notify_team_key": "NOTIFY_TEAM_KEY",
    "notify_live_key": "NOTIFY_LIVE_KEY",
    "notify_callback_token": "NOTIFY_CALLBACK_TOKEN",
}
OTHER_VARIABLES = ("OUTREACH_WORKSPACE",)


def read_settings(workspace: Workspace) -> Settings:
    """Read the settings of *workspace* and this process's environment.

    Raises `SettingsError` with every problem, naming the file or the variable; never a value.
    """
    file = workspace.settings_file
    try:
        written = tomllib.loads(file.read_text(encoding=ENCODING))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not valid TOML: {error}") from error
    except RecursionError as error:
        raise SettingsError(f"{file}: is nested too deeply to read") from error
    problems = list(_problems_in_file(file.name, written))
    if problems:
        raise SettingsError(*problems)
    try:
        settings = Settings(_env_file=workspace.env_file, **written)
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{workspace.env_file}: not text in UTF-8. Open it in your editor, save it with the "
            "encoding UTF-8, and run this again."
        ) from error
    except ValidationError as error:
        raise SettingsError(*(_in_words(problem) for problem in error.errors())) from error
    _one_key_one_name(settings)
    return settings


def workspace_named_in_environment() -> Path | None:
    """Return OUTREACH_WORKSPACE as a path, if it is set."""
    named = os.environ.get("OUTREACH_WORKSPACE")
    return Path(named) if named else None


def forget_environment() -> None:
    """Take every OUTREACH_ and NOTIFY_ variable out of this process's environment."""
    for name in [n for n in os.environ if n.startswith(OURS)]:
        del os.environ[name]


def unknown_variables(workspace: Workspace) -> list[str]:
    """Return what stands in the environment and `.env` under names like ours, unknown to us.

    Each as a sentence, by name, without its value. A misspelt variable is silently ignored by
    every reader of the environment; `doctor` says so.
    """
    aliases = {*SECRETS.values(), "NOTIFY_BASE_URL", "NOTIFY_TEMPLATE_ID"}
    known = {f"OUTREACH_{name.upper()}" for name in Settings.model_fields} | aliases
    written = DotEnvSettingsSource(Settings, env_file=workspace.env_file, case_sensitive=True)
    return [
        *_unknown(os.environ, known | set(OTHER_VARIABLES), where=""),
        *_unknown(written.env_vars, known, where=" (in .env)"),
    ]


def _unknown(names: Iterable[str], known: set[str], *, where: str) -> Iterator[str]:
    for name in sorted(set(map(str.upper, names))):
        if name.startswith(OURS) and name not in known | OTHERS:
            [*like] = get_close_matches(name, known, n=1, cutoff=0.8)
            meant = f"is it {like[0]}?" if like else "is it misspelt?"
            yield f"{name}{where} means nothing here: {meant}"


def _problems_in_file(name: str, written: dict[str, Any]) -> Iterable[str]:
    known = set(Settings.model_fields) - set(SECRETS)
    for key in written:
        if key in SECRETS:
            yield (
                f"{name}: {key} is a secret and this file is kept in git. "
                f"Move it to .env as {SECRETS[key]}."
            )
        elif key not in known:
            yield f"{name}: {key} is not a setting. Settings are: {', '.join(sorted(known))}."


def _in_words(problem: Any) -> str:
    field = str(problem["loc"][0])
    variable = field if field.isupper() else f"OUTREACH_{field.upper()}"
    said = wrong_values.in_words(problem)
    return f"{field} (in {SETTINGS_FILE}, .env or {variable}): {said}"


def _one_key_one_name(settings: Settings) -> None:
    seen: dict[str, Mode] = {}
    for mode in (Mode.TEST, Mode.TEAM, Mode.LIVE):
        key = settings.key(mode)
        if key is None:
            continue
        other = seen.setdefault(key.get_secret_value(), mode)
        if other is not mode:
            raise SettingsError(
                f"NOTIFY_{other.upper()}_KEY and NOTIFY_{mode.upper()}_KEY hold the same key. A "
                "key's type cannot be read off it, so each key belongs under one name only."
            )
