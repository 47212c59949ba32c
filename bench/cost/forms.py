"""`python -m bench.cost.forms`: what the hot moves cost in each of their two forms, on PostgreSQL.

CPU time of the calling process alone; orders in one form and in the other take turns.
"""

import json
import subprocess
import sys
from statistics import median

from bench.cost.stack import stack
from restaurant.run.place import ROOT
from restaurant.run.processes import python
from restaurant.run.refusal import Refusal


def main() -> int:
    try:
        with stack("postgres", []) as up:
            command = python("-m", "bench.cost.moves_in_turns")
            done = subprocess.run(
                command, cwd=ROOT, env=up.env, check=True, stdout=subprocess.PIPE, text=True
            )
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    for move, milliseconds in sorted(json.loads(done.stdout.splitlines()[-1]).items()):
        print(f"{move:<24}{median(milliseconds):6.2f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
