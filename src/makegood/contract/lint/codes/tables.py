"""What a careful reader finds in tables of credits, and in what can be measured at all."""

from __future__ import annotations

from typing import Final

from makegood.contract.lint.codes.code import Code, Family, family

TABLES: Final[tuple[Family, ...]] = (
    family(
        "Tables of credits",
        Code(
            "tier-none",
            "W",
            "no row holds any value that misses the target",
            "a miss has no credit that is stated",
            "write rows",
        ),
        Code(
            "tier-gap",
            "W",
            "values between two rows are in no row",
            "the commitment is missed there, and what is owed is not said; minutes and the credits beside are named",
            "let the rows meet, or declare that figures are rounded first",
        ),
        Code(
            "tier-gap-below-target",
            "W",
            "values just below the target are in no row",
            "the smallest misses, which are the commonest, have no credit",
            "end the highest row at the target",
        ),
        Code(
            "tier-gap-at-bottom",
            "W",
            "the lowest values are in no row",
            "the worst misses have no credit",
            "add a row `below …`",
        ),
        Code(
            "tier-shared-edge",
            "W",
            "an edge is in two rows",
            "at that value both credits can be asked for; both are priced",
            "write one edge with its side, or `shared edges go to`",
        ),
        Code(
            "tier-nested",
            "W",
            "rows hold together and nothing says how they combine",
            "the deepest alone, or all of them: both are priced",
            "write `rows that hold together`",
        ),
        Code(
            "tier-overlap",
            "W",
            "two rows overlap in part",
            "inside both, either credit can be asked for",
            "end one where the other begins",
        ),
        Code(
            "tier-tie",
            "W",
            "two rows hold together and end at the same value",
            "neither is deeper, so that none can be chosen",
            "change the upper end of one",
        ),
        Code(
            "tier-above-target",
            "W",
            "every value of a row meets the target",
            "a credit needs a miss, so that it is never given",
            "lower the row, raise the target, or delete the row",
        ),
        Code(
            "tier-past-target",
            "W",
            "a row reaches above the target",
            "there it gives nothing, whatever it seems to promise",
            "end it at the target",
        ),
        Code(
            "tier-at-target",
            "N",
            "the upper end of a row is the target itself",
            "at exactly that value the commitment is kept",
            "write `below …` for its end",
        ),
        Code(
            "tier-never-decides",
            "W, N",
            "wherever a row holds, a deeper one holds too",
            "its credit is never given",
            "move its ends, or delete it",
        ),
        Code(
            "tier-shrinks",
            "W",
            "the credit shrinks as downtime grows",
            "whoever is down for longer gets less",
            "exchange the two credits",
        ),
        Code(
            "tier-never-paid",
            "W",
            "a limit is below what a row gives",
            "the row promises what is never paid in full",
            "raise the limit, or lower the row",
        ),
        Code(
            "tier-too-fine",
            "W",
            "no whole outage leads into a row",
            "the least that one adds is more than the row leaves",
            "count shorter outages, or delete the row",
        ),
        Code(
            "tier-uncapped",
            "N",
            "a credit for each step grows past all fees, and no limit holds it",
            "the value past which it does is named",
            "write a `limit`, or `most: unlimited` if the text has none",
        ),
        Code(
            "tables-disagree",
            "W",
            "a table by downtime and one by its share do not give the same",
            "in a month of another length a downtime is another share; the minutes and both credits are named",
            "keep one of the two, or write a `nominal length`",
        ),
        Code(
            "limit-never-cuts",
            "N",
            "a limit can never cut a credit",
            "all credits together stay below it",
            "look whether other fees are meant",
        ),
    ),
    family(
        "What can be measured",
        Code(
            "allows-nowhere",
            "N",
            "no period allows the downtime that the text says",
            "the share decides, and the two are minutes apart",
            "write the exact length, or a `nominal length`",
        ),
        Code(
            "allows-rounded",
            "N",
            "the downtime that the text says is rounded",
            "the share decides; the minutes between are named",
            "write the exact length",
        ),
        Code(
            "check-outlasts-slot",
            "W",
            "a check may take longer than the time between two",
            "two checks run at once, and their results mix",
            "allow less time, or check less often",
        ),
        Code(
            "seen-not-counted",
            "N",
            "an outage is confirmed and then does not count",
            "readers may take either for the definition of downtime",
            "make sure that both are meant",
        ),
        Code(
            "shortest-leaves-nothing-out",
            "N",
            "the shortest outage that counts is no longer than the shortest that is seen",
            "it decides nothing",
            "leave it out, or confirm sooner",
        ),
        Code(
            "target-finer-than-outage",
            "W",
            "the first outage that counts must miss the target",
            "it says 100 % in other words",
            "lower the target, or count shorter outages",
        ),
    ),
)
