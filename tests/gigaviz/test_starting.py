"""A process that lacks what it needs refuses to start, and says in sentences what is missing and how to mend it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from gigaviz.ports import free_port
from tests.gigaviz.lent import PROJECT

ALL = {
    "SECRET_KEY": "a secret that is long enough for a test",
    "FIELD_KEYS": Fernet.generate_key().decode(),
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
CELERY = ["-m", "celery", "-A", "gigaviz.celery"]
STARTS = {
    "check": ["manage.py", "check"],
    "check --deploy": ["manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    "web": ["-m", "granian", "--interface", "wsgi", "--port", "PORT", "gigaviz.wsgi:application"],
    "worker": [*CELERY, "worker", "-Q", "ingest", "--pool", "threads"],
    "clock": [*CELERY, "beat"],
}


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The project without a .env, seen through links, so that a developer's own settings do not reach the test."""
    for path in PROJECT.iterdir():
        if path.name not in {".env", ".run", ".git", "gigaviz"}:
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "gigaviz").mkdir()
    for path in (PROJECT / "gigaviz").iterdir():
        if path.name != "settings.py":
            (tmp_path / "gigaviz" / path.name).symlink_to(path)
    # A copy: Python looks for BASE_DIR beside the file itself.
    (tmp_path / "gigaviz" / "settings.py").write_text((PROJECT / "gigaviz" / "settings.py").read_text())
    return tmp_path


def start(folder: Path, program: str, **environment: str) -> subprocess.CompletedProcess:
    argv = [sys.executable, *(str(free_port()) if part == "PORT" else part for part in STARTS[program])]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "STATIC_FOLDER": str(folder), **environment}
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("program", STARTS)
def test_without_settings_nothing_starts_and_each_missing_one_is_named(bare, program):
    done = start(bare, program)
    assert done.returncode != 0
    for name, number in (
        ("SECRET_KEY", "E001"),
        ("FIELD_KEYS", "E002"),
        ("DATABASE_URL", "E006"),
        ("REDIS_URL", "E007"),
    ):
        assert f"{name} is not set" in done.stderr
        assert f"gigaviz.{number}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("program", ["check", "web", "worker", "clock"])
@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS"])
def test_a_single_missing_secret_is_enough_to_refuse(bare, program, name):
    done = start(bare, program, **{key: value for key, value in ALL.items() if key != name})
    assert done.returncode != 0
    assert f"{name} is not set" in done.stderr
    assert done.stderr.count(" is not set") == 1


def test_a_field_key_that_is_none_is_refused_without_being_shown(bare):
    done = start(bare, "check", **ALL | {"FIELD_KEYS": f"{ALL['FIELD_KEYS']},not-a-key"})
    assert done.returncode != 0
    assert "One of FIELD_KEYS is not a key." in done.stderr
    assert "not-a-key" not in done.stderr
    assert ALL["FIELD_KEYS"] not in done.stderr


def test_with_every_setting_the_checks_pass(bare):
    done = start(bare, "check", **ALL)
    assert done.returncode == 0, done.stderr


def test_settings_of_a_production_raise_no_warning(bare):
    production = {
        "SECRET_KEY": "".join(f"{n:x}" for n in range(60)),
        "PUBLIC_URL": "https://inbox.example.com",
        "ALLOWED_HOSTS": "inbox.example.com",
        "BEHIND_PROXY": "true",
    }
    done = start(bare, "check --deploy", **ALL | production)
    assert done.returncode == 0, done.stderr


def test_without_https_the_deploy_check_warns(bare):
    done = start(bare, "check --deploy", **ALL | {"PUBLIC_URL": "http://inbox.example.com"})
    assert done.returncode != 0
    assert "SESSION_COOKIE_SECURE" in done.stderr


def test_a_new_field_key_can_be_made_before_there_is_any_setting(bare):
    argv = [sys.executable, "manage.py", "new_field_key"]
    done = subprocess.run(argv, cwd=bare, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    Fernet(done.stdout.strip())
