"""What a caller says that it knows already."""

from django.utils.http import parse_etags


def is_known(etag: str, if_none_match: str) -> bool:
    """Whether the header names this tag, in a list or as `*`.

    What stands between us and the caller may have made it a weak one.
    """
    known = parse_etags(if_none_match)
    return "*" in known or etag in (tag.removeprefix("W/") for tag in known)
