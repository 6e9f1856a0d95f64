"""``alliance-stance serve``: a saved model over HTTP."""

import socket
from contextlib import suppress
from typing import Annotated

import typer

from alliance_stance import DEFAULT
from alliance_stance.cli.options import ModelOption
from alliance_stance.errors import InputError


def serve(
    model: ModelOption = DEFAULT,
    host: Annotated[
        str, typer.Option(help="Address to listen on; anything but this machine's own is open.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    max_body: Annotated[int, typer.Option(min=1, help="Bytes of the longest request.")] = 2_000_000,
    max_documents: Annotated[
        int, typer.Option(min=1, help="Documents and examples of a request.")
    ] = 64,
    max_characters: Annotated[int, typer.Option(min=1, help="Characters of a text.")] = 200_000,
    max_pairs: Annotated[int, typer.Option(min=1, help="Pairs of a request to judge.")] = 2_000,
    max_waiting: Annotated[
        int, typer.Option(min=1, help="Requests that may wait or be judged at a time.")
    ] = 32,
    max_seconds: Annotated[
        float, typer.Option(min=0.1, help="Seconds for a body to come, and for an answer.")
    ] = 30.0,
) -> None:
    """Serve a model: POST documents or ready examples to /v1/predict.

    There is no authentication and no encryption: put a proxy that has both in front of it before
    anybody else can reach it (docs/serving.md).
    """
    from alliance_stance.cli.console import note, quiet_libraries

    quiet_libraries()
    try:
        import uvicorn

        from alliance_stance.serving.app import build_app
    except ImportError as error:
        raise InputError(
            "alliance-stance serve", f"no {error.name}", "the packages of the extra 'serve'",
            "pip install 'alliance-stance[serve]'",
        ) from None  # fmt: skip
    from alliance_stance import load
    from alliance_stance.cli.opening import settle_address
    from alliance_stance.serving.limits import Limits

    limits = Limits(
        body_bytes=max_body,
        documents=max_documents,
        characters=max_characters,
        pairs=max_pairs,
        waiting=max_waiting,
        seconds=max_seconds,
    )
    # before the model is opened, which takes longer; nobody is answered until it is
    with _bound(host, port) as place:
        # whoever asks a server does not see its notes
        model = settle_address(model, is_kept=True)
        app = build_app(load(model), limits, model=model)
        config = uvicorn.Config(
            app, log_level="warning", server_header=False,
            # connections beyond those that may wait are told so without a thread of their own
            limit_concurrency=4 * max_waiting, timeout_keep_alive=30,
        )  # fmt: skip
        place.listen(4 * max_waiting)
        shown = f"[{host}]" if ":" in host else host
        note(f"serving {model} at http://{shown}:{port}, without authentication")
        # raised once more when all is closed: to be stopped is how a server ends
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[place])


def _bound(host: str, port: int) -> socket.socket:
    """Take an address, without listening yet.

    Raises
    ------
    InputError
        If it is not of this machine, or in use.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        place = socket.socket(family, kind, protocol)
        try:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            place.bind(address)
        except OSError:
            place.close()
            raise
    except (OSError, UnicodeError) as error:
        # a name with an empty or a very long part cannot be looked up
        found = "no name of a machine" if isinstance(error, UnicodeError) else error.strerror
        raise InputError(
            f"--host {host} --port {port}", (found or str(error)).lower(),
            "an address of this machine that nobody listens on", "choose another --port or --host",
        ) from None  # fmt: skip
    return place
