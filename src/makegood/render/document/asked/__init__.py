"""The published JSON forms of questions in money: readings, what if, budget, replay; and their schemas."""

from makegood.render.document.asked.budget import BUDGET, budget_json, budget_schema
from makegood.render.document.asked.readings import READINGS, readings_json, readings_schema, stress_json
from makegood.render.document.asked.replay import REPLAY, replay_json, replay_schema
from makegood.render.document.asked.what_if import WHAT_IF, what_if_json, what_if_schema

__all__ = [
    "BUDGET",
    "READINGS",
    "REPLAY",
    "WHAT_IF",
    "budget_json",
    "budget_schema",
    "readings_json",
    "readings_schema",
    "replay_json",
    "replay_schema",
    "stress_json",
    "what_if_json",
    "what_if_schema",
]
