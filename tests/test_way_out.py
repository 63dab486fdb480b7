"""The one way out, as the code stands: only inbox/sending.py asks Graph to send, and only through the guard."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.test_architecture import ROOT, product_files

SENDING = ROOT / "inbox" / "sending.py"
# What a message leaves by: the calls of connections/graph/client.py, and the address and bodies beneath them.
WAYS_OUT = {"send", "send_text"}
GRAPH = "connections.graph"


def imports_of(path: Path) -> set[str]:
    """The modules and names that a file imports, in full: `connections.graph`, `connections.graph.client`."""
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def calls_in(tree: ast.AST) -> list[str]:
    """What is called, as it is written: `client.send_text`, in the order of the lines."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [ast.unparse(call.func) for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))]


def outside_graph() -> list[Path]:
    return [path for path in product_files() if not {"graph", "simulator"} & set(path.parts)]


def test_only_sending_asks_graph_to_send():
    asking: dict[Path, list[str]] = {}
    for path in outside_graph():
        if f"{GRAPH}.client" in imports_of(path):
            ways = [call for call in calls_in(ast.parse(path.read_text())) if call.rpartition(".")[2] in WAYS_OUT]
            asking |= {path: ways} if ways else {}
    assert asking == {SENDING: ["client.send_text"]}


def test_nobody_builds_a_call_to_graph_but_its_own_door():
    """With a URL, a body or the HTTP client in hand, the ways out could be gone around."""
    inner = {f"{GRAPH}.{name}" for name in ("calls", "requests", "urls")}
    for path in outside_graph():
        known = imports_of(path)
        assert not known & inner, path
        assert not {one for one in known if one.startswith(f"{GRAPH}.client.")}, f"{path} hides whom it calls"
        if path.parts[-3:-1] != ("gigaviz", "demo"):
            assert not {one for one in known if one.split(".")[0] in {"httpx", "requests", "urllib3", "aiohttp"}}, path


def test_the_guard_is_asked_before_each_call_and_its_no_is_obeyed():
    functions = [node for node in ast.walk(ast.parse(SENDING.read_text())) if isinstance(node, ast.FunctionDef)]
    (sends,) = [one for one in functions if "client.send_text" in calls_in(one)]
    steps = [ast.unparse(step) for step in sends.body]
    asked = next(n for n, step in enumerate(steps) if step.startswith("verdict = guard.verdict("))
    refused = next(n for n, step in enumerate(steps) if step.startswith("if not verdict.allowed or"))
    called = next(n for n, step in enumerate(steps) if "client.send_text(" in step)
    assert asked < refused < called
    refusal = sends.body[refused]
    assert isinstance(refusal, ast.If)
    assert isinstance(refusal.body[-1], ast.Return)


def test_only_deliver_leads_to_that_call_and_only_after_a_claim():
    functions = {node.name: node for node in ast.parse(SENDING.read_text()).body if isinstance(node, ast.FunctionDef)}
    assert [name for name, node in functions.items() if "_send" in calls_in(node)] == ["deliver"]
    within = calls_in(functions["deliver"])
    assert within.index("_claim") < within.index("_send")
    for path in outside_graph():
        assert not {"inbox.sending._send", "inbox.sending._claim"} & imports_of(path), path
        assert "sending._send" not in path.read_text(), path


def test_no_task_is_put_off_by_celery_and_none_is_retried_by_it():
    """When something is due stands in its row; a broker that forgets everything must not change it."""
    words = ("countdown", "eta=", "apply_async", "autoretry", "acks_late", "self.retry")
    for app in ("inbox", "webhooks"):
        for path in (ROOT / app).rglob("*.py"):
            assert not [word for word in words if word in path.read_text()], path


def test_a_task_is_a_line_or_two():
    for node in ast.parse((ROOT / "inbox" / "tasks.py").read_text()).body:
        if isinstance(node, ast.FunctionDef):
            assert len(node.body) <= 2, f"{node.name} holds a rule"
