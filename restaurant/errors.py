"""What can be refused, and whether asking again can help. HTTP meanings are given in `api.py`."""

import re
from typing import Any, ClassVar


class DomainError(Exception):
    """Something was asked that can't be done.

    What a class annotates are the facts that it tells beside its sentence: `left: int`.
    """

    #: Asking the same again later may succeed.
    retryable: ClassVar[bool] = False
    #: One code for a whole kind; empty: each class has its own.
    code_of_kind: ClassVar[str] = ""

    def __init__(self, detail: str | None = None, **facts: Any) -> None:
        """`detail` is a sentence for people; `facts` are told beside it, by name."""
        self.detail = detail or (type(self).__doc__ or "").strip().splitlines()[0]
        self.facts = facts
        super().__init__(self.detail)

    @property
    def code(self) -> str:
        """Stable, for programs: the kind's code, or the class's name (`SoldOut`: `sold_out`)."""
        own = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()
        return self.code_of_kind or own


class Refused(DomainError):
    """The state of things does not allow this."""


class Invalid(DomainError):
    """The request itself is wrong.

    `pointer` (RFC 6901) says where in the body.
    """

    def __init__(self, detail: str | None = None, *, pointer: str, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.pointer = pointer


class Unavailable(DomainError):
    """This can't be done now; later it can."""

    retryable = True


class VersionRequired(DomainError):
    """Send If-Match with the ETag of the order that you have seen."""


class VersionMismatch(DomainError):
    """It has changed since you looked: read it again."""


class Forbidden(DomainError):
    """This is not allowed to you."""

    code_of_kind = "forbidden"


class NotFound(DomainError):
    """There is no such thing, or it is not yours."""

    code_of_kind = "not_found"


class IllegalTransition(Refused):
    """This is not possible from the present state."""

    state: str
    tray: int
