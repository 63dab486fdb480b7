"""Whether the web server on a port of this machine answers with a page: `python -m gigaviz.healthy 8000`."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

PAGE = "/accounts/login/"
SECONDS = 5


def why_not(port: int, public_url: str) -> str:
    """What is wrong, or nothing. Asks as the proxy would, for the host that people know."""
    public = urlsplit(public_url)
    headers = {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", PAGE, headers=headers)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"Nothing answers on port {port}: {error}"
    finally:
        connection.close()
    return "" if status == 200 else f"{PAGE} answers {status} to the host {public.netloc}; is it in ALLOWED_HOSTS?"


if __name__ == "__main__":
    sys.exit(why_not(int(sys.argv[1]), os.environ.get("PUBLIC_URL", "http://localhost:8000")) or 0)
