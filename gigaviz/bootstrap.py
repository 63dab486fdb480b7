"""Make .venv and install pinned packages into it: `python gigaviz/bootstrap.py requirements.txt …`.

Runs before anything is installed, so it uses Python's own library alone. Works where Python comes without pip's
installer (Debian without python3-venv), as long as there is a pip; where there is neither, it says what to install.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

VENV = Path(".venv")
PYTHON = VENV / "bin" / "python"
# An upgraded Python leaves a .venv that starts and finds none of its packages.
IS_SOUND = """
import os, sys
found = os.path.isdir(os.path.join(sys.prefix, "lib", "python%d.%d" % sys.version_info[:2]))
sys.exit(not found or sys.version_info < (3, 11))
"""
NEW = ("--clear", "--without-pip")
NO_PIP = (
    "pip is missing: install the package python3-venv or python3-pip of your system "
    "(Debian, Ubuntu: apt install python3-venv) and try again."
)


def main(names: list[str]) -> None:
    """Make sure that .venv has the packages of these files. Exits with a sentence where that cannot work."""
    os.chdir(Path(__file__).resolve().parent.parent)
    VENV.mkdir(exist_ok=True)
    handle = os.open(VENV, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)  # `make demo` and `make test` may begin together
    if not _succeeds(PYTHON, "-c", IS_SOUND) and not _succeeds(sys.executable, "-m", "venv", *NEW, VENV):
        sys.exit(f"{sys.executable} cannot make a virtual environment: install python3-venv and try again.")
    files = [Path(name) for name in names]
    if all(_is_installed(file) for file in files):
        return
    pip = _pip()
    sys.stdout.write("Installing the pinned packages into .venv (once, and when they change).\n")
    sys.stdout.flush()
    asked = [part for file in files for part in ("-r", str(file))]
    command = [*pip, "install", "--quiet", "--require-hashes", *asked]
    # A person's own pip may be set to install for the user, which a virtual environment refuses.
    if subprocess.run(command, env={**os.environ, "PIP_USER": "0"}, check=False).returncode:  # noqa: S603
        sys.exit("The packages could not be installed; the lines above say why.")
    for file in files:
        shutil.copyfile(file, _stamp(file))


def _pip() -> list[str]:
    """The command that runs a pip for .venv: its own, or that of the Python we run on."""
    own = [str(PYTHON), "-m", "pip"]
    lent = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    for command in (own, lent):
        if _succeeds(*command, "--version"):
            return command
    if _succeeds(PYTHON, "-m", "ensurepip"):
        return own
    sys.exit(NO_PIP)


def _stamp(file: Path) -> Path:
    return VENV / f"installed-{file.name}"


def _is_installed(file: Path) -> bool:
    stamp = _stamp(file)
    return stamp.exists() and stamp.read_bytes() == file.read_bytes()


def _succeeds(*argv: str | Path) -> bool:
    try:
        return subprocess.run([str(part) for part in argv], capture_output=True, check=False).returncode == 0  # noqa: S603
    except OSError:
        return False


if __name__ == "__main__":
    main(sys.argv[1:])
