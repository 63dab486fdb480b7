"""CHROMIUM=/path/to/it, which the README offers, chooses the browser of the browser tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.browser.finding import find_chromium


@pytest.fixture
def program(tmp_path):
    def made(name):
        path = tmp_path / name
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return str(path)

    return made


def test_the_one_asked_for_comes_before_the_usual_one(program, monkeypatch, tmp_path):
    program("chromium")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CHROMIUM", program("my-own"))
    assert find_chromium() == str(tmp_path / "my-own")


def test_a_usual_one_is_found_on_the_path(program, monkeypatch, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_chromium() is None
    program("google-chrome")
    assert find_chromium() == str(tmp_path / "google-chrome")


def test_nothing_stands_in_for_the_one_asked_for(program, monkeypatch, tmp_path):
    program("chromium")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "gone"))
    assert find_chromium() is None


def test_a_chromium_that_leads_nowhere_is_said_and_not_left_out(monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "gone"))
    collect = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/browser"]
    ended = subprocess.run(collect, capture_output=True, text=True)
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR
    assert "No Chromium was found, and CHROMIUM is set." in ended.stdout + ended.stderr
