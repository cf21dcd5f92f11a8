"""`locations`: the locations of a store with their agents and alarms; tokens for new ones; and revoking."""

from __future__ import annotations

import time
from pathlib import Path

from makegood.app import enrolling
from makegood.app.upkeep import must_be_store
from makegood.cli.screen import say
from makegood.cli.usage import WrongUsage
from makegood.cli.who import user_name
from makegood.evidence.signing import PublicKey
from makegood.exchange.moments import written
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import SECOND
from makegood.store.alarms import alarms
from makegood.store.opened import Store, opened
from makegood.store.sql.agents import Agent, State

MOST_ALARMS = 10


def locations(
    folder: Path, *, token: bool = False, name: str = "", operator: str = "", revoke: str = "", because: str = ""
) -> None:
    """List the locations of a store, or let a new agent in, or put one out.

    Parameters
    ----------
    folder
        The folder of the store.
    token
        Make a token, which enrols one agent, once, within a day, and print it.
    name
        The location that the token is for; an agent that is there is put out by the new one. Where not given, the agent
        names its location, which must be new.
    operator
        Who runs the agent that the token enrols, where that is not you: a customer, by name.
    revoke
        A location whose agent is to tell nothing any more.
    because
        Why it is revoked.
    """
    if revoke and (token or not because.strip()):
        raise WrongUsage("--revoke NAME needs --because TEXT, and nothing else")
    if not token and (name or operator):
        raise WrongUsage("--name and --operator say what a token is for: give --token too")
    must_be_store(folder)
    with opened(folder) as store:
        if token:
            say(
                enrolling.new_token(store, location=name, operator=operator, by=user_name(), now=time.time_ns() // 1000)
            )
        elif revoke:
            _revoke(store, revoke, because)
        else:
            _list(store)


def _revoke(store: Store, location: str, because: str) -> None:
    if not enrolling.revoke(store, location, because):
        raise Refused([error("no-location", Place(location), "no agent is active at this location")])
    say(f"{location}: its agent tells nothing any more")


def _list(store: Store) -> None:
    found = enrolling.all_agents(store)
    for one in found:
        whose = f", run by {one.operator}" if one.operator else ""
        say(f"{one.location}{whose}: {_state(one)}; enrolled {written(one.enrolled)}, key {PublicKey(one.key).id}")
    told = alarms(store)
    for alarm in told[-MOST_ALARMS:]:
        say(f"alarm at {written(alarm.at)}, {alarm.location}: {alarm.kind.value}: {alarm.says}")
    if len(told) > MOST_ALARMS:
        say(f"{len(told) - MOST_ALARMS:,} alarms before those")
    if not found:
        say("no location was enrolled; make a token with --token")


def _state(one: Agent) -> str:
    if one.state is not State.ACTIVE:
        return f"{one.state.value}, {one.why}"
    if not one.seen or not one.asked:
        return "active, and has not asked for work yet"
    parts = [f"active, version {one.version}, last heard of {written(one.seen // SECOND * SECOND)}"]
    parts += ["it abstains"] if one.told.get("abstains") else []
    parts += ["its clock is wrong"] if one.told.get("trusted") is False else []
    parts += [f"its spool cannot be written: {one.told['full']}"] if one.told.get("full") else []
    return ", ".join(parts)
