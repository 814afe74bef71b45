"""What Notify says when it says no: one exception, and its body as the real API writes it."""

from typing import Any


class Refusal(Exception):
    """An answer other than 2xx, in the shape of Notify's version 2 API."""

    def __init__(self, status: int, error: str, *messages: str):
        self.status = status
        self.errors = [{"error": error, "message": message} for message in messages]
        super().__init__(status, error, *messages)

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer."""
        return {"status_code": self.status, "errors": self.errors}


class OutsideV2(Exception):
    """A refusal on a path that is not version 2, which Notify writes in another shape."""

    def __init__(self, status: int, message: Any):
        self.status = status
        self.message = message
        super().__init__(status, message)


def bad_request(message: str) -> Refusal:
    """Return a 400 for something about the service, the template or the recipient."""
    return Refusal(400, "BadRequestError", message)


def invalid(*messages: str) -> Refusal:
    """Return a 400 that lists everything wrong with the shape of a request."""
    return Refusal(400, "ValidationError", *messages)


def not_found() -> Refusal:
    """Return a 404 for a notification or template that this service does not have."""
    return Refusal(404, "NoResultFound", "No result found")


def crashed(exception: str) -> Refusal:
    """Return the 500 that an unhandled *exception* (its class name) gives."""
    return Refusal(500, exception, "Internal server error")
