"""Runs the local Notify as a process of its own: python -m postroom.localnotify --help"""

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from postroom.localnotify.server import CannotServe, LocalNotify, run
from postroom.localnotify.service import REPLY_TO_ID, CallbackTo, Service

EXAMPLE = """example:
  python -m postroom.localnotify --database out/notify.sqlite --port 6011 --latency 0.15
  then read what it caught at http://127.0.0.1:6011/
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit status."""
    asked = parser().parse_args(arguments)
    try:
        run(local_notify(asked))
    except CannotServe as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def local_notify(asked: argparse.Namespace) -> LocalNotify:
    """Return the local Notify that the command line *asked* for, not serving yet."""
    return LocalNotify(
        asked.database,
        port=asked.port,
        service=_service(asked),
        latency=asked.latency,
        faults_file=asked.faults,
        show_links_at=dict(asked.show_links_at),
    )


def parser() -> argparse.ArgumentParser:
    """Return the parser of this command line."""
    made = argparse.ArgumentParser(
        prog="python -m postroom.localnotify",
        description="A GOV.UK Notify of your own, on this machine only. It delivers nothing.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--database", type=Path, required=True, help="its own SQLite file")
    made.add_argument("--port", type=int, default=0, help="default: any free one")
    made.add_argument("--latency", type=float, default=0.0, help="seconds for every API call")
    made.add_argument("--faults", type=Path, help="JSON file of faults; edit it while it runs")
    made.add_argument(
        "--show-links-at",
        type=_pair,
        action="append",
        default=[],
        metavar="SENT=HERE",
        help="where links lead in the inbox, for example"
        " https://outreach.example.com=http://127.0.0.1:8000",
    )
    _add_limits(made)
    _add_recipients(made)
    _add_times(made)
    _add_callbacks(made)
    return made


def _add_limits(made: argparse.ArgumentParser) -> None:
    limits = made.add_argument_group("limits")
    limits.add_argument("--rate", type=int, default=3_000, help="messages a minute and key type")
    limits.add_argument("--daily-limit", type=int, default=250_000, help="messages a UTC day")
    limits.add_argument("--lift-limit", action="store_true", help="neither of the two")


REACHED = "whom a team key reaches, and a live key in trial mode"


def _add_recipients(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("who can be reached")
    group.add_argument(
        "--trial-mode", action="store_true", help="live keys reach team and guests only"
    )
    group.add_argument("--team", action="append", default=[], metavar="ADDRESS", help=REACHED)
    group.add_argument("--guest", action="append", default=[], metavar="ADDRESS", help=REACHED)
    group.add_argument(
        "--reply-to",
        type=_pair,
        action="append",
        default=[],
        metavar="ID=ADDRESS",
        help=f"a reply-to that exists (always: {REPLY_TO_ID}=reply@example.com)",
    )


def _add_times(made: argparse.ArgumentParser) -> None:
    times = made.add_argument_group("times")
    times.add_argument("--sending-after", type=float, default=0.3, help="seconds to `sending`")
    times.add_argument("--final-after", type=float, default=1.5, help="seconds to `delivered`")
    times.add_argument("--retention-days", type=int, default=7, help="then it forgets")


def _add_callbacks(made: argparse.ArgumentParser) -> None:
    callbacks = made.add_argument_group("delivery receipts")
    callbacks.add_argument("--callback-url", help="where to post them; default: nowhere")
    callbacks.add_argument("--callback-token", default="", help="the bearer token they carry")
    callbacks.add_argument(
        "--callback-retry-after", type=float, default=300.0, help="seconds between five retries"
    )


def _service(asked: argparse.Namespace) -> Service:
    return Service(
        rate_limit=None if asked.lift_limit else asked.rate,
        daily_limit=None if asked.lift_limit else asked.daily_limit,
        trial_mode=asked.trial_mode,
        team=frozenset(address.lower() for address in asked.team),
        guests=frozenset(address.lower() for address in asked.guest),
        reply_to={**Service().reply_to, **dict(asked.reply_to)},
        retention=timedelta(days=asked.retention_days),
        sending_after=timedelta(seconds=asked.sending_after),
        final_after=timedelta(seconds=asked.final_after),
        callback=_callback(asked),
    )


def _callback(asked: argparse.Namespace) -> CallbackTo | None:
    if not asked.callback_url:
        return None
    pause = timedelta(seconds=asked.callback_retry_after)
    return CallbackTo(asked.callback_url, asked.callback_token, retry_after=pause)


def _pair(text: str) -> tuple[str, str]:
    left, equals, right = text.partition("=")
    if not (left and equals and right):
        raise argparse.ArgumentTypeError(f"{text!r} should be two parts joined by an equals sign")
    return left, right


if __name__ == "__main__":
    sys.exit(main())
