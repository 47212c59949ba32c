"""Why nothing can be planned."""


class NotPlanned(Exception):
    """Says in a sentence what is wrong, and what to do next."""
