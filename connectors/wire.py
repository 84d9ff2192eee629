"""What one exchange may cost: a total deadline down to the single read, and a size limit before and after decoding."""

from __future__ import annotations

import io
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any

import brotli
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, ProtocolError

from connectors.dial import dial

BLOCK = 65_536
_exchange = threading.local()


class TooLargeError(Exception):
    """More bytes came, or came out of the decoder, than the source may send."""


class CutError(Exception):
    """The connection ended in the middle of the body; received is how many bytes had come."""

    def __init__(self, received: int) -> None:
        self.received = received
        super().__init__(f"cut after {received} bytes")


class CodingError(Exception):
    """The body is not in the coding that its header names."""


@contextmanager
def deadline(length: float) -> Iterator[None]:
    """Let every connect, write and read of this thread end before length seconds from now are over."""
    _exchange.until = time.monotonic() + length
    try:
        yield
    finally:
        _exchange.until = None


def remaining() -> float:
    """Return the seconds that the running exchange still has; raises TimeoutError when there are none."""
    until = getattr(_exchange, "until", None)
    if until is None:
        return 60.0
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the exchange has used up its time")
    return float(left)


class _TimedSocket(io.RawIOBase):
    """The reading side of a socket; each single read waits no longer than the exchange may still take."""

    def __init__(self, raw: Any, sock: socket.socket) -> None:
        self.raw, self.sock = raw, sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self.sock.settimeout(remaining())
        count: int | None = self.raw.readinto(buffer)
        return count

    def close(self) -> None:
        self.raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedSocket(self.fp.detach(), sock))


class _Dialled(HTTPConnection):
    """Connects within the time that the exchange still has, the resolution of the name included."""

    response_class = _TimedResponse

    def _new_conn(self) -> socket.socket:
        timeout = self.timeout if isinstance(self.timeout, int | float) else 60.0
        try:
            return dial(
                self._dns_host,
                self.port,
                timeout,
                source=self.source_address,
                options=self.socket_options or (),
            )
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"no connection to {self.host} in {timeout:g} s") from error
        except OSError as error:
            raise NewConnectionError(self, f"no connection: {error}") from error


class _Connection(_Dialled):
    pass


class _SecureConnection(_Dialled, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}


class Adapter(HTTPAdapter):
    """Keeps connections per host and times every read of theirs."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


def body(raw: Any, coding: str, most: int) -> Iterator[bytes]:
    """Read and decode the body of a urllib3 response within the running deadline, in blocks.

    Raises TooLargeError above `most` bytes, on the wire as well as decoded, without holding more than that;
    CutError where the connection ends too early; CodingError for a broken or unknown coding.
    """
    decode = _decoder(coding)
    received = size = 0
    while block := _next(raw, received):
        remaining()
        received += len(block)
        if received > most:
            raise TooLargeError
        for part in decode(block):
            size += len(part)
            if size > most:
                raise TooLargeError
            yield part


def _next(raw: Any, received: int) -> bytes:
    try:
        block: bytes = raw.read1(BLOCK, decode_content=False)
    except ProtocolError:
        raise CutError(received) from None
    return block


def _decoder(coding: str) -> Any:
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return lambda block: (block,)
    if coding in ("gzip", "x-gzip"):
        return _Inflate(16 + zlib.MAX_WBITS)
    if coding == "deflate":
        return _Inflate(zlib.MAX_WBITS)
    if coding == "br":
        return _Brotli()
    raise CodingError(coding)


class _Inflate:
    """Decodes gzip (also of several members) and deflate (also without its header) block by block."""

    def __init__(self, bits: int) -> None:
        self.bits, self.started = bits, False
        self.inflate = zlib.decompressobj(bits)

    def __call__(self, block: bytes) -> Iterator[bytes]:
        while block:
            if self.inflate.eof:
                if self.bits <= zlib.MAX_WBITS or not block.strip(b"\0"):
                    return  # what follows the end is padding
                self.inflate = zlib.decompressobj(self.bits)
            try:
                part = self.inflate.decompress(block, BLOCK)
            except zlib.error as error:
                if self.started or self.bits != zlib.MAX_WBITS:
                    raise CodingError(str(error)) from None
                self.bits, self.started = -zlib.MAX_WBITS, True
                self.inflate = zlib.decompressobj(self.bits)
                continue
            self.started = True
            if part:
                yield part
            block = self.inflate.unused_data if self.inflate.eof else self.inflate.unconsumed_tail


class _Brotli:
    def __init__(self) -> None:
        self.decompressor = brotli.Decompressor()

    def __call__(self, block: bytes) -> Iterator[bytes]:
        try:
            part = self.decompressor.process(block, output_buffer_limit=BLOCK)
            while part:
                yield part
                if self.decompressor.is_finished():
                    return
                part = self.decompressor.process(b"", output_buffer_limit=BLOCK)
        except brotli.error as error:
            raise CodingError(str(error)) from None
