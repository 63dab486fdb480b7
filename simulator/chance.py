"""The simulator's own chance: whoever runs it in a thread of theirs keeps the state of `random` for themselves."""

from __future__ import annotations

import random

chance = random.Random()
