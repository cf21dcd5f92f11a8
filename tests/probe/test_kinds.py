"""Every kind has one function, and every probe ends in a result."""

import asyncio
import logging
from typing import get_args

import pytest

from makegood.model.checks import (
    Check,
    DnsProbe,
    HeartbeatProbe,
    HttpProbe,
    PingProbe,
    Probe,
    Step,
    TcpProbe,
    WorkflowProbe,
)
from makegood.model.facts import UNKNOWN
from makegood.model.results import Reason, Result
from makegood.model.spans import SECOND
from makegood.probe import kinds
from makegood.probe.attempt import Attempt
from makegood.probe.kinds import KINDS, probe
from tests.probe.servers import Asked, answering, free_port, hang, location, page, routed, served


def test_every_kind_but_the_one_that_others_tell_has_its_function() -> None:
    assert set(KINDS) == set(get_args(Probe)) - {HeartbeatProbe}
    assert len({function.__module__ for function in KINDS.values()}) == len(KINDS)


def test_a_defect_is_unknown_and_tells_neither_secrets_nor_what_it_was_given(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_probe: TcpProbe, _attempt: Attempt) -> Result:
        raise KeyError("open sesame")

    async def main() -> Result:
        async with location(secrets={"KEY": "open sesame"}) as context:
            return await probe(Check("front page", "shop", TcpProbe("127.0.0.1", 1)), context)

    monkeypatch.setattr(kinds, "KINDS", {TcpProbe: broken})
    with caplog.at_level(logging.ERROR):
        result = asyncio.run(main())
    assert (result.reason, result.outcome) == (Reason.INTERNAL, UNKNOWN)
    assert result.detail.startswith("a defect of the probe: KeyError at broken:")
    assert "front page" in caplog.text
    assert "sesame" not in caplog.text + result.detail


def test_a_probe_that_does_not_end_is_ended_and_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless(_probe: TcpProbe, _attempt: Attempt) -> Result:
        await asyncio.Event().wait()
        raise AssertionError

    async def main() -> Result:
        async with location() as context:
            return await probe(Check("front page", "shop", TcpProbe("127.0.0.1", 1), timeout=1000), context)

    monkeypatch.setattr(kinds, "KINDS", {TcpProbe: endless})
    monkeypatch.setattr(kinds, "OVER", SECOND // 20)
    result = asyncio.run(main())
    assert (result.reason, result.detail) == (Reason.INTERNAL, "the probe did not end in time")


def test_without_descriptors_nothing_is_down() -> None:
    resource = pytest.importorskip("resource")

    async def main() -> list[Result]:
        async with served(answering()) as port, location() as context:
            checks = [
                Check("http", "shop", HttpProbe(f"http://127.0.0.1:{port}/")),
                Check("http by name", "shop", HttpProbe(f"http://localhost:{port}/")),
                Check("tcp", "shop", TcpProbe("127.0.0.1", port)),
                Check("dns", "shop", DnsProbe("shop.example", server=f"127.0.0.1:{port}")),
                Check("ping", "shop", PingProbe("127.0.0.1")),
            ]
            before = [await probe(check, context) for check in checks]
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                during = [await probe(check, context) for check in checks]
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            return [*before, *during, *[await probe(check, context) for check in checks]]

    reasons = [result.reason for result in asyncio.run(main())]
    assert reasons[5:10] == [Reason.RESOURCES] * 5
    assert reasons[:3] == reasons[10:13] == [Reason.OK] * 3


def test_a_cancelled_probe_lets_go_of_its_connection_and_spoils_no_other() -> None:
    async def main() -> list[Reason]:
        async with served(hang) as hangs, served(answering()) as port, location() as context:
            waiting = [
                asyncio.ensure_future(probe(Check(f"{n}", "shop", HttpProbe(f"http://127.0.0.1:{hangs}/")), context))
                for n in range(20)
            ]
            while len(context.handles) < 20:
                await asyncio.sleep(0.01)
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            assert len(context.handles) == 0
            good = Check("front page", "shop", HttpProbe(f"http://127.0.0.1:{port}/"))
            return [(await probe(good, context)).reason for _ in range(20)]

    assert asyncio.run(main()) == [Reason.OK] * 20


@pytest.mark.parametrize("path", ["{}", "/{}", "?{}"])
def test_a_url_that_is_none_is_unknown(path: str) -> None:
    async def main() -> list[Result]:
        async with location() as context:
            return [
                await probe(Check("front page", "shop", HttpProbe(url)), context)
                for url in (
                    "shop.example",
                    "ftp://shop.example/",
                    "http:///",
                    f"http://shop example{path}",
                    "http://u:p@x/",
                )
            ]

    assert {result.outcome for result in asyncio.run(main())} == {UNKNOWN}


def test_many_at_once_each_get_their_own_answer() -> None:
    """Of two servers under one name, by plain requests and workflows whose cookies are theirs alone."""

    def answer(request: Asked) -> bytes:
        cookie = request.headers.get("cookie", "")
        return page(f"{request.host()} {request.path} {cookie}", set_cookie=f"n={request.path[1:]}; Path=/")

    async def main() -> list[Result]:
        async with served(routed(answer)) as one, served(routed(answer)) as other, location() as context:
            checks = []
            for n in range(60):
                base = f"http://localhost:{(one, other)[n % 2]}"
                plain = HttpProbe(f"{base}/{n}", contains=(f"{base[7:]} /{n} ",), lacks=("n=",))
                again = HttpProbe(f"{base}/{n}", contains=(f"/{n} n={n}",))
                checks.append(Check(f"plain {n}", "shop", plain))
                checks.append(Check(f"flow {n}", "shop", WorkflowProbe((Step("a", plain), Step("b", again)))))
            return list(await asyncio.gather(*(probe(check, context) for check in checks)))

    results = asyncio.run(main())
    assert [result.detail for result in results if result.reason is not Reason.OK] == []


def test_nobody_answers_where_nobody_listens() -> None:
    async def main() -> list[Reason]:
        async with location() as context:
            port = free_port()
            checks = [Check(f"{n}", "shop", HttpProbe(f"http://localhost:{port}/")) for n in range(30)]
            return [one.reason for one in await asyncio.gather(*(probe(check, context) for check in checks))]

    assert set(asyncio.run(main())) == {Reason.REFUSED}
