"""A child process with limits of time and memory, for templates a stranger may have written.

The template language itself refuses what is dangerous; this holds what nobody thought of. On
Windows, which has neither fork nor such limits, the work is done in this process.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

import typer

from postroom.errors import PostroomError, out_of_reach

ABORTED = 130  # the exit code: whoever sat there pressed Ctrl-C or Ctrl-D
A_BUG = 70  # its traceback is printed by the interpreter's own hook
CPU_SECONDS = 600
MEMORY_BYTES = 3 * 1024**3  # address space, which is more than is ever touched


def in_a_child(work: Callable[[], None]) -> None:
    """Do *work* in a child process, and end as it ends: by `typer.Exit` unless it went well.

    Raises `PostroomError` when the child used up its time or its memory.
    """
    if not hasattr(os, "fork"):
        work()
        return
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os._exit(_work_within_limits(work))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise PostroomError(_ended_by(os.WTERMSIG(status)))
    code = os.waitstatus_to_exitcode(status)
    if code == ABORTED:
        raise typer.Abort
    if code:
        raise typer.Exit(code)


def _work_within_limits(work: Callable[[], None]) -> int:
    """Return the exit code. Nothing may leave this: above it stands the parent's own stack."""
    import resource  # Windows has none

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    code = A_BUG
    try:
        work()
        code = 0
    except BaseException as ended:  # noqa: BLE001  # said, and the process ends here
        code = _say_why(ended)
    finally:
        with suppress(BrokenPipeError):  # nobody reads any more: there is nobody to tell
            sys.stdout.flush()
            sys.stderr.flush()
    return code


def _say_why(ended: BaseException) -> int:
    """Say why the work *ended*, as the front door does; return the exit code."""
    match ended:
        case typer.Exit():
            return ended.exit_code
        case typer.Abort() | KeyboardInterrupt():
            return ABORTED
        case typer.BadParameter():
            ended.show()
            return ended.exit_code
        case SystemExit():  # as when the reader of a pipe has gone
            return ended.code if isinstance(ended.code, int) else 1
        case PostroomError():
            return _refuse(str(ended))
        case MemoryError():
            return _refuse("The templates need more memory than an email ever does.")
        case OSError() if said := out_of_reach(ended):
            return _refuse(said)
    sys.excepthook(type(ended), ended, ended.__traceback__)
    return A_BUG


def _refuse(why: str) -> int:
    typer.secho(why, fg="red", err=True)
    return 1


def _ended_by(number: int) -> str:
    if number == signal.SIGXCPU:
        return (
            f"The templates were given {CPU_SECONDS} seconds of work and had not finished: "
            "something in them goes round in circles. Nothing was changed."
        )
    return f"The work was ended from outside (signal {number}). Nothing was changed."
