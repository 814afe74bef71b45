"""An answer comes whole within its time, or it is none.

`requests` holds its timeout against each piece of an answer, so that one which trickles in byte by
byte would keep its reader for ever, deaf to a stop and to Ctrl-C.
"""

import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import BaseHTTPError  # type: ignore[attr-defined]  # urllib3, whole

PIECE = 65_536  # bytes


class WholeAnswers(HTTPAdapter):
    """Reads each answer to its end, as long as the timeout for one piece of it lasts.

    Its last piece may take as long again. Raises `requests.RequestException`.
    """

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        began = time.monotonic()
        answer = super().send(request, *args, **kwargs | {"stream": True})
        _, to_answer = kwargs["timeout"]
        try:
            body = _whole(answer.raw, began + to_answer)
        except BaseHTTPError as error:
            answer.close()
            raise requests.ConnectionError(error, request=request) from error
        if body is None:
            answer.close()
            raise requests.ReadTimeout("the answer did not end in time", request=request)
        answer._content, answer._content_consumed = body, True  # noqa: SLF001  # read: as `content` does
        return answer


def _whole(raw: Any, end: float) -> bytes | None:
    """Return the body; None where it had not ended by *end*."""
    pieces = []
    while piece := raw.read1(PIECE, decode_content=True):
        pieces.append(piece)
        if time.monotonic() > end:
            return None
    return b"".join(pieces)
