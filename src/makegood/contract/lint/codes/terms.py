"""What a careful reader finds in deadlines, windows, prose and loose ends."""

from __future__ import annotations

from typing import Final

from makegood.contract.lint.codes.code import Code, Family, family

TERMS: Final[tuple[Family, ...]] = (
    family(
        "Deadlines",
        Code(
            "answer-before-claim",
            "W",
            "an answer or a payment is due before the claim",
            "a claim that is made in time comes too late for it",
            "count it from the claim",
        ),
        Code(
            "business-without-calendar",
            "W",
            "business days are counted in no calendar",
            "weekends count, so that the deadline is days earlier",
            "write `in: NAME`",
        ),
        Code(
            "business-without-hours",
            "W",
            "business days are counted in a calendar without hours",
            "weekends count, so that the deadline is days earlier",
            "give the calendar hours",
        ),
        Code(
            "claim-before-figures",
            "W",
            "a claim can be due before the figure exists",
            "nobody can know yet that it is justified",
            "count it from the end of the period",
        ),
        Code(
            "claim-before-report",
            "W",
            "a claim can be due before the report that shows the miss",
            "what is lost with it is named",
            "give the claim more time",
        ),
        Code(
            "clock-never-starts",
            "W",
            "a clock starts from what its commitment never has: an outage, or a target out of reach",
            "only time that is down has outages; no statement gives the deadline a date",
            "count from the end of the period, or from the claim",
        ),
        Code(
            "deadline-contradiction",
            "W",
            "two deadlines of one claim differ",
            "between them it is late and in time",
            "make it one clock with a reading",
        ),
        Code(
            "holidays-not-said",
            "N",
            "business days are counted and no holidays are named",
            "each holiday makes the deadline a day earlier",
            "name them, or `none`",
        ),
        Code(
            "label-missing",
            "W",
            "a table by class leaves a label out",
            "nothing says how long it may take then",
            "write a time for it, or `unstated`",
        ),
        Code(
            "label-order",
            "W",
            "a later label is given less time than an earlier one",
            "what comes first is commonly the more urgent",
            "look whether columns were exchanged",
        ),
        Code(
            "label-unknown",
            "W",
            "a table by class has a label that the class never gives",
            "its time is never used",
            "write the label that is meant",
        ),
        Code(
            "two-deadlines",
            "N",
            "two acts of one claim have deadlines from the same event",
            "whoever misses the first gets nothing by keeping the second",
            "tell the customer of both",
        ),
    ),
    family(
        "Windows and exclusions",
        Code(
            "excused-both-ways",
            "W",
            "an exclusion and the measure put excused time in different places",
            "the same month then has two figures",
            "say it in one of the two",
        ),
        Code(
            "lasting-beyond-window",
            "N",
            "a longest duration is longer than its window",
            "the window ends first, so that it never decides",
            "leave it out",
        ),
        Code(
            "never-excused",
            "E",
            "no announcement can meet the conditions",
            "nothing is ever excused",
            "let the conditions share some time",
        ),
        Code(
            "notice-upper-side",
            "W",
            "a notice has an upper side",
            "work announced earlier would not be excused",
            "write `at least …`",
        ),
        Code(
            "window-in-clock-change",
            "N",
            "a window starts or ends in a clock change",
            "on those dates it is an hour longer or shorter",
            "move it out of the hour that changes",
        ),
    ),
    family(
        "Prose against rules",
        Code(
            "drift-label",
            "W",
            "the prose gives a class another time than the table, or names one by a number that it does not have",
            "people read the text, and the figures follow the rules",
            "correct the one that is wrong",
        ),
        Code(
            "drift-no-text",
            "N",
            "a clause has rules and no words",
            "what people read and publish does not say it",
            "say it in a sentence",
        ),
        Code(
            "drift-reference",
            "W",
            "the prose points to a clause that does not exist, or to another one than the rules use",
            "clauses may have been numbered anew",
            "write the number that is meant",
        ),
        Code(
            "drift-rule",
            "W",
            "the rule has a number, unit, weekday or zone that the prose lacks",
            "people read the text, and the figures follow the rules",
            "correct the one that is wrong, or say it in the text",
        ),
        Code(
            "drift-text",
            "W",
            "the prose has a number, unit, weekday or zone that no rule of the clause has",
            "people read the text, and the figures follow the rules; how far apart they are is named",
            "correct the one that is wrong, write a rule, or point to the clause that has one",
        ),
    ),
    family(
        "Loose ends",
        Code(
            "aim-with-credit",
            "W",
            "a credit follows when an aim is missed",
            "an aim cannot be breached, so that it is never owed",
            "write `strength: promise`",
        ),
        Code(
            "calendar-unused", "N", "no rule counts time in a calendar", "it decides nothing", "name it, or delete it"
        ),
        Code(
            "class-unused", "N", "no clock goes by a class", "its labels decide nothing", "write `allow: {by: NAME, …}`"
        ),
        Code(
            "class-without-last-row",
            "N",
            "a class gives no label where no row holds",
            "what fits no row has no time limit",
            "add a last row without `when`",
        ),
        Code(
            "commitment-without-remedy",
            "N",
            "nothing follows when a commitment is missed",
            "the law may give more than the agreement",
            "write a remedy, or say that there is none",
        ),
        Code(
            "not-acted-on",
            "N",
            "a key is read and checked, and no statement uses it yet",
            "better said than found out",
            "leave it",
        ),
        Code(
            "reading-without-choice",
            "W",
            "a reading has no choice",
            "no figure that needs it can be given",
            "choose, with a reason",
        ),
        Code(
            "row-takes-all",
            "W",
            "a row of a class takes everything, and rows follow",
            "those can never be given",
            "put it last",
        ),
        Code(
            "rule-unused",
            "W",
            "no rule uses another that does nothing by itself",
            "it decides nothing",
            "name it, or delete it",
        ),
        Code(
            "unstated",
            "N",
            "a value is unstated",
            "whatever depends on it is shown as not stated",
            "agree on a value, or declare a reading",
        ),
    ),
)
