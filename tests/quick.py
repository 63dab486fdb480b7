"""What is slow on purpose, made quick: every member of the cast has a password, and hashing one takes its time."""

from __future__ import annotations

from django.contrib.auth.hashers import ScryptPasswordHasher


class QuickScrypt(ScryptPasswordHasher):
    """The product's own hash at the lowest cost."""

    work_factor = 2
    parallelism = 1
