"""Secrets and signatures, as Standard Webhooks has them."""

import secrets
from base64 import b64encode
from hashlib import sha256
from hmac import digest
from uuid import UUID

from django.utils.crypto import salted_hmac

PREFIX = "whsec_"


def new_salt() -> str:
    return secrets.token_urlsafe(16)


def secret_of(endpoint: UUID, salt: str) -> bytes:
    """The endpoint's secret, made of its salt and the house's SECRET_KEY.

    So nobody can sign who has read the database alone.
    """
    return salted_hmac("notifications.signing", f"{endpoint}.{salt}", algorithm="sha256").digest()


def as_shown(secret: bytes) -> str:
    return PREFIX + b64encode(secret).decode()


def signature(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return "v1," + b64encode(digest(secret, signed, sha256)).decode()
