"""Bearer tokens of machines: hashed at rest, several per user, with an expiry."""

from typing import Any

from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed


class BearerToken(TokenAuthentication):  # type: ignore[misc]  # knox has no types
    """`Authorization: Bearer <key>`; a missing or wrong one is 401."""

    def authenticate_credentials(self, token: bytes) -> Any:
        # knox decodes the header as UTF-8 without looking: other bytes would be a 500.
        if not token.isascii():
            raise AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)
