"""The form of a business-scoped user id: what arrives as one can be answered, and put on the whitelist.

Meta writes ENT and a dot after the country for a parent's id. Wider than Meta's words, as an id taken in and then held
for malformed would be a person whom nobody can answer.
"""

from __future__ import annotations

import re

BSUID = re.compile(r"[A-Za-z]{2}\.[A-Za-z0-9._-]{1,132}")
