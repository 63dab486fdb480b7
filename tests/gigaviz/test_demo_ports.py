"""The demo's ports: the usual ones where they are free, others where not, and those a person asks for or none."""

from __future__ import annotations

import socket

import pytest

from gigaviz.demo.__main__ import chosen_port, chosen_ports
from gigaviz.demo.house import HouseError
from gigaviz.ports import free_port, is_free

NAMES = ["PORT", "SIMULATOR_PORT"]


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_the_usual_port_is_taken_while_it_is_free():
    usual = free_port()
    assert chosen_port("PORT", usual) == usual


def test_beside_another_demo_a_free_port_is_chosen():
    with socket.create_server(("127.0.0.1", 0)) as other:
        usual = other.getsockname()[1]
        chosen = chosen_port("PORT", usual)
        assert chosen != usual
        assert is_free(chosen)


@pytest.mark.parametrize("name", NAMES)
def test_the_environment_overrides_the_usual_port(monkeypatch, name):
    asked = free_port()
    monkeypatch.setenv(name, str(asked))
    assert chosen_port(name, free_port()) == asked


def test_a_port_that_was_asked_for_and_is_taken_is_not_silently_another(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        asked = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(asked))
        with pytest.raises(HouseError, match=f"PORT is {asked}, and something listens there already"):
            chosen_port("PORT", free_port())


@pytest.mark.parametrize("asked", ["0", "65536", "-1", "eighty", "80 80", "²", "٣٣٣٣", "9" * 5000])
def test_what_is_no_port_is_refused_in_a_sentence(monkeypatch, asked):
    monkeypatch.setenv("SIMULATOR_PORT", asked)
    with pytest.raises(HouseError, match="SIMULATOR_PORT must be a port number, for example 8801"):
        chosen_port("SIMULATOR_PORT", 8801)


def test_both_ports_are_asked_for_and_must_differ(monkeypatch):
    inbox, simulator = free_port(), free_port()
    monkeypatch.setenv("PORT", str(inbox))
    monkeypatch.setenv("SIMULATOR_PORT", str(simulator))
    assert chosen_ports() == (inbox, simulator)
    monkeypatch.setenv("SIMULATOR_PORT", str(inbox))
    with pytest.raises(HouseError, match="they must differ"):
        chosen_ports()
