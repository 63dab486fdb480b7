"""What a country is called."""

from __future__ import annotations

import zoneinfo

import pytest

from workspaces import countries


@pytest.fixture(autouse=True)
def _read_anew():
    countries._names.cache_clear()
    yield
    countries._names.cache_clear()


@pytest.fixture
def zones(tmp_path, monkeypatch):
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path / "nothing"), str(tmp_path)))
    return tmp_path


def test_a_country_is_called_by_its_name(zones):
    (zones / "iso3166.tab").write_text("# codes and names\nCI\tCôte d'Ivoire\nID\tIndonesia\n", encoding="utf-8")
    assert [countries.country_name(code) for code in ("ID", "CI")] == ["Indonesia", "Côte d'Ivoire"]


def test_what_is_no_country_keeps_its_code(zones):
    (zones / "iso3166.tab").write_text("ID\tIndonesia\n", encoding="utf-8")
    assert [countries.country_name(code) for code in ("XX", "")] == ["XX", ""]


def test_a_number_of_no_one_country_is_international():
    assert countries.country_name("001") == "international"


def test_a_host_without_the_table_says_the_code(zones):
    assert countries.country_name("ID") == "ID"
