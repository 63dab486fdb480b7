"""The command line: what can be set, how, and what is said where it cannot."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from simulator.options import parser, setup_of
from simulator.running import running
from simulator.settings import BadSettings


def setup(*arguments, **environment):
    return setup_of(parser().parse_args(arguments), environment)


def test_help_names_everything_a_client_needs():
    told = subprocess.run([sys.executable, "-m", "simulator", "--help"], capture_output=True, text=True, check=True)
    for option in ("port", "callback-url", "app-id", "app-secret", "verify-token", "phone-number-id", "waba-id"):
        assert f"--{option}" in told.stdout
    assert "--access-token" in told.stdout


def test_a_number_is_set_by_options_and_secrets_by_the_environment():
    (number,) = setup("--phone-number-id", "7", "--waba-id", "8", SIMULATOR_APP_SECRET="quiet").numbers
    assert (number.id, number.waba_id, number.app_secret) == ("7", "8", "quiet")


def test_more_numbers_come_by_option_and_by_file(tmp_path):
    file = tmp_path / "sim.json"
    file.write_text(json.dumps({"numbers": [{"id": "1"}], "customers": [{"phone": "+15550100123"}]}))
    made = setup("--config", str(file), "--number", "id=2,name=Second")
    assert [one.id for one in made.numbers] == ["1", "2"]
    assert made.customers == [{"phone": "+15550100123"}]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--number", "nonsense"], "KEY=VALUE"),
        (["--number", "idd=1"], "no setting named idd"),
        (["--config", "/nowhere.json"], "cannot be read"),
        (["--latency", "-1"], "latency must be"),
    ],
)
def test_what_cannot_be_set_is_said_in_a_sentence(arguments, words):
    with pytest.raises(BadSettings, match=words):
        setup(*arguments)


def test_it_runs_as_a_process_of_its_own_and_ends_when_told():
    with running(numbers=[{"id": "7"}], own_process=True) as sim:
        assert sim.number()["id"] == "7"


def test_two_at_once_share_nothing():
    with running() as one, running() as other:
        one.customer(phone="+15550100123")
        assert other.customers() == []
