"""A whole running Gigaviz with a simulator, and a real Chromium to look at it with.

These tests run where a Chromium is found; where none is, the report says so. With GIGAVIZ_BROWSER_REQUIRED set, as CI
does, a missing Chromium is an error, and so is a CHROMIUM that leads to no program.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from gigaviz.demo.house import House
from gigaviz.demo.places import MEMBERS, SHOPS, Member, kept_secrets
from gigaviz.ports import free_port
from gigaviz.running import supervised
from simulator.client import Customer, Simulator
from tests import engines

from .finding import find_chromium
from .screen import Screen

HERE = Path(__file__).parent
FOLDER = HERE.parent.parent / ".run" / "browser"
CHROMIUM = find_chromium()
# Nobody but our own servers is asked for anything.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SARI, BAYU, INTAN, OKI = MEMBERS[:4]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Together, and last of all, as the house takes its time to start; not at all where there is no Chromium.

    Side by side with others they begin, as they take the longest.
    """
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    others = [item for item in items if not item.path.is_relative_to(HERE)]
    if CHROMIUM is None:
        missing = next(filter(os.environ.get, ("CHROMIUM", "GIGAVIZ_BROWSER_REQUIRED")), None)
        if missing:
            raise pytest.UsageError(f"No Chromium was found, and {missing} is set.")
        config.hook.pytest_deselected(items=ours)
        ours = []
    items[:] = ours + others if os.environ.get("PYTEST_XDIST_WORKER") else others + ours


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if CHROMIUM is None:
        terminalreporter.write_line("No Chromium was found: the browser tests were left out.", yellow=True)


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """The demo's workspaces and people, nobody has written yet. The simulator is quick."""
    started = SimpleNamespace(database_url=engines.database_url, redis_url=f"{engines.redis_url.rpartition('/')[0]}/1")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with supervised(FOLDER) as supervisor:
        made = House(
            FOLDER,
            started,  # type: ignore[arg-type]
            supervisor,
            free_port(),
            free_port(),
            kept_secrets(FOLDER),
            pace={"latency": 0.2, "pair_limit": False},
            database="gigaviz_browser",
        )
        made.open(SHOPS, MEMBERS)
        yield made


@pytest.fixture(scope="session")
def sim(house: House) -> Iterator[Simulator]:
    with Simulator(house.simulator_url) as client:
        yield client


@pytest.fixture(autouse=True)
def calm(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing that goes wrong in one test does so in the next."""
    yield
    if "sim" in request.fixturenames:
        request.getfixturevalue("sim").clear_faults()


@pytest.fixture
def customer(sim: Simulator, request: pytest.FixtureRequest) -> Customer:
    """Somebody nobody has heard of yet, named after the test."""
    number = len(sim.customers()) + 1
    return sim.customer(f"62812{number:07d}", f"Dewi {number}", reads="always")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A new window of its own, with nothing remembered. What it logs as an error fails the test."""
    contexts, problems = [], []

    def opened(**options: Any) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def sign_in(page: Page, house: House, member: Member) -> None:
    page.goto(f"{house.inbox_url}/accounts/login/")
    page.get_by_label("Email").fill(member.email)
    page.get_by_label("Password").fill(house.kept["PASSWORD"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/inbox/")


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """Who has signed in before: nobody has to twice."""
    return {}


@pytest.fixture
def screen(house: House, open_page: Callable[..., Page], sessions: dict[str, Any]) -> Callable[..., Screen]:
    """Somebody signed in, looking at the inbox."""

    def signed_in(member: Member = SARI, *, slug: str = "kopi-kita", **options: Any) -> Screen:
        page = open_page(storage_state=sessions.get(member.email), **options)
        if member.email not in sessions:
            sign_in(page, house, member)
            sessions[member.email] = page.context.storage_state()
        found = Screen(page, house.inbox_url)
        found.goto_inbox(slug)
        return found

    return signed_in


@pytest.fixture
def sari(screen: Callable[..., Screen]) -> Screen:
    return screen(SARI)


@pytest.fixture
def bayu(screen: Callable[..., Screen]) -> Screen:
    return screen(BAYU)
