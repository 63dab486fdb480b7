"""The pins: everything named in a .in file is in its .txt, within its range, by hash, and from no particular host."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
# What is installed for the tests stands on what is installed for the product: see the -c in requirements-dev.in.
FILES = ("requirements", "requirements-dev")
LINE = re.compile(
    r"^(?P<pin>[A-Za-z0-9][^\\#]*?==[^\\#]+?)(?P<hashes>(?: *\\\n    --hash=sha256:[0-9a-f]{64})+)$", re.M
)


def named(name: str) -> list[Requirement]:
    """What a person wrote down."""
    lines = (line.split("#")[0].strip() for line in (ROOT / f"{name}.in").read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def instructions(text: str) -> str:
    """Without the comments, which only tell who wanted what."""
    return "\n".join(line for line in text.splitlines() if line and not line.lstrip().startswith("#"))


def pinned(text: str) -> dict[str, list[Requirement]]:
    """By name, what pip would install; several where the platform decides. Fails on a line that is no pin by hash."""
    found: dict[str, list[Requirement]] = {}
    rest = LINE.sub(lambda match: _keep(found, match["pin"]), instructions(text))
    assert rest.strip() == "", f"neither a pin nor its hash: {rest.strip()[:200]}"
    return found


def _keep(found: dict[str, list[Requirement]], pin: str) -> str:
    requirement = Requirement(pin)
    found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return ""


def version(pin: Requirement) -> str:
    (only,) = pin.specifier
    assert only.operator == "=="
    return only.version


def missing(wanted: Iterable[Requirement], pins: dict[str, list[Requirement]]) -> list[str]:
    """The names that no pin satisfies."""

    def has(one: Requirement) -> bool:
        return any(one.specifier.contains(version(pin)) for pin in pins.get(canonicalize_name(one.name), []))

    return sorted({one.name for one in wanted if not has(one)})


def needed(wanted: Iterable[Requirement]) -> set[Requirement]:
    """What was named, and all that it needs here, its extras' packages too."""
    found: set[Requirement] = set()
    waiting = list(wanted)
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        for line in distribution(one.name).requires or []:
            need = Requirement(line)
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *one.extras)):
                waiting.append(need)
    return found


@pytest.mark.parametrize("name", FILES)
def test_everything_named_and_needed_is_pinned_by_hash_within_its_range(name):
    wanted = named(name)
    assert len(wanted) > 10
    pins = pinned((ROOT / f"{name}.txt").read_text())
    assert missing(wanted, pins) == []
    assert missing(needed(wanted), pins) == []


def test_both_files_pin_the_same_version_of_what_both_need():
    product, tests = (pinned((ROOT / f"{name}.txt").read_text()) for name in FILES)
    assert [
        one for one in product.keys() & tests.keys() if set(map(version, product[one])) != set(map(version, tests[one]))
    ] == []


@pytest.mark.parametrize("name", FILES)
def test_no_pin_names_a_host_to_get_it_from(name):
    text = (ROOT / f"{name}.txt").read_text()
    assert "://" not in text
    assert [line for line in instructions(text).splitlines() if re.match(r"\s*-(?!-hash=)", line)] == []


PIN = "celery==5.7.1 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via -r requirements.in\n"


@pytest.mark.parametrize("wrong", [PIN.replace("5.7.1", "5.8.0"), PIN.replace("celery", "kombu")])
def test_a_pin_that_is_not_what_was_named_is_found(wrong):
    wanted = [Requirement("celery[redis]>=5.7,<5.8")]
    assert missing(wanted, pinned(PIN)) == []
    assert missing(wanted, pinned(wrong)) == ["celery"]


@pytest.mark.parametrize(
    "wrong", ["celery==5.7.1\n", PIN.replace("==", ">="), f"--index-url https://example.com\n{PIN}"]
)
def test_a_line_that_is_no_pin_by_hash_is_found(wrong):
    with pytest.raises(AssertionError):
        pinned(wrong)


def test_the_pins_reach_down_to_the_python_that_the_project_promises():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"
    # Needed before 3.11.3 only, so it is pinned only when compiled from 3.11.0, as CONTRIBUTING.md says.
    assert "async-timeout==" in (ROOT / "requirements.txt").read_text()
    assert (ROOT / "CONTRIBUTING.md").read_text().count("--universal --python-version 3.11.0 --generate-hashes") == 2
