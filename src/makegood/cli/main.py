"""The program: its commands, its exit codes, and the one place where what goes wrong becomes words.

Exit codes: 0 done; 1 an input was refused or lint found errors; 2 the command line was wrong; 3 with `--exit-code`, a
promise was breached; 4 with `--exit-code`, the data do not suffice to say; 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from makegood import __version__
from makegood.cli import check, judge, show, take, write
from makegood.cli.screen import complain, say_problems
from makegood.model.problem import Refused

REFUSED, USAGE, INTERRUPTED = 1, 2, 130

app = App(
    name="makegood",
    help="Service levels as code: what was promised, what was delivered, what is owed.",
    version=__version__,
    help_format="plaintext",
)
for command in (
    check.lint,
    judge.evaluate,
    judge.explain,
    take.take,
    write.init,
    write.publish,
    check.schema,
    show.demo,
):
    app.command(command, name="import" if command is take.take else command.__name__)


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    sys.exit(run(sys.argv[1:] if argv is None else list(argv)))


def run(argv: list[str]) -> int:
    """One command's exit code; nothing that a user can do ends in a traceback."""
    os.environ["PYTHONTZPATH"] = ""
    try:
        code = app(argv, exit_on_error=False, print_error=True, result_action="return_value")
        sys.stdout.flush()
    except Refused as refused:
        say_problems(refused.problems)
        return REFUSED
    except CycloptsError:
        return USAGE
    except KeyboardInterrupt:
        complain("interrupted; nothing was left half-written")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as failure:
        complain(f"{failure.filename or 'the system'}: {(failure.strerror or str(failure)).lower()}")
        return REFUSED
    return code if isinstance(code, int) else 0
