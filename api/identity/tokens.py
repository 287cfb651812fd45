"""Tokens: signed ones that say who is asking for ten minutes, and opaque secrets of which only hashes are kept."""

import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from domain.access import ViewerKind
from domain.customers.sessions import ACCESS_LIFETIME

ISSUER = "oneshelf"
AUDIENCES = {ViewerKind.CUSTOMER: "oneshelf-customer", ViewerKind.STAFF: "oneshelf-staff"}
ACCESS = "access"
APP_PREFIX = "sk_"

_ALGORITHM = "Ed25519"
_LONGEST_TOKEN = 4096
_NOT_A_KEY = "The signing key must be an Ed25519 private key in PEM."
_KINDS = {audience: kind for kind, audience in AUDIENCES.items()}


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token says; whether its session still lives, the database says."""

    kind: ViewerKind
    subject: UUID
    session_id: UUID
    expires_at: datetime


class AccessTokens:
    """Issues and reads access tokens. No header of a token ever chooses the key or the algorithm."""

    def __init__(self, key: OKPKey) -> None:
        self._key = key
        private = key.as_dict(private=True)["d"]
        assert isinstance(private, str)
        self._pepper = hmac.digest(private.encode(), b"oneshelf idempotency", "sha256")
        self._handoffs = hmac.digest(private.encode(), b"oneshelf hand-offs", "sha256")

    def issue(self, kind: ViewerKind, subject: UUID, session_id: UUID, now: datetime) -> tuple[str, datetime]:
        """The token and when it expires."""
        expires_at = (now + ACCESS_LIFETIME).replace(microsecond=0)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCES[kind],
            "purpose": ACCESS,
            "sub": str(subject),
            "sid": str(session_id),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode({"alg": _ALGORITHM}, claims, self._key, algorithms=[_ALGORITHM]), expires_at

    def read(self, token: str, now: datetime) -> Access | None:
        """Null for whatever this server did not issue, or issued too long ago."""
        if len(token) > _LONGEST_TOKEN:
            return None
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
            _rules(now).validate(claims)
            access = Access(
                kind=_KINDS[claims["aud"]],
                subject=UUID(claims["sub"]),
                session_id=UUID(claims["sid"]),
                expires_at=datetime.fromtimestamp(claims["exp"], tz=now.tzinfo),
            )
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
            return None
        return access if now < access.expires_at else None

    def fingerprint(self, secret: str) -> str:
        """Tells two secrets apart, and is of no use to whoever has the database but not the key."""
        return hmac.digest(self._pepper, secret.encode("utf-8", "surrogatepass"), "sha256").hex()

    def handoff_digits(self, handoff_id: UUID, *, below: int, count: int) -> list[int]:
        """The numbers of a hand-off's code: the same whenever it is asked for, though nothing stores them."""
        number = int.from_bytes(hmac.digest(self._handoffs, handoff_id.bytes, "sha512"))
        digits = []
        for _ in range(count):
            number, digit = divmod(number, below)
            digits.append(digit)
        return digits


def _rules(now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "values": list(_KINDS)},
        purpose={"essential": True, "value": ACCESS},
        sub={"essential": True},
        sid={"essential": True},
        iat={"essential": True},
        exp={"essential": True},
    )


def signing_key(configured: str | None, directory: Path) -> OKPKey:
    """The configured Ed25519 key in PEM, else the data directory's, made by the first process that needs it."""
    if configured:
        return _read_key(configured)
    path = directory / "signing-key.pem"
    if not path.exists():
        _make_key(path)
    return _read_key(path.read_text())


def _read_key(pem: str) -> OKPKey:
    """Raises ValueError for anything but an Ed25519 private key."""
    try:
        key = OKPKey.import_key(pem)
    except (JoseError, ValueError) as error:
        raise ValueError(_NOT_A_KEY) from error
    if not key.is_private or key.curve_name != "Ed25519":
        raise ValueError(_NOT_A_KEY)
    return key


def _make_key(path: Path) -> None:
    """Of several processes that start together one makes the key and all read the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = mkstemp(dir=path.parent, prefix=".signing-key-")  # mkstemp gives mode 0600.
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(OKPKey.generate_key("Ed25519").as_pem(private=True))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return
    finally:
        Path(name).unlink()


@dataclass(frozen=True, slots=True)
class Secret:
    """256 random bits: the text for its owner, the hash for the database."""

    text: str
    hash: bytes


def new_secret() -> Secret:
    text = secrets.token_urlsafe(32)
    return Secret(text, digest(text))


def new_app_token(app_id: UUID) -> Secret:
    """The middle part lets people tell tokens apart; it proves nothing."""
    text = f"{APP_PREFIX}{app_id.hex[-8:]}_{secrets.token_urlsafe(32)}"
    return Secret(text, digest(text))


def digest(text: str) -> bytes:
    """Enough for secrets of 256 bits, which nobody guesses; passwords need argon2."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
