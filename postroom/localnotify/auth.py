"""Whose request this is: the JWT that Notify's clients send, checked as Notify checks it."""

import math
import re
import time
from typing import Any

import jwt

from postroom.localnotify.answers import Refusal, crashed
from postroom.localnotify.service import SECRETS, Service

LEEWAY = 30  # seconds either way, inclusive
EXAMPLE = "https://docs.notifications.service.gov.uk/rest-api.html#authorisation-header"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def key_type_of(authorization: str | None, service: Service) -> str:
    """Return the type of the key that signed the request: "live", "team" or "test".

    Raises `Refusal`, 401 for a missing token and 403 for any other fault, 500 for what makes the
    real one crash. The clock is the real
    one, because the clients sign with theirs.
    """
    token = _bearer(authorization)
    _check_issuer(_unverified(token), service)
    for key_type, secret in SECRETS.items():
        try:
            # Audience, expiry and the like are not Notify's business: only iss and iat are.
            claims = jwt.decode(token, secret, algorithms=["HS256"], options={"verify_iat": False})
        except jwt.InvalidTokenError:
            continue
        _check_age(claims)
        if key_type in service.revoked:
            raise _forbidden("API key revoked")
        return key_type
    raise _forbidden("API key not found")


def _bearer(authorization: str | None) -> str:
    if not authorization:
        raise Refusal(401, "AuthError", "Unauthorized: authentication token must be provided")
    if authorization[:7].title() != "Bearer ":
        said = "Unauthorized: authentication bearer scheme must be used"
        raise Refusal(401, "AuthError", said)
    return authorization[7:]


def _unverified(token: str) -> dict[str, Any]:
    try:
        algorithm = jwt.get_unverified_header(token).get("alg")
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise _malformed() from error
    except RecursionError as error:
        raise crashed("RecursionError") from error
    if algorithm != "HS256":
        raise _forbidden("algorithm used is not HS256")
    return claims


def _check_issuer(claims: dict[str, Any], service: Service) -> None:
    issuer = claims.get("iss")
    if not issuer:
        raise _malformed()
    if not UUID.fullmatch(str(issuer)):
        raise _forbidden("service id is not the right data type")
    if str(issuer).lower() != service.id:
        raise _forbidden("service not found")
    if service.archived:
        raise _forbidden("service is archived")


def _check_age(claims: dict[str, Any]) -> None:
    issued_at = claims.get("iat")
    if not isinstance(issued_at, int | float):
        raise _malformed()
    if not math.isfinite(issued_at):
        raise crashed("ValueError" if math.isnan(issued_at) else "OverflowError")
    if abs(int(time.time()) - int(issued_at)) > LEEWAY:
        said = "Error: Your system clock must be accurate to within 30 seconds"
        raise Refusal(403, "AuthError", said)


def _malformed() -> Refusal:
    return _forbidden(f"make sure your API token matches the example at {EXAMPLE}")


def _forbidden(what: str) -> Refusal:
    return Refusal(403, "AuthError", f"Invalid token: {what}")
