"""Keyed hashes and signed links: who is who, without saying so.

Everything is derived from the workspace's secret (OUTREACH_SECRET or the file `outreach.secret`),
which is one line a version: `1:<64 hex digits>`. Address keys and references always use the
lowest version, because they identify rows that must be found again; links are signed with the
highest and read with any, so that a secret that leaked can be replaced by adding a version.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from itsdangerous import BadSignature, URLSafeSerializer

from postroom.errors import SettingsError

ADDRESS_KEY_BYTES = 16
REFERENCE_LENGTH = 32  # base32 characters: 160 bits, of which the last 32 show that it is ours


def new_secret() -> str:
    """Return the text of a new secret: version 1, 256 random bits."""
    return f"1:{secrets.token_hex(32)}"


class Page(StrEnum):
    """A page that only the reader of one email may act on, as its address names it."""

    STOP = "stop"  # stop emails to whoever this one was first sent to
    UNDO = "undo"  # get them again
    AGAIN = "again"  # a sign-up counts though its person had asked not to be emailed
    DETAILS = "your-details"


@dataclass(frozen=True)
class SignUpLink:
    """What a sign-up link knows: never a person."""

    campaign: str
    route: str
    school: str


class Keys:
    """Derives address keys, references and tokens. Holds the secret; has no repr of it."""

    def __init__(self, versions: Mapping[int, bytes]):
        self._versions = dict(sorted(versions.items()))
        self._identity = self._versions[min(self._versions)]
        self._newest = max(self._versions)

    @classmethod
    def read(cls, text: str) -> "Keys":
        """Return the keys of a secret written as `VERSION:HEX`, one a line or comma-separated.

        Raises `SettingsError` that never shows the text.
        """
        try:
            pairs = (line.split(":", 1) for line in text.replace(",", "\n").split() if line)
            versions = {int(version): bytes.fromhex(key) for version, key in pairs}
        except ValueError:
            versions = {}
        if not versions or any(len(key) < 16 for key in versions.values()):
            raise SettingsError(
                "The secret (OUTREACH_SECRET or outreach.secret) is not as `outreach init` makes "
                "it: lines of VERSION:HEX with at least 32 hex digits. Restore it from its backup."
            )
        return cls(versions)

    def check_value(self) -> bytes:
        """Return what a database keeps to recognise the secret it was made under."""
        return self._hash("database", b"")

    def address_key(self, normalised: str) -> bytes:
        """Return the keyed hash (16 bytes) of an address that `normalise` has returned.

        It stays when the address itself is erased, so that the erased are never emailed again.
        """
        return self._hash("address", normalised.encode())[:ADDRESS_KEY_BYTES]

    def reference(
        self, *, campaign: str, mode: str, address_key: bytes, occasion: str = "", attempt: int = 1
    ) -> str:
        """Return the reference Notify gets: opaque, and the same whenever it is derived again.

        A database restored from a backup so plans the very references Notify already holds.
        """
        parts = (campaign, mode, address_key.hex(), occasion, str(attempt))
        opaque = self._hash("reference", "\x1f".join(parts).encode())[:16]
        return _base32(opaque + self._seal(opaque))

    def made(self, reference: str) -> bool:
        """Return whether *reference* was derived here, whatever message it belongs to.

        Other programs that share the Notify service write references of their own.
        """
        if len(reference) != REFERENCE_LENGTH or not reference.isascii():
            return False
        try:
            whole = base64.b32decode(reference.upper())
        except ValueError:
            return False
        return reference == reference.lower() and hmac.compare_digest(
            self._seal(whole[:16]), whole[16:]
        )

    def answers_key(self, answers: str) -> bytes:
        """Return the keyed hash (16 bytes) of what somebody answered, written as one text.

        It tells whether answers are the same as before; nobody can try out what they were.
        """
        return self._hash("answers", answers.encode())[:ADDRESS_KEY_BYTES]

    def code_hash(self, code: str) -> bytes:
        """Return what is stored of an approval code: case and dashes do not matter."""
        return self._hash("approval code", code.replace("-", "").strip().lower().encode())

    def finding_hash(self, found: str) -> bytes:
        """Return what is stored of a thing that a check found, which may name a recipient."""
        return self._hash("finding", found.encode("utf-8", "surrogatepass"))

    def page_token(self, page: Page, reference: str) -> str:
        """Return the token of the link to *page* in the message with this first *reference*."""
        return reference + self._page_signature(page, reference, self._newest)

    def read_page_token(self, page: Page, token: str) -> str | None:
        """Return the reference that a token of *page* belongs to, or None when it is not ours."""
        reference, signature = token[:REFERENCE_LENGTH], token[REFERENCE_LENGTH:]
        genuine = (
            hmac.compare_digest(
                self._page_signature(page, reference, version).encode(), signature.encode()
            )
            for version in self._versions
        )
        return reference if any(list(genuine)) else None

    def sign_up_token(self, link: SignUpLink) -> str:
        """Return the token of a sign-up link. It names campaign, route and school only."""
        return self._signer(self._newest).dumps([link.campaign, link.route, link.school])

    def read_sign_up_token(self, token: str) -> SignUpLink | None:
        """Return what a sign-up token says, or None when we did not make it."""
        for version in self._versions:
            try:
                campaign, route, school = self._signer(version).loads(token)
            except BadSignature:
                continue
            return SignUpLink(campaign, route, school)
        return None

    def session_keys(self) -> list[bytes]:
        """Return what signs the site's session cookies, the oldest first; sign with the last."""
        return [
            hmac.digest(key, b"web session", "sha256") for _, key in sorted(self._versions.items())
        ]

    def _hash(self, purpose: str, message: bytes) -> bytes:
        return hmac.digest(self._identity, purpose.encode() + b"\x00" + message, "sha256")

    def _seal(self, opaque: bytes) -> bytes:
        return self._hash("reference seal", opaque)[:4]

    def _page_signature(self, page: Page, reference: str, version: int) -> str:
        signed = f"{page}\x00{reference}".encode()
        return _base32(hmac.digest(self._versions[version], signed, "sha256")[:20])

    def _signer(self, version: int) -> URLSafeSerializer:
        return URLSafeSerializer(
            self._versions[version],
            salt="sign-up",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )


def _base32(digest: bytes) -> str:
    return base64.b32encode(digest).decode().rstrip("=").lower()
