"""What is wrong with a rule, or with the names, exceptions and readings between rules."""

from __future__ import annotations

from typing import Final

from makegood.contract.lint.codes.code import Code, Family, family

RULES: Final[tuple[Family, ...]] = (
    family(
        "What a rule may say",
        Code(
            "aim-as-gate",
            "E",
            "a condition that decides is only an aim",
            "what is hoped for cannot decide",
            "write it under `expect`",
        ),
        Code(
            "missing-key",
            "E",
            "a key that must be there is missing",
            "without it the rule says nothing that could be judged",
            "write it as the message shows",
        ),
        Code(
            "mixed-edges",
            "E",
            "the rows of a scale look up different things",
            "a value is a share, a time, a number or money",
            "use one scale for each",
        ),
        Code(
            "mixed-units",
            "E",
            "the rows of a scale give different units",
            "what is multiplied by fees cannot be days",
            "use one scale for each unit",
        ),
        Code(
            "no-day", "E", "a billing month starts on no day of a month", "days run from 1 to 31", "write `anchor: 15`"
        ),
        Code("no-days", "E", "a window has no whole number of days", "days are counted", "write `days: 30`"),
        Code(
            "no-reason", "E", "a reading was chosen without saying why", "the other side will ask", "write `because: …`"
        ),
        Code(
            "no-step",
            "E",
            "a row counts for its part of the value and gives nothing for each step of it",
            "a part has a length, and a fixed amount has none",
            "write `gives: 5 % for each started 30 min`",
        ),
        Code(
            "not-a-number",
            "E",
            "a limit of time or items is no single number",
            "it is used up item by item",
            "write `most: 4 h`",
        ),
        Code(
            "not-unstated",
            "E",
            "a value is `unstated` where one is needed",
            "nothing could be measured or counted without it",
            "declare a reading and choose",
        ),
        Code("not-whole", "E", "a number of items is not whole", "items are counted", "write `5 instances`"),
        Code(
            "one-alternative",
            "E",
            "a reading has fewer than two alternatives",
            "there is nothing to choose",
            "write `among: [a, b]`",
        ),
        Code(
            "one-trigger",
            "E",
            "a remedy has no trigger, or several",
            "what is owed follows from one thing",
            "write one, or split the remedy",
        ),
        Code(
            "share-of-what",
            "E",
            "a limit is a share and does not say of what",
            "a share of nothing is no amount",
            "write `50 % x fees`",
        ),
        Code(
            "unknown-condition",
            "E",
            "a rule depends on something that an order does not say",
            "orders have a plan and a deployment",
            "write `plan` or `deployment`",
        ),
        Code(
            "unknown-event",
            "E",
            "a clock starts from an unknown event",
            "its deadline could not be dated",
            "write one of the listed events",
        ),
        Code(
            "unknown-key",
            "E",
            "a rule of this kind has no such key",
            "it would be ignored, and with it what was agreed",
            "write the key that is meant",
        ),
        Code(
            "unknown-primitive",
            "E",
            "a block begins with no primitive",
            "nothing says how to read it",
            "write the primitive that is meant",
        ),
        Code(
            "unknown-word",
            "E",
            "a word is none of those that may stand here",
            "each of them has a meaning, others have none",
            "write one of them",
        ),
        Code(
            "unused-key",
            "E",
            "a key stands in a rule of a kind that does not read it",
            "nothing would follow from it",
            "take it away, or write another `is`",
        ),
        Code(
            "wrong-scope",
            "E",
            "a commitment is about each of something that its measure does not measure one by one",
            "they could not be judged together",
            "write `each: ticket` with `is: elapsed`, or measure a `share in time`",
        ),
        Code(
            "wrong-shape",
            "E",
            "a list, mapping or single value stands where another is read",
            "it cannot be read as what it should be",
            "write it as the message shows",
        ),
        Code(
            "wrong-unit",
            "E",
            "a limit counts in another unit than what it is on",
            "it could never cut anything",
            "write time or items on downtime, money or days on credits",
        ),
        Code(
            "wrong-value",
            "E",
            "a value cannot be read",
            "a value has one meaning or none",
            "write it as the message shows",
        ),
    ),
    family(
        "Names, exceptions and readings",
        Code(
            "conflict",
            "E",
            "two equally deep exceptions differ in a key",
            "neither the order of the text nor detail decides",
            "make one an exception to the other",
        ),
        Code(
            "exception-circle",
            "E",
            "exceptions go in a circle",
            "none of them would be the rule",
            "make one of them a rule of its own",
        ),
        Code(
            "exception-of-another-kind",
            "E",
            "an exception names a rule of another kind",
            "it changes keys, which the other does not have",
            "name a rule of its own kind",
        ),
        Code(
            "exception-too-deep",
            "E",
            "exceptions to exceptions go too deep",
            "nobody could follow them",
            "make it an exception to an earlier rule",
        ),
        Code(
            "unknown-alternative",
            "E",
            "a reading chooses an alternative that it does not have",
            "nothing would be chosen",
            "write one of its alternatives",
        ),
        Code(
            "unknown-name",
            "E",
            "a name leads to no rule",
            "whatever rests on it could not be judged",
            "write the name that is meant",
        ),
        Code(
            "unknown-deployment",
            "E",
            "a value depends on a deployment that the agreement does not list",
            "no order could name it",
            "list it under `deployments` in the block `agreement`",
        ),
        Code(
            "unknown-fact",
            "E",
            "a value depends on a word of the order that the agreement does not list",
            "no order could say it",
            "list it under `facts of orders` in the block `agreement`",
        ),
        Code(
            "unknown-plan",
            "E",
            "a value depends on a plan that the agreement does not list",
            "no order could name it",
            "list it under `plans` in the block `agreement`",
        ),
        Code(
            "wrong-kind",
            "E",
            "a name leads to a rule of another kind",
            "a commitment is no calendar",
            "name a rule of the kind that is asked for",
        ),
    ),
)
