"""One predictor for many requests: so many at once, so many in a queue, so long."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from alliance_stance.errors import StanceError
from alliance_stance.inference.predictor import Predictor
from alliance_stance.schema import Document, Example, Prediction
from alliance_stance.serving.limits import Limits
from alliance_stance.serving.refused import RefusedError

_SERVER = "server"


class Work:
    """Judges the texts of requests in a thread of its own, one request after the other.

    A model gives each core a batch by itself, so that two large ones at once would gain nothing; a
    request of a few sentences is one batch.

    Parameters
    ----------
    predictor
        The saved model, opened.
    limits
        How many requests wait, and how long.
    """

    def __init__(self, predictor: Predictor, limits: Limits) -> None:
        self._predictor = predictor
        self._limits = limits
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="predictor")
        self._pending = 0

    async def predict(self, items: list[Document | Example]) -> list[list[Prediction]]:
        """Score what a request asks for.

        Raises
        ------
        StanceError
            If a code is not known, or there is too much to judge.
        RefusedError
            503 where too many requests wait already, or the answer takes too long. What has begun
            goes on to its end, and counts as waiting until then.
        """
        if self._pending >= self._limits.waiting:
            raise self._busy(f"{self._pending} requests that wait already")
        self._pending += 1
        future = self._threads.submit(
            self._predictor.predict_batch, items, most=self._limits.bounds
        )
        answer = asyncio.wrap_future(future)
        answer.add_done_callback(self._settle)
        try:
            async with asyncio.timeout(self._limits.seconds):
                # shielded: what runs in a thread cannot be stopped, only what waits
                return await asyncio.shield(answer)
        except TimeoutError:
            # has no effect on what has begun
            future.cancel()
            raise self._busy(f"no answer within {self._limits.seconds:g} seconds") from None

    def close(self) -> None:
        """End the thread; what waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _settle(self, answer: "asyncio.Future[list[list[Prediction]]]") -> None:
        self._pending -= 1
        if not answer.cancelled():
            # nobody may wait for it any more, and asyncio tells an error that nobody looked at
            answer.exception()

    def _busy(self, found: str) -> RefusedError:
        error = StanceError(
            _SERVER, found, "a free moment", "wait and send it again, or send fewer texts at once"
        )
        return RefusedError(503, error, {"retry-after": "1"})
