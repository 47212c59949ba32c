"""A child process that can't outlive the process that started it."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
SIGKILL = int(signal.SIGKILL)
# Looked up now: between fork and exec nothing may be loaded, for a thread that is not there any
# more may hold the loader's lock.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def tether() -> Callable[[], None]:
    """Make the `preexec_fn` by which the kernel kills the child when its parent is gone.

    The kernel means the thread that forks, so only the main thread may start such a child. On
    systems that don't know it the child is left untethered. Safe with threads: between fork and
    exec it takes no lock that a thread which is not in the child could hold.
    """
    parent = os.getpid()

    def tie() -> None:
        if _prctl is not None:
            _prctl(PR_SET_PDEATHSIG, SIGKILL)
            if os.getppid() != parent:  # it died before the knot was tied
                os._exit(1)

    return tie
