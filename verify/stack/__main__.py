"""`python -m verify.stack run|demo|services`: see --help."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from verify.stack import supervisor
from verify.stack.errors import StackError
from verify.stack.paths import ROOT, var_dir

ACTIONS = {
    "run": (supervisor.run, "set everything up and serve the workbench until Ctrl-C (PORT, HOST)"),
    "demo": (supervisor.demo, "do the main job without a screen, leave nothing behind, and exit"),
    "services": (supervisor.hold_services, "keep the embedded PostgreSQL and Valkey running until Ctrl-C"),
}


def main() -> int:
    """Exit codes: 0 done, 1 something failed, 2 bad usage, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m verify.stack", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    for name, (_, does) in ACTIONS.items():
        actions.add_parser(name, help=does, description=does)
    chosen = parser.parse_args().action
    os.chdir(ROOT)
    os.environ |= {"VERIFY_VAR": str(var_dir()), "PYTHONUNBUFFERED": "1"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "verify.settings")
    for number in (signal.SIGTERM, signal.SIGHUP):  # before the event loop runs these end it as Ctrl-C does
        signal.signal(number, signal.default_int_handler)
    try:
        return ACTIONS[chosen][0]()
    except supervisor.BadUsage as error:
        print(error, file=sys.stderr)
        return 2
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return supervisor.INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
