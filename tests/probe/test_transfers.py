"""The machinery of transfers: where it fails itself, no service is to blame."""

import asyncio
from typing import Any

import pycurl
import pytest

from makegood.model.checks import Check, HttpProbe
from makegood.model.results import Reason, Result
from makegood.probe.handles import Handles
from makegood.probe.kinds import probe
from makegood.probe.transfers import Broken, Failure, Transfers
from tests.probe.servers import answering, free_port, hang, location, probed, served


class Failing:
    """A multi handle that works until it is told to fail."""

    def __init__(self, multi: Any) -> None:
        self.multi, self.fails = multi, False

    def socket_action(self, *arguments: int) -> Any:
        if self.fails:
            raise pycurl.error(4, "internal error")
        return self.multi.socket_action(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.multi, name)


def broken(handles: Handles) -> Failing:
    transfers = handles._transfers
    failing = Failing(transfers._multi)
    transfers._multi = failing
    return failing


def test_a_failure_of_the_machinery_makes_nothing_down_and_the_next_probe_is_good() -> None:
    async def main() -> list[Result]:
        async with served(hang) as hangs, served(answering()) as port, location() as context:
            multi = broken(context.handles)
            waiting = [
                asyncio.ensure_future(probe(Check(f"{n}", "shop", HttpProbe(f"http://127.0.0.1:{hangs}/")), context))
                for n in range(3)
            ]
            while len(context.handles) < 3:
                await asyncio.sleep(0.01)
            multi.fails = True
            good = Check("front page", "shop", HttpProbe(f"http://127.0.0.1:{port}/"))
            spoilt = await probe(good, context)
            results = [spoilt, *(await asyncio.gather(*waiting))]
            multi.fails = False
            return [*results, await probe(good, context)]

    reasons = [result.reason for result in asyncio.run(main())]
    assert reasons == [Reason.INTERNAL] * 4 + [Reason.OK]


def test_a_handle_cannot_be_in_two_transfers() -> None:
    async def main() -> None:
        async with served(hang) as port:
            transfers, curl = Transfers(), pycurl.Curl()
            curl.setopt(pycurl.URL, f"http://127.0.0.1:{port}/")
            first = asyncio.ensure_future(transfers.perform(curl))
            await asyncio.sleep(0)
            with pytest.raises(Broken):
                await transfers.perform(curl)
            assert len(transfers) == 1
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            assert len(transfers) == 0
            await transfers.aclose()

    asyncio.run(main())


def test_who_waits_is_cancelled_when_all_is_closed() -> None:
    async def main() -> bool:
        async with served(hang) as port:
            transfers, curl = Transfers(), pycurl.Curl()
            curl.setopt(pycurl.URL, f"http://127.0.0.1:{port}/")
            waiting = asyncio.ensure_future(transfers.perform(curl))
            await asyncio.sleep(0.05)
            await transfers.aclose()
            await asyncio.gather(waiting, return_exceptions=True)
            return waiting.cancelled()

    assert asyncio.run(main())


def test_a_transfer_that_fails_tells_how() -> None:
    async def main() -> Failure | None:
        transfers, curl = Transfers(), pycurl.Curl()
        curl.setopt(pycurl.URL, f"http://127.0.0.1:{free_port()}/")
        try:
            return await transfers.perform(curl)
        finally:
            await transfers.aclose()

    failure = asyncio.run(main())
    assert failure is not None
    assert failure.code == pycurl.E_COULDNT_CONNECT


@pytest.mark.parametrize(("host", "shown"), [("::1", "[::1]"), ("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost")])
def test_each_form_of_a_host_is_reached(host: str, shown: str) -> None:
    async def main() -> Result:
        async with served(answering(), host=host) as port:
            return await probed(HttpProbe(f"http://{shown}:{port}/"))

    result = asyncio.run(main())
    assert result.reason is Reason.OK, result.detail
