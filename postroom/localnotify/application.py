"""The web application: the API, the inbox, and what every answer has in common."""

import json
import socket
import sqlite3
import sys
import uuid

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, InternalServerError

from postroom.localnotify import api, inbox
from postroom.localnotify.answers import OutsideV2, crashed
from postroom.localnotify.api import Room
from postroom.localnotify.trouble import Dropped, Stricken


def make_application(room: Room) -> Flask:
    """Return the WSGI application over *room*."""
    app = Flask(__name__, template_folder="pages", static_folder="pages/static")
    app.extensions["localnotify"] = room
    # A page of another site must not read this inbox through a host name of its own.
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]
    app.register_blueprint(api.blueprint)
    app.register_blueprint(inbox.blueprint)
    app.register_error_handler(Dropped, _drop)
    app.register_error_handler(Stricken, _strike)
    app.register_error_handler(OutsideV2, _outside)
    app.register_error_handler(sqlite3.DatabaseError, _damaged)
    app.register_error_handler(HTTPException, _unknown)
    app.after_request(_add_trace)
    app.add_url_rule(
        "/service/<service_id>/template/<template_id>/versions",
        "admin_only",
        _admin_only,
    )
    return app


def _add_trace(response: Response) -> Response:
    response.headers["X-B3-TraceId"] = uuid.uuid4().hex
    return response


def _drop(_dropped: Dropped) -> Response:
    # The server then finds a broken pipe where it would write this answer, and lets it be.
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def _strike(error: Stricken) -> Response:
    page = f"<html><body><h1>{error.status} Service Unavailable</h1></body></html>\n"
    return Response(page, status=error.status, mimetype="text/html")


def _outside(error: OutsideV2) -> tuple[dict[str, object], int]:
    return {"result": "error", "message": error.message}, error.status


def _damaged(error: sqlite3.DatabaseError) -> Response:
    path = current_app.extensions["localnotify"].store.path
    print(f"{path} cannot be used: {error}", file=sys.stderr, flush=True)
    if request.path.startswith("/v2/"):
        return api.refuse(crashed(type(error).__name__))
    return Response(f"{path.name} cannot be used: {error}\n", status=500, mimetype="text/plain")


def _unknown(error: HTTPException) -> Response:
    if isinstance(error, InternalServerError) and request.path.startswith("/v2/"):
        # Notify names the exception that nobody caught.
        return api.refuse(crashed(type(error.original_exception).__name__))
    # Notify writes JSON here and still calls a 405 text/html.
    body = json.dumps({"result": "error", "message": error.description})
    kind = "text/html" if error.code == 405 else "application/json"
    return Response(body, status=error.code, mimetype=kind)


def _admin_only(**_ids: str) -> Response:
    said = {"token": ["Unauthorized: admin authentication token required"]}
    raise OutsideV2(401, said)
