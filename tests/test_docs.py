"""What the documents say that a machine can check: files, commands, settings, figures that stand in code."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.db import connection

from gigaviz.celery import app
from inbox import writing
from optouts import keywords
from workspaces import access
from workspaces.models import Role

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
TEXTS = {path.name: path.read_text() for path in DOCUMENTS}
EVERYTHING = "\n".join(TEXTS.values())
# Folders and files that a run or a person makes.
MADE = {".env", ".run/", ".venv", ".venv/bin", ".venv/bin/pip", ".venv/bin/uv", "webhooks/meta/"}


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", re.sub(r"\s*\n\s*", " ", text))


def command_lines(text: str) -> list[list[str]]:
    """Every `manage.py` command with its words, those that go over several lines joined."""
    joined = re.sub(r"\\\n\s*", " ", text)
    found = re.findall(r"manage\.py ([a-z_]+)([^`|\n]*)", joined)
    return [[name, *shlex.split(rest.split(",")[0])] for name, rest in found if name in get_commands()]


def test_the_documents_are_there():
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"} <= set(TEXTS)
    assert {"architecture.md", "operations.md"} <= set(TEXTS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path):
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_named_exists(path):
    for words in quoted(path.read_text()):
        if re.fullmatch(r"\.?[\w-]+(/[\w.-]+)*/?(\.(py|yml|toml|txt|in|md|example))?", words) and (
            "/" in words or re.search(r"\.(py|yml|toml|txt|in|md|example)$", words)
        ):
            assert words in MADE or (ROOT / words).exists(), words


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_management_command_named_exists_and_has_the_options_shown(path):
    named = re.findall(r"manage\.py ([a-z_]+)", path.read_text())
    assert [name for name in named if name not in get_commands()] == []
    for name, *words in command_lines(path.read_text()):
        where = get_commands()[name]
        command = load_command_class(where, name) if isinstance(where, str) else where
        known = {
            option for action in command.create_parser("manage.py", name)._actions for option in action.option_strings
        }
        assert [word for word in words if word.startswith("--") and word not in known] == []


def test_every_make_target_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"(?:`|^    )make ([a-z]+)", EVERYTHING, re.M))
    assert named == targets - {"help"}


def test_every_module_named_can_be_run():
    for name in set(re.findall(r"python3? -m ([\w.]+)", EVERYTHING)) - {"venv"}:
        path = ROOT / name.replace(".", "/")
        assert (path / "__main__.py").exists() or path.with_suffix(".py").exists(), name


def test_every_setting_named_exists():
    described = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.M))
    others = {"APP_SECRET", "ACCESS_TOKEN", "VERIFY_TOKEN", "GIGAVIZ_PASSWORD", "CHROMIUM", "META_OPENAPI", "ARGS"}
    others |= {"PORT", "SIMULATOR_PORT"}
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", EVERYTHING)) | set(re.findall(r"`([A-Z]{4,})`", EVERYTHING))
    sql = {"SKIP_LOCKED", "DROP", "POST"}
    assert named - described - others - sql == set()


def test_the_others_are_read_where_the_documents_say():
    commands = "".join(path.read_text() for path in ROOT.glob("*/management/commands/*.py"))
    for name in ("APP_SECRET", "ACCESS_TOKEN", "GIGAVIZ_PASSWORD"):
        assert f'"{name}"' in commands
    demo = (ROOT / "gigaviz" / "demo" / "__main__.py").read_text()
    for name, usual in (("PORT", "8000"), ("SIMULATOR_PORT", "8801")):
        assert f'"{name}", {usual}' in demo
        assert usual in TEXTS["README.md"]
    assert 'environ.get("CHROMIUM")' in (ROOT / "tests" / "browser" / "finding.py").read_text()


def test_the_processes_are_those_of_the_compose_file():
    compose = (ROOT / "docker-compose.yml").read_text()
    shown = TEXTS["operations.md"]
    for queue, threads in re.findall(r"worker -Q (\w+) -n \S+ --pool threads --concurrency (\d+)", compose):
        assert f"celery -A gigaviz.celery worker -Q {queue} --pool threads --concurrency {threads}" in shown
    assert {entry["options"]["queue"] for entry in app.conf.beat_schedule.values()} <= {"ingest", "sending"}


@pytest.mark.django_db
def test_what_the_documents_ask_of_the_database_it_answers():
    asked = re.findall(r"^    (SELECT [^;]+);", EVERYTHING, re.M) + re.findall(r"`(DELETE FROM [^`]+)`", EVERYTHING)
    assert len(asked) == 2
    with connection.cursor() as cursor:
        for statement in asked:
            cursor.execute(statement)


def test_figures_in_the_documents_are_those_of_the_code():
    assert timedelta(minutes=10) == writing.LONGEST_WAIT
    assert "more than ten minutes old" in TEXTS["operations.md"]
    assert len(keywords.STOP_WORDS) == 8
    assert "STOP words in eight languages" in TEXTS["CHANGELOG.md"]


def test_what_the_guide_to_connecting_puts_in_bold_is_on_a_page():
    (guide,) = re.findall(r"^## Connect a number.*?(?=^## )", TEXTS["operations.md"], re.M | re.S)
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "connections").glob("*.py")]
    shown = "\n".join(path.read_text() for path in pages)
    named = re.findall(r"\*\*(.+?)\*\*", re.sub(r"^\d\. \*\*.+?\*\*", "", guide, flags=re.M))
    assert len(named) > 10
    assert [words for words in named if words not in shown] == []


def test_the_roles_described_are_the_roles_there_are():
    assert f"({', '.join(Role.values)})" in TEXTS["SECURITY.md"]


def test_the_table_of_roles_is_that_of_the_code():
    lines = re.findall(r"^\| (.+) \|$", TEXTS["roles.md"], re.M)
    shown = [[cell.strip() for cell in line.split("|")] for line in lines]
    said = [[ability, *("yes" if allowed else "no" for allowed in roles)] for ability, roles in access.table()]
    assert shown == [["May", *Role.labels], *said]


def test_the_licence_is_one_and_the_readme_says_why():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()[:200]
    assert "Licensed under Apache-2.0: you may" in TEXTS["README.md"]


def test_what_ci_runs_is_there():
    script = (ROOT / ".ci" / "run").read_text()
    subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=True)
    for step in (
        "make test",
        "make lint",
        "makemigrations --check",
        "check --database default",
        "-m contract",
        "-m bench",
    ):
        assert f"step {step}" in script or step in script
    for module in re.findall(r"-m ([\w.]+)", script):
        assert (ROOT / module.replace(".", "/")).exists() or (ROOT / f"{module.replace('.', '/')}.py").exists()
