"""Real FTP and SFTP servers on loopback, and servers that misbehave, for the tests of folders."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import socketserver
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh

with warnings.catch_warnings():  # the server library builds on asyncore, which Python 3.12 no longer has
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
    from pyftpdlib.servers import FTPServer

USER, PASSWORD = "quantrac", "m4t-khau-bi-mat"
READ_ONLY = "elr"


@contextmanager
def ftp_server(
    root: Path, *, mlsd: bool = True, permissions: str = READ_ONLY, certificate: Path | None = None
) -> Iterator[str]:
    """Serve a folder read-only over FTP, with a certificate over explicit TLS alone; yield its URL.

    Without mlsd it is a server that knows LIST alone.
    """
    logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(root), perm=permissions)
    kind = TLS_FTPHandler if certificate else FTPHandler
    names = dict(kind.proto_cmds)
    if not mlsd:
        del names["MLSD"]
    traits = {"authorizer": authorizer, "proto_cmds": names, "auth_failed_timeout": 0.05}
    secured = {"certfile": str(certificate), "tls_control_required": True, "tls_data_required": True}
    handler = type("Handler", (kind,), {**traits, **(secured if certificate else {})})
    server = FTPServer(("127.0.0.1", 0), handler)
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            server.serve_forever(timeout=0.02, blocking=False)
        server.close_all()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"ftp{'s' if certificate else ''}://127.0.0.1:{server.address[1]}/"
    finally:
        stopped.set()
        thread.join()


class _Login(asyncssh.SSHServer):
    def __init__(self, taken: list[asyncssh.SSHServerConnection], key: asyncssh.SSHKey | None) -> None:
        self.taken, self.key = taken, key

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.taken.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return self.key is None

    def public_key_auth_supported(self) -> bool:
        return self.key is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and self.key is not None and key.public_data == self.key.public_data

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@contextmanager
def sftp_server(root: Path, user_key: asyncssh.SSHKey | None = None) -> Iterator[tuple[str, str]]:
    """Serve a folder over SFTP; yield its URL and its host key as it is pinned in a declaration.

    With user_key it takes that public key alone, and no password.
    """
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop, ready, port = asyncio.new_event_loop(), threading.Event(), [0]
    taken: list[asyncssh.SSHServerConnection] = []

    def serve() -> None:
        asyncio.set_event_loop(loop)

        async def listen() -> asyncssh.SSHAcceptor:
            return await asyncssh.listen(
                "127.0.0.1",
                0,
                server_host_keys=[key],
                server_factory=lambda: _Login(taken, user_key),
                sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root)),
            )

        async def end(acceptor: asyncssh.SSHAcceptor) -> None:
            acceptor.close()
            for connection in taken:
                connection.abort()
                await connection.wait_closed()
            await acceptor.wait_closed()
            await asyncio.sleep(0)

        acceptor = loop.run_until_complete(listen())
        port[0] = acceptor.get_port()
        ready.set()
        loop.run_forever()
        loop.run_until_complete(end(acceptor))
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(10)
    try:
        yield f"sftp://127.0.0.1:{port[0]}/", key.export_public_key().decode().strip()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


@contextmanager
def silent_server(greeting: bytes = b"") -> Iterator[int]:
    """Take connections, say a greeting at most, and never answer again; yield the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            taken.append(connection)
            if greeting:
                connection.sendall(greeting)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in taken:
            connection.close()
        thread.join()


@contextmanager
def dripping_ftp_server() -> Iterator[int]:
    """Log anybody in, then send a listing that never ends, a few bytes at a time; yield the port."""
    stopped = threading.Event()

    class Control(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 chao\r\n")
            data = socket.create_server(("127.0.0.1", 0))
            port = data.getsockname()[1]
            answers = {
                b"USER": b"331 mat khau",
                b"PASS": b"230 vao",
                b"PASV": b"227 (127,0,0,1,%d,%d)" % divmod(port, 256),
                b"EPSV": b"229 (|||%d|)" % port,
                b"MLSD": b"150 day",
            }
            for line in self.rfile:
                self.wfile.write(answers.get(line[:4].upper().strip(), b"200 duoc") + b"\r\n")
                if line[:4].upper() == b"MLSD":
                    self.drip(data)
                    break
            data.close()

        def drip(self, data: socket.socket) -> None:
            connection, _ = data.accept()
            with connection, contextlib.suppress(OSError):
                while not stopped.wait(0.05):
                    connection.sendall(b"type")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Control) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            stopped.set()
            server.shutdown()
            thread.join()
