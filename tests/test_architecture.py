"""The house's own rules, as tests: who may know whom, through ForeignKeys too, and nothing left lying about."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import CASCADE, ForeignKey, Model
from django.test.utils import isolate_apps

ROOT = Path(__file__).resolve().parent.parent
APPS = ["workspaces", "connections", "webhooks", "optouts", "inbox", "diagnostics"]
MAY_KNOW = {
    "workspaces": set(),
    "connections": {"workspaces"},
    "optouts": {"workspaces"},
    "webhooks": {"workspaces", "connections"},
    "inbox": {"workspaces", "connections", "webhooks", "optouts"},
    "diagnostics": {"workspaces", "connections", "webhooks", "optouts", "inbox"},
}


def product_files() -> list[Path]:
    folders = [*APPS, "gigaviz", "simulator"]
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]


def apps_known_by(model: type[Model]) -> set[str]:
    """The apps that a model's fields point to, whether they name the other model or quote it."""
    related = [
        field.remote_field.model
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.remote_field is not None
    ]
    labels = {model.partition(".")[0] if isinstance(model, str) else model._meta.app_label for model in related}
    return labels - {model._meta.app_label}


@pytest.mark.parametrize("app", APPS)
def test_foreign_keys_point_only_where_imports_may(app):
    known = set().union(*(apps_known_by(model) for model in apps.get_app_config(app).get_models()))
    assert known & set(APPS) <= MAY_KNOW[app]


@isolate_apps("workspaces")
def test_a_foreign_key_that_is_quoted_counts_too():
    class Planted(Model):
        message = ForeignKey("inbox.Message", on_delete=CASCADE)

        class Meta:
            app_label = "workspaces"

    assert apps_known_by(Planted) == {"inbox"}


def test_every_app_of_ours_is_in_the_table():
    ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
    assert ours - {"gigaviz"} == set(APPS) == set(MAY_KNOW)


@pytest.mark.parametrize(
    ("app", "planted"),
    [
        ("workspaces", "from inbox.models import Message"),
        ("optouts", "import connections.models"),
        ("webhooks", "import optouts.ledger"),
        ("simulator", "import gigaviz.ports"),
        ("connections", "import gigaviz.settings"),
        ("inbox", "import httpx"),
    ],
)
def test_the_import_contracts_break_on_a_planted_import(app, planted, tmp_path):
    for name in [*APPS, "gigaviz", "simulator"]:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / app / "planted.py").write_text(planted + "\n")
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    argv = [sys.executable, "-c", code, "--no-cache"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{app}.planted" in done.stdout


@pytest.mark.django_db
def test_every_model_change_has_a_migration():
    said = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=said)
    assert "No changes" in said.getvalue()


def test_every_migration_can_be_taken_back():
    for path in ROOT.glob("*/migrations/0*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"RunSQL", "RunPython"}:
                assert len(node.args) + len(node.keywords) >= 2, f"{path.name} has a step without a way back"


def settings_read() -> set[str]:
    return set(re.findall(r'env\.\w+\("(\w+)"', (ROOT / "gigaviz" / "settings.py").read_text()))


def test_every_setting_is_in_the_example_and_the_example_holds_no_other():
    described = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.M))
    # The password is for docker-compose.yml.
    assert described == settings_read() | {"POSTGRES_PASSWORD"}


def test_every_setting_in_the_example_has_one_line_of_explanation():
    lines = (ROOT / ".env.example").read_text().splitlines()
    for before, above, line in zip(lines, lines[1:], lines[2:], strict=False):
        if "=" in line and not line.startswith("#"):
            assert above.startswith("#"), f"{line} has no line of explanation"
            assert not before.startswith("#"), f"{line} has more than one"


def test_the_environment_is_read_in_one_file_of_the_site():
    # Commands take secrets from it for want of a better place; the rest asks django.conf.settings.
    for path in product_files():
        if path.parts[len(ROOT.parts)] in APPS and "commands" not in path.parts:
            assert "os.environ" not in path.read_text(), path


def test_every_template_fragment_is_used():
    templates = set((ROOT / "templates").rglob("_*.html"))
    texts = [path.read_text() for path in (ROOT / "templates").rglob("*.html")]
    texts += [path.read_text() for path in product_files()]
    unused = [path.name for path in templates if not any(f"{path.parent.name}/{path.name}" in text for text in texts)]
    assert unused == []


def test_only_the_graph_folder_knows_a_graph_address():
    for path in product_files():
        if "graph" not in path.parts and "simulator" not in path.parts:
            assert "graph.facebook.com" not in path.read_text(), path


def test_no_module_is_a_layer():
    layers = {"services.py", "utils.py", "helpers.py", "managers.py", "common.py"}
    assert [path for path in product_files() if path.name in layers] == []
