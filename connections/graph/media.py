"""Fetching a customer's file from the address that Graph or a webhook gave for it."""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass, field
from typing import BinaryIO

import httpx

from .account import META, GraphAccount
from .answers import Answer, failure
from .calls import bounded, named_errors, shared_client
from .errors import TooBig, Unconfirmed, Unusable
from .urls import root

# Where Meta keeps files. A webhook is signed with a secret its workspace knows, so an address in it may be anybody's
# invention: without this list it could make us call any machine within reach, with the token in hand.
META_HOSTS = ("fbsbx.com", "fbcdn.net", "facebook.com", "whatsapp.net")
MOST_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file, whole. `content_type` is what the server called it, or empty: a claim, not a fact."""

    size: int
    content_type: str
    sha256: bytes = field(repr=False)

    def matches(self, digest: str) -> bool:
        """Whether it has the SHA-256 Meta gave: in base64 in webhooks, in hexadecimal beside the file's address."""
        return digest == base64.b64encode(self.sha256).decode() or digest.lower() == self.sha256.hex()


def download_media(
    account: GraphAccount, url: str, into: BinaryIO, *, max_bytes: int, timeout: float = 120.0
) -> Downloaded:
    """Writes the file behind `url` into `into`. `timeout` is in seconds, for all of it.

    Raises TooBig past `max_bytes`, Unusable when the address is not one of Meta's, Refused with HTTP 404 when it is
    more than five minutes old, and otherwise as every call does. After an error, what is in `into` is not the file.
    """
    deadline = time.monotonic() + timeout
    with named_errors():
        # Not compressed, so that the limit counts the file's own bytes.
        headers = {"Authorization": account.authorization(), "Accept": "*/*", "Accept-Encoding": "identity"}
        request = shared_client().build_request("GET", require_known(account, url), headers=headers)
        for _ in range(MOST_REDIRECTS + 1):
            response = shared_client().send(request, stream=True)
            try:
                if response.next_request is None:
                    return keep(account, response, into, max_bytes, deadline)
                # httpx leaves the token out of it when the host is another.
                request = response.next_request
            finally:
                response.close()
            require_known(account, str(request.url))
    raise Unconfirmed("The file's address led from one to the next and never to a file.")


def require_known(account: GraphAccount, url: str) -> httpx.URL:
    """The address, if it is on a server of Meta's, or of the simulator when the account is. Raises Unusable."""
    try:
        target = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Unusable("The file's address is not an address.") from error
    home = httpx.URL(root(account))
    if home.host == httpx.URL(META).host:
        is_known = target.scheme == "https" and target.port is None and is_meta(target.host)
    else:
        is_known = (target.scheme, target.host, target.port) == (home.scheme, home.host, home.port)
    if not is_known:
        raise Unusable("The file's address is not on a server of Meta's.")
    return target


def is_meta(host: str) -> bool:
    labels = host.split(".")
    return ".".join(labels[-2:]) in META_HOSTS and all(0 < len(label) < 64 for label in labels)


def keep(
    account: GraphAccount, response: httpx.Response, into: BinaryIO, max_bytes: int, deadline: float
) -> Downloaded:
    if response.status_code != 200:
        answer = Answer(response.status_code, bounded(response), secrets=(account.access_token,))
        raise failure(answer, answer.json())
    size, digest = 0, hashlib.sha256()
    # As they come from the network, so that the deadline holds for a server that sends a byte now and then.
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > max_bytes:
            raise TooBig(f"The file is larger than {max_bytes // 1024} KB.", http_status=200)
        if time.monotonic() > deadline:
            raise Unconfirmed("The file did not come in time.", http_status=200)
        digest.update(chunk)
        into.write(chunk)
    content_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    return Downloaded(size, content_type[:100], digest.digest())
