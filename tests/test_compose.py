"""What `docker compose` would build and start, as far as it shows without an engine: files, commands, settings."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet

from gigaviz.celery import app
from gigaviz.demo import programs

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
OURS = ["migrate", "web", "ingest", "sending", "clock"]


def words(service: str) -> list[str]:
    command = SERVICES[service].get("command")
    if command is None:  # the image's own
        found = re.search(r"^CMD (\[.+?\])", DOCKERFILE.replace("\\\n", ""), re.M)
        assert found is not None
        return list(yaml.safe_load(found[1]))
    return shlex.split(command)


def option(service: str, name: str) -> str:
    return words(service)[words(service).index(name) + 1]


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """What .dockerignore lets into the image."""
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert rules[0] == "*", "nothing gets in that is not named"
    for name in (rule[1:] for rule in rules if rule.startswith("!")):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    for rule in rules[1:]:
        if not rule.startswith(("!", "**")):
            shutil.rmtree(tmp_path / rule)
    return tmp_path


def run(context: Path, *argv: str, **env: str) -> subprocess.CompletedProcess:
    environment = {"PATH": os.environ["PATH"], "STATIC_FOLDER": str(context / "collected"), **env}
    command = [sys.executable, *argv]
    return subprocess.run(command, cwd=context, env=environment, capture_output=True, text=True, check=False)


def test_the_services_are_those_of_production():
    assert set(SERVICES) == {*OURS, "db", "redis"}


def test_the_image_is_built_without_secrets_and_starts_with_them(context):
    collected = run(context, "manage.py", "collectstatic", "--noinput")
    assert collected.returncode == 0, collected.stderr
    secrets = {
        "SECRET_KEY": "a secret that is long enough for a test",
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    start = "import gigaviz.wsgi, gigaviz.celery; gigaviz.celery.app.loader.import_default_modules()"
    started = run(context, "-W", "error", "-c", start, **secrets)
    assert started.returncode == 0, started.stderr


def test_nothing_private_gets_into_the_image(context):
    names = [str(path.relative_to(context)) for path in context.rglob("*") if path.is_file()]
    data = [name for name in names if not name.endswith(".py")]  # a module may be about secrets
    assert [name for name in data if fnmatch.fnmatch(name, "*.env*") or "secret" in name] == []
    assert not (context / ".git").exists()
    assert "ENV SECRET" not in DOCKERFILE
    assert "ARG" not in DOCKERFILE


def test_everything_of_ours_is_one_image_and_runs_as_nobody_in_particular():
    assert re.search(r"^USER gigaviz$", DOCKERFILE, re.M)
    assert DOCKERFILE.index("USER gigaviz") < DOCKERFILE.index("CMD")
    assert len({SERVICES[name]["image"] for name in OURS}) == 1
    for name in OURS:
        assert "user" not in SERVICES[name]
        assert SERVICES[name]["read_only"]
        assert SERVICES[name]["cap_drop"] == ["ALL"]
        assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


def test_every_image_has_a_tag_that_says_which_version():
    images = [service["image"] for service in SERVICES.values()]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    for image in images:
        assert re.search(r":\d", image), image


def test_the_images_of_ours_and_the_package_have_one_version():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)
    assert version is not None
    assert SERVICES["web"]["image"] == f"gigaviz:{version[1]}"


def test_processes_are_as_wide_as_those_of_the_demo_and_the_bench():
    widths = {"web": "--blocking-threads", "ingest": "--concurrency", "sending": "--concurrency"}
    for program in (programs.web({}, 8000), *programs.workers({})):
        if width := widths.get(program.name):
            argv = list(program.argv)
            assert option(program.name, width) == argv[argv.index(width) + 1]


def test_every_queue_has_its_worker_and_there_is_one_clock():
    asked = {entry["options"]["queue"] for entry in app.conf.beat_schedule.values()}
    sources = [path.read_text() for path in (ROOT / "inbox").rglob("*.py")]
    asked |= {queue for text in sources for queue in re.findall(r'queue="(\w+)"', text)}
    served = {option(name, "-Q") for name in OURS if "-Q" in words(name)}
    assert asked == served == {"ingest", "sending"}
    assert [name for name in OURS if "beat" in words(name)] == ["clock"]
    assert not any("-B" in words(name) for name in OURS)


@pytest.mark.parametrize("program", ["granian", "celery"])
def test_every_option_of_a_command_exists(program):
    argv = {
        "granian": ["-m", "granian", "--help"],
        "celery": ["-m", "celery", "-A", "gigaviz.celery", "worker", "--help"],
    }
    known = subprocess.run(
        [sys.executable, *argv[program]], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in OURS:
        if words(name)[0] == program and "beat" not in words(name):
            for word in words(name)[3:]:
                assert not word.startswith("--") or word in known, f"{name}: {word}"


def test_whatever_has_an_answer_to_give_is_asked_for_its_health():
    assert {name for name, service in SERVICES.items() if "healthcheck" in service} == set(SERVICES) - {
        "clock",
        "migrate",
    }
    for name in ("ingest", "sending"):
        assert f"-d {name}@" in SERVICES[name]["healthcheck"]["test"][1]
        assert option(name, "-n") == f"{name}@%h"
    assert SERVICES["web"]["healthcheck"]["test"][1:] == ["python", "-m", "gigaviz.healthy", option("web", "--port")]


def test_processes_start_only_after_the_database_is_there_and_migrated():
    assert SERVICES["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    for name in OURS[1:]:
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_secrets_come_from_the_env_file_and_stand_nowhere_else():
    described = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.M))
    assert set(re.findall(r"\$\{(\w+)", COMPOSE)) == {"POSTGRES_PASSWORD"} <= described
    for name in OURS:
        assert SERVICES[name]["env_file"] == ".env"
        assert {"SECRET_KEY", "FIELD_KEYS"} & set(SERVICES[name]["environment"]) == set()


def test_only_the_web_server_is_reached_from_outside_and_only_through_a_proxy():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }


def test_the_database_sorts_as_we_do_and_the_broker_never_forgets_a_hint_for_want_of_room():
    assert "--locale=C.UTF-8" in SERVICES["db"]["environment"]["POSTGRES_INITDB_ARGS"]
    assert "synchronous_commit" not in COMPOSE
    assert "fsync" not in COMPOSE
    assert option("redis", "--maxmemory-policy") == "noeviction"
