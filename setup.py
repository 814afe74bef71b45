"""Put what `outreach init` copies into the wheel; pyproject.toml holds everything else."""

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from postroom.commands.starter import checkout_files  # noqa: E402 - found by the line above


class BuildWithStarter(build_py):
    """Build as usual, then copy the repository's own workspace into postroom/starter/."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # a checkout's files are found where they are
            return
        for relative, content in checkout_files(ROOT):
            target = Path(self.build_lib, "postroom", "starter", relative)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


setup(cmdclass={"build_py": BuildWithStarter})
