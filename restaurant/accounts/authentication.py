"""Bearer tokens of machines: hashed at rest, several per user, with an expiry."""

from hmac import compare_digest
from typing import Any

from django.db.models import F
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from restaurant.accounts.roles import keep_roles


class BearerToken(TokenAuthentication):  # type: ignore[misc]  # knox has no types
    """`Authorization: Bearer <key>`; a missing or wrong one is 401.

    One read finds token, user and roles, and nothing is written. Knox would read all tokens of
    the user with each request, and delete those that have expired; here they are only refused.
    """

    def authenticate_credentials(self, token: bytes) -> Any:
        # Other bytes would be a 500: the header is decoded as ASCII.
        digest = hash_token(token.decode()) if token.isascii() else ""
        found = AuthToken.objects.filter(digest=digest).select_related("user")
        by_group = list(found.annotate(group=F("user__groups__name")))
        if not by_group:
            raise AuthenticationFailed("Invalid token.")
        known = by_group[0]
        expired = known.expiry is not None and known.expiry <= timezone.now()
        if expired or not compare_digest(digest, known.digest):
            raise AuthenticationFailed("Invalid token.")
        keep_roles(known.user, {row.group for row in by_group})
        return self.validate_user(known)
