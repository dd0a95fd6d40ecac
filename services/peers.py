"""Another service of ours, asked over REST for the facts of its log (``GET /v1/feeds/events``).

``http.client`` of the standard library: one connection that stays open, one caller.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import msgspec

from projections.away import Away
from services.cloud_events import Whole
from services.event_log.generations import GenerationRow

PAGE = 500
TIMEOUT_S = 40.0


class PeerAway(Away):
    """The service cannot be asked just now, or does not let us."""


class FeedPage(msgspec.Struct, frozen=True):
    """Facts in order after the position asked for; ``last`` is where the log ends."""

    log: str
    generation: int
    last: int
    generations: list[tuple[int, int, str]] = []
    items: list[Whole] = []

    @property
    def restores(self) -> list[GenerationRow]:
        return [GenerationRow(*row) for row in self.generations]


class _Refusal(msgspec.Struct):
    code: str = ""
    detail: str = ""


_PAGE = msgspec.json.Decoder(FeedPage)
_REFUSAL = msgspec.json.Decoder(_Refusal)


@dataclass
class Peer:
    """The owner of a log. ``key`` is the secret that all services share."""

    log: str
    url: str
    key: str

    def __post_init__(self) -> None:
        self._connection: http.client.HTTPConnection | None = None

    def facts(self, after: int, wait: int = 0, limit: int = PAGE) -> FeedPage | None:
        """The next page; None where the log ends before ``after``: it was restored. Raises PeerAway."""
        asked = urlencode({"log": self.log, "after": after, "limit": limit, "wait": wait, "whole": "true"})
        status, body = self._get(f"/v1/feeds/events?{asked}")
        if status == 200:
            return _PAGE.decode(body)
        try:
            refusal = _REFUSAL.decode(body)
        except msgspec.MsgspecError:
            refusal = _Refusal(detail=f"{self.url} answers {status} and no problem document: is it o2c?")
        if refusal.code == "ahead_of_log":
            return None
        raise PeerAway(f"the {self.log} service at {self.url} does not give its facts ({status}): {refusal.detail}")

    def _get(self, path: str) -> tuple[int, bytes]:
        kept = self._connection is not None
        try:
            connection = self._connection = self._connection or self._open()
            connection.request("GET", urlsplit(self.url).path + path, headers={"Authorization": f"Bearer {self.key}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if kept:  # the other side closes what was idle; asking twice harms nothing
                return self._get(path)
            raise PeerAway(f"the {self.log} service at {self.url} cannot be reached: {error!r}") from error

    def _open(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.netloc, timeout=TIMEOUT_S)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
