"""Whatever is done to a file of checks, it is read as what writing it again gives, or every mistake in it is told."""

from hypothesis import given, settings
from hypothesis import strategies as st

from makegood.exchange.checks.read import read_checks
from makegood.exchange.checks.write import checks_text
from makegood.model.problem import Severity
from tests.exchange.cases import bad, good

TEXTS = [good("checks", "every-kind.checks.yaml").decode(), *(path.read_text("utf-8") for path in bad("checks"))]
PIECES = (
    *("{", "}", "[", "]", ": ", "- ", '"', "'", "{secret.X}", "{token}", "-1", "at least ", "$", "[0]", "..", "é", "²"),
    *("\n", "\t", "\\", "unstated", "null", "~", "1e400", "9" * 30, "{}", "&a ", "*a", "|", "> ", "#", " is ", "😀"),
)


@settings(max_examples=60)
@given(
    st.sampled_from(TEXTS), st.lists(st.tuples(st.integers(0), st.integers(0, 9), st.sampled_from(PIECES)), max_size=3)
)
def test_a_file_that_was_tampered_with_is_read_or_its_mistakes_are_told(
    text: str, changes: list[tuple[int, int, str]]
) -> None:
    for where, cut, piece in changes:
        at = where % (len(text) + 1)
        text = text[:at] + piece + text[at + cut :]
    checks, problems = read_checks(text.encode(), "a.checks.yaml")
    if checks is None:
        assert any(p.severity is Severity.ERROR for p in problems)
    else:
        assert read_checks(checks_text(checks).encode(), "b.checks.yaml")[0] == checks
