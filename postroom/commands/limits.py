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

from postroom.errors import PostroomError

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
    if code := os.waitstatus_to_exitcode(status):
        raise typer.Exit(code)


def _work_within_limits(work: Callable[[], None]) -> int:
    """Return the exit code. Nothing may leave this: above it stands the parent's own stack."""
    import resource  # Windows has none

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    code = 70  # a bug: its traceback is printed by the interpreter's own hook
    try:
        work()
        code = 0
    except typer.Exit as ended:
        code = ended.exit_code
    except PostroomError as error:
        typer.secho(str(error), fg="red", err=True)
        code = 1
    except MemoryError:
        typer.secho("The templates need more memory than an email ever does.", fg="red", err=True)
        code = 1
    except KeyboardInterrupt:
        code = 130
    except SystemExit as ended:  # as when the reader of a pipe has gone
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001  # said in full, and the process ends here
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(BrokenPipeError):  # nobody reads any more: there is nobody to tell
            sys.stdout.flush()
            sys.stderr.flush()
    return code


def _ended_by(number: int) -> str:
    if number == signal.SIGXCPU:
        return (
            f"The templates were given {CPU_SECONDS} seconds of work and had not finished: "
            "something in them goes round in circles. Nothing was changed."
        )
    return f"The work was ended from outside (signal {number}). Nothing was changed."
