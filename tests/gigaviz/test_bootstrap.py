"""`make` in a bare clone: finds a Python, fills .venv once, and says in one sentence what is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gigaviz.lent import PROJECT

INSTALLING = "Installing the pinned packages"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone that needs no packages, and whose demo only says in which folder and with which packages it runs."""
    folder = tmp_path / "a clone"
    (folder / "gigaviz").mkdir(parents=True)
    shutil.copy(PROJECT / "Makefile", folder)
    shutil.copy(PROJECT / "gigaviz" / "bootstrap.py", folder / "gigaviz")
    (folder / "requirements.txt").write_text("# nothing\n")
    (folder / "gigaviz" / "demo.py").write_text("import os, sys; print(os.getcwd(), sys.prefix, sep='\\n')\n")
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A machine with make, a shell and this Python, under the name python3."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("make", "sh", "awk"):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "python3").write_text(f'#!/bin/sh\nexec "{base}" "$@"\n')
    (folder / "python3").chmod(0o755)
    return folder


def make(target: str, clone: Path, tools: Path, **environment: str) -> subprocess.CompletedProcess:
    argv = [str(tools / "make"), "--no-print-directory", target]
    env = {"PATH": str(tools), "HOME": str(clone), **environment}
    return subprocess.run(argv, cwd=clone, env=env, capture_output=True, text=True, check=False)


def without(folder: Path, *modules: str) -> str:
    """A PYTHONPATH that hides modules, as a system that packs them separately does."""
    for name in modules:
        (folder / f"{name}.py").write_text("raise ImportError\n")
    return str(folder)


def test_packages_are_installed_once_and_again_when_the_file_changed(clone, tools):
    first = make("demo", clone, tools)
    assert INSTALLING in first.stdout
    assert first.stdout.splitlines()[-2:] == [str(clone), f"{clone}/.venv"]
    assert INSTALLING not in make("demo", clone, tools).stdout
    (clone / "requirements.txt").write_text("# changed\n")
    assert INSTALLING in make("demo", clone, tools).stdout


def test_a_broken_virtual_environment_is_made_anew(clone, tools):
    make("demo", clone, tools)
    for name in ("python", "python3"):
        python = clone / ".venv" / "bin" / name
        python.unlink()
        python.symlink_to("/gone")
    assert make("demo", clone, tools).returncode == 0


def test_a_python_without_the_installer_of_pip_borrows_a_pip(clone, tools, tmp_path):
    lent = tmp_path / "lent"
    lent.mkdir()
    # It serves only whoever names the Python to install for, as the pip of the system does.
    (lent / "pip.py").write_text("import sys; sys.exit('--python' not in sys.argv)\n")
    done = make("demo", clone, tools, PYTHONPATH=f"{lent}:{without(tmp_path, 'ensurepip')}")
    assert done.returncode == 0, done.stderr


def test_without_any_pip_one_sentence_says_what_is_missing(clone, tools, tmp_path):
    done = make("demo", clone, tools, PYTHONPATH=without(tmp_path, "ensurepip", "pip"))
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.splitlines()[0].startswith("pip is missing: install the package python3-venv or python3-pip")


def test_without_a_recent_python_one_sentence_says_so(clone, tools):
    (tools / "python3").write_text("#!/bin/sh\nexit 1\n")
    done = make("demo", clone, tools)
    assert done.returncode != 0
    assert done.stderr.startswith("No Python 3.11 or newer was found")


def test_the_python_that_is_asked_for_is_used_and_no_other_stands_in_for_it(clone, tools):
    refused = make("demo", clone, tools, BASE_PYTHON=str(tools / "gone"))
    assert refused.stderr.startswith("No Python 3.11 or newer was found")
    (tools / "python3").rename(tools / "mine")
    done = make("demo", clone, tools, BASE_PYTHON=str(tools / "mine"))
    assert done.returncode == 0, done.stderr


def test_packages_that_cannot_be_installed_stop_the_command(clone, tools):
    (clone / "requirements.txt").write_text("no-such-package==1\n")
    done = make("demo", clone, tools, PIP_NO_INDEX="1")
    assert done.returncode != 0
    assert "could not be installed" in done.stderr
    assert not (clone / ".venv" / "installed-requirements.txt").exists()


def test_help_lists_every_command(clone, tools):
    done = make("help", clone, tools)
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["help", "demo", "test", "bench", "lint"]
    assert not (clone / ".venv").exists()
