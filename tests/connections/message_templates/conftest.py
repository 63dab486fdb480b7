"""Kopi Kita, connected to a simulator, as the inbox's tests have it."""

from tests.inbox.conftest import meta, simulator

__all__ = ["meta", "simulator"]
