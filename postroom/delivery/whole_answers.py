"""An answer comes whole within its time, or it is none.

`requests` holds its timeout against each piece of an answer, so that one which trickles in byte by
byte would keep its reader for ever, deaf to a stop and to Ctrl-C.
"""

import time
from io import BytesIO
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

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
        except urllib3.exceptions.HTTPError as error:
            answer.close()
            raise requests.ConnectionError(error, request=request) from error
        if body is None:
            answer.close()
            raise requests.ReadTimeout("the answer did not end in time", request=request)
        answer.raw = urllib3.HTTPResponse(
            BytesIO(body), answer.raw.headers, answer.raw.status, preload_content=False
        )
        return answer


def _whole(raw: urllib3.HTTPResponse, end: float) -> bytes | None:
    """Return the body as it came over the wire; None where it had not ended by *end*."""
    body = BytesIO()
    while piece := raw.read1(PIECE, decode_content=False):
        body.write(piece)
        if time.monotonic() > end:
            return None
    return body.getvalue()
