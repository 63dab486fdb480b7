"""What is said to somebody whose act a rule does not allow just now."""

from __future__ import annotations


class RefusedError(Exception):
    """Nothing was changed; says why and what to do, in a sentence for whoever tried."""
