"""The house's own rules, as tests: who may know whom, through ForeignKeys too, and nothing left lying about."""

from __future__ import annotations

import ast
import re
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
APPS = ["workspaces", "connections", "webhooks", "optouts", "inbox"]
MAY_KNOW = {
    "workspaces": set(),
    "connections": {"workspaces"},
    "optouts": {"workspaces"},
    "webhooks": {"workspaces", "connections"},
    "inbox": {"workspaces", "connections", "webhooks", "optouts"},
}


def product_files() -> list[Path]:
    folders = [*APPS, "gigaviz", "simulator"]
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]


@pytest.mark.parametrize("app", APPS)
def test_foreign_keys_point_only_where_imports_may(app):
    targets = {
        field.related_model._meta.app_label
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model is not None
    }
    assert (targets & set(APPS)) - {app} <= MAY_KNOW[app]


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


def test_every_setting_is_described_in_the_example():
    read = set(re.findall(r'env\.\w+\("(\w+)"', (ROOT / "gigaviz" / "settings.py").read_text()))
    described = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.M))
    assert read - described == set()


def test_every_setting_in_the_example_has_its_line():
    lines = (ROOT / ".env.example").read_text().splitlines()
    for above, line in pairwise(lines):
        if "=" in line and not line.startswith("#"):
            assert above.startswith("#"), f"{line} has no line of explanation"


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
