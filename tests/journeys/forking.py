"""Runs commands in processes that begin with everything imported.

Importing is most of what a short command does, and the same for all of them. Run as a program,
this reads one request a line, forks, and in the fork becomes `outreach` as a shell would have
started it.
"""

import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Forking:
    """A process that everything is imported in, and that forks when it is asked."""

    def __init__(self, env):
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            cwd=ROOT,
            env=env | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, words, folder, env, seconds):
        """Run `outreach` with *words* to its end; return its exit code, output and errors.

        After *seconds* it is ended by the signal ALRM.
        """
        with tempfile.TemporaryDirectory() as told:
            request = {"words": words, "folder": str(folder), "env": env, "told": told}
            request["seconds"] = seconds
            print(json.dumps(request), file=self._process.stdin, flush=True)
            code = int(self._process.stdout.readline())
            return code, *((Path(told) / name).read_text("utf-8") for name in ("out", "err"))

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def serve():
    """Fork once a request and say how it ended; in the fork, return."""
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(**request)
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    os._exit(0)


def _become(words, folder, env, told, seconds):
    signal.alarm(seconds)
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(f"{told}/{name}", os.O_CREAT | os.O_WRONLY)
        os.dup2(file, number)
        os.close(file)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.argv = [str(ROOT / "outreach.py"), *words]


if __name__ == "__main__":
    import outreach
    import postroom.commands

    for module in pkgutil.iter_modules(postroom.commands.__path__, "postroom.commands."):
        import_module(module.name)
    serve()
    outreach.main()
