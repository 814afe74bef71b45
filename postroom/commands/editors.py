"""Who had the last hand in a campaign's files, as far as git knows."""

import subprocess
from pathlib import Path

from postroom.content.editions import Edition

PATIENCE = 10  # seconds: git on a large repository


def last_editor(root: Path, edition: Edition) -> str:
    """Return the author of the newest commit of the campaign's file or templates; else nothing.

    Nothing where the workspace at *root* is in no git checkout. What is not committed yet counts
    as the hand of whoever asks, who may not approve it either.
    """
    try:
        asked = subprocess.run(
            ["git", "-C", str(root), "log", "-1", "--format=%aE", "--", *edition.files],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout.strip()
