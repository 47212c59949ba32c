"""What the door says when it can't go on."""

import errno


class Refusal(Exception):
    """One sentence that tells what is wrong and, where something can be typed, what to type."""


DISK_FULL = "The disk is full: make room, then start again"
#: How a full disk reads in the output of Python, SQLite, pip, PostgreSQL and uv.
DISK_FULL_SIGNS = ("No space left on device", "database or disk is full", "Disk quota exceeded")


def sentence_for(fault: OSError) -> str:
    """Say what an operating system's error means, in one sentence."""
    where = f" ({fault.filename})" if fault.filename else ""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{DISK_FULL}{where}."
    return f"{fault.strerror or fault}{where}."


def refusal_after(what: str, lines: list[str]) -> Refusal:
    """Make the refusal for a command that failed: its last lines, or what they mean."""
    if any(sign in line for line in lines for sign in DISK_FULL_SIGNS):
        return Refusal(f"{what}. {DISK_FULL}.")
    if not lines:
        return Refusal(f"{what} and said nothing.")
    return Refusal("\n".join([f"{what}. Its last lines:", *(f"  {line}" for line in lines)]))
