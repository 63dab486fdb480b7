"""A passkey in software, as a browser and a key together answer WebAuthn's questions."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT_AND_VERIFIED, NEW_KEY = 0x05, 0x40


class SoftKey:
    def __init__(self, host: str = "localhost") -> None:
        self.host = host
        self.id = b"a passkey in software"
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.user_handle = ""

    def made(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.create`, as the form posts it."""
        asked = options["creation_options"]["publicKey"]
        self.user_handle = asked["user"]["id"]
        held = AttestedCredentialData.create(
            b"\0" * 16, self.id, ES256.from_cryptography_key(self.private.public_key())
        )
        proof = AttestationObject.create("none", self._data(NEW_KEY, held), {})
        answer = {"clientDataJSON": self._client("create", asked), "attestationObject": websafe_encode(bytes(proof))}
        return self._posted(answer, {"credProps": {"rk": True}})

    def shown(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.get`."""
        asked = options["request_options"]["publicKey"]
        data, client = self._data(), self._client("get", asked)
        digest = hashlib.sha256(websafe_decode(client)).digest()
        signature = self.private.sign(bytes(data) + digest, ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": client,
            "authenticatorData": websafe_encode(bytes(data)),
            "signature": websafe_encode(signature),
            "userHandle": self.user_handle,
        }
        return self._posted(answer, {})

    def _data(self, flags: int = 0, held: AttestedCredentialData | None = None) -> AuthenticatorData:
        digest = hashlib.sha256(self.host.encode()).digest()
        said = AuthenticatorData.FLAG(PRESENT_AND_VERIFIED | flags)
        data: AuthenticatorData = AuthenticatorData.create(digest, said, 0, held or b"")
        return data

    def _client(self, act: str, asked: dict[str, Any]) -> str:
        said = {"type": f"webauthn.{act}", "challenge": asked["challenge"], "origin": f"http://{self.host}"}
        return websafe_encode(json.dumps(said).encode())

    def _posted(self, answer: dict[str, Any], extensions: dict[str, Any]) -> str:
        number = websafe_encode(self.id)
        posted = {"id": number, "rawId": number, "type": "public-key", "response": answer}
        return json.dumps({**posted, "clientExtensionResults": extensions})
