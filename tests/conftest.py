"""What holds for every test: zones from the pinned tzdata, and Hypothesis the same on every run."""

import os
import signal
import zoneinfo
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

os.environ["PYTHONTZPATH"] = ""  # for the processes that tests start
zoneinfo.reset_tzpath(to=())
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, as do its children

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],  # it reads a clock, and a busy machine is no defect
)
settings.register_profile(
    "torture",
    derandomize=False,
    deadline=None,
    print_blob=True,
    max_examples=5_000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The folder of a running PostgreSQL, one for all tests of a worker."""
    from tests.store.postgres import server

    with server() as folder:
        yield folder
