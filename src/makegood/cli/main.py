"""The program: its commands, its exit codes, and the one place where what goes wrong becomes words.

Exit codes: 0 done; 1 an input was refused or lint found errors; 2 the command line was wrong; 3 with `--exit-code`, a
promise was breached; 4 with `--exit-code`, the data do not suffice to say; 70 a fault of the program itself; 130
interrupted.
"""

from __future__ import annotations

import os
import sys
from traceback import extract_tb

from cyclopts import App, CycloptsError, Parameter

from makegood import __version__
from makegood.cli.screen import complain, give_up_on, read_or_not, say_problems
from makegood.cli.usage import WrongUsage, usage_line
from makegood.model.problem import Refused

DONE, REFUSED, USAGE, FAULT, INTERRUPTED = 0, 1, 2, 70, 130

app = App(
    name="makegood",
    help="Service levels as code: what was promised, what was delivered, what is owed.",
    version=__version__,
    help_format="plaintext",
    default_parameter=Parameter(negative=()),
    suppress_keyboard_interrupt=False,
)
COMMANDS = (
    ("lint", "check:lint", "Find what is wrong in agreements, in their rules and in the prose around them."),
    ("evaluate", "judge:evaluate", "State what an agreement says of an order for a period, or for many."),
    ("explain", "judge:explain", "Answer why, why not the next tier, and what would change the result."),
    ("versions", "change:versions", "List when each version of an agreement is in force for an order, and why."),
    ("redline", "change:redline", "Show what two versions of an agreement differ in: words, rules and figures."),
    ("readings", "ask:readings", "Rank every reading and silence of an agreement by what it is worth."),
    ("what-if", "ask:what_if", "Lay hypothetical facts, plans, clauses or down time over the real ones."),
    ("budget", "foresee:budget", "Say what is left of each target in minutes and money."),
    ("replay", "foresee:replay", "Judge history again under a draft, in money: the price of a sentence."),
    (
        "import",
        "take:take",
        "Take evidence, of ours or of other programs, into a folder of facts: all of a file or nothing.",
    ),
    ("apply", "apply:apply", "Let agreements, orders, checks and alerts hold at a store, after a plan."),
    ("deployed", "apply:deployed", "Say which agreements, orders, checks and alerts hold at a store."),
    ("store", "stores:store", "Make a store: facts in a database, with a signed log over all of them."),
    ("head", "stores:head", "Say how long a store's log is, and its signed head."),
    ("key", "keys:key", "Say which keys a store's log had, or put a new key in place of the last."),
    ("prove", "prove:prove", "Prove to others that an entry is in a store's log, or that it was only extended."),
    ("stamp", "stamp:stamp", "Have a store's head stamped by a time-stamping authority, or list its stamps."),
    ("verify", "verify:verify", "Check evidence that someone gave you: hashes, proofs, signatures, every step."),
    ("locations", "locations:locations", "List the locations of a store; let a new agent in, or put one out."),
    ("agent", "makegood.agent.command:agent", "Probe from here, and tell a hub what was found."),
    ("issued", "stores:issued", "List the statements that were given with evidence bundles, or print one as it was."),
    ("backup", "backups:backup", "Take a backup of a store, read it back, and name it only when it is whole."),
    ("restore", "backups:restore", "Bring a backup back beside what is there, verify it, and then switch."),
    ("drill", "backups:drill", "Restore a backup for a while, and record what that achieved."),
    ("retain", "archive:retain", "Retire evidence that was kept for as long as it must be."),
    ("hold", "archive:hold", "Keep evidence whatever its age, until the hold is released."),
    ("check", "upkeep:check", "Look at everything in a store: its log, heads, facts and files."),
    ("rebuild", "upkeep:rebuild", "Make again what a store derives from its facts."),
    ("seal", "upkeep:seal", "Put what batches of closed days hold into segments, and out of the database."),
    ("erase", "upkeep:erase", "Erase personal data from a store; every proof still holds."),
    ("serve", "makegood.web.command:serve", "Serve a store: API, heartbeats, metrics, a public page, and a location."),
    ("init", "write:init", "Write a commented agreement, an order and facts to start from."),
    ("publish", "write:publish", "Write the agreement for readers, without its rules."),
    (
        "convert",
        "convert:convert",
        "Turn objectives of OpenSLO into an agreement or back, or others' monitors into checks.",
    ),
    ("schema", "check:schema", "Print the JSON Schema of a document."),
    ("alerts", "telling:alerts", "Look at a file of alerts: what is wrong in it, who is on call; or try a channel."),
    ("outbox", "telling:outbox", "Show which alerts are open, and which messages wait or are dead."),
    ("mute", "telling:mute", "Silence alerts for a while; what is measured or owed never changes by it."),
    ("announce", "announce:announce", "Tell the contacts of orders of planned work, and what agreements make of it."),
    ("watchdog", "watchdog:watchdog", "Watch a hub from another machine, and tell people when it is silent."),
    ("lsp", "lsp:serve", "Answer an editor: what may stand here, what it says, what is wrong."),
    ("demo", "show:demo", "Tell a story of one outage under four agreements; with --live let a real one happen here."),
)
"""Each command, where it lies (in this package, or another by its whole name), and what it does in a line; a module is
loaded only for its own command."""

for name, where, says in COMMANDS:
    app.command(where if where.startswith("makegood.") else f"makegood.cli.{where}", name=name, help=says)


def run(argv: list[str]) -> int:
    """One command's exit code; nothing that a user can do ends in a traceback."""
    os.environ["PYTHONTZPATH"] = ""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 -- until the end
    try:
        code = app(argv, exit_on_error=False, print_error=False, result_action="return_value")
        with read_or_not():
            sys.stdout.flush()
        return code if isinstance(code, int) else DONE
    except Refused as refused:
        say_problems(refused.problems)
        return REFUSED
    except (CycloptsError, WrongUsage) as wrong:
        complain(usage_line(wrong))
        return USAGE
    except KeyboardInterrupt:
        complain("interrupted; nothing was left half-written")
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # a pipe that nobody reads any more; the page of help leaves by itself then
        give_up_on(sys.stdout)
        return DONE
    except OSError as failure:
        return _refused_by_the_system(failure)
    except Exception as fault:  # noqa: BLE001 -- the last resort: a person must never see a traceback
        return _faulty(fault)


def _refused_by_the_system(failure: OSError) -> int:
    if failure.filename is None:  # of all files, the standard streams alone have no name
        give_up_on(sys.stdout)
    complain(f"{failure.filename or 'the output'}: {(failure.strerror or str(failure)).lower()}")
    return REFUSED


def _faulty(fault: Exception) -> int:
    last = extract_tb(fault.__traceback__)[-1]
    complain(f"a fault of makegood {__version__} itself, at {os.path.basename(last.filename)}:{last.lineno}")  # noqa: PTH119
    complain(f"{type(fault).__name__}: {fault}; please report it with the files that led to it; nothing was written")
    return FAULT
