"""One connection to an MQTT broker under a lasting session: messages are handed out and acknowledged later."""

from __future__ import annotations

import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from connectors.dial import dial
from connectors.options import seconds
from ioc.errors import ContractError, RefusedError, UnreachableError
from ioc.model import Source

CONNECT_S = 10.0
TICK_S = 0.02
MOST_MESSAGES = 1_000
"""How many messages are held before they are acknowledged."""


class _Client(paho.Client):
    def _create_socket_connection(self) -> socket.socket:
        return dial(self.host, self.port, self.connect_timeout)


class MqttSession:
    """Connects and subscribes on entering, and lets the connection go, not the session, on leaving.

    resumed: whether the broker still had our session, and with it what was sent while we were away.
    """

    def __init__(self, source: Source, filters: list[str], name: str) -> None:
        self.source, self.filters = source, filters
        parts = urlsplit(source.url)
        self.host, self.where = (
            parts.hostname or "",
            f"{parts.hostname}:{parts.port or self._port(parts.scheme)}",
        )
        self.port = parts.port or self._port(parts.scheme)
        self.newest = source.options.get("version", "5") == "5"
        self.resumed = False
        self.until = 0.0
        self._arrived: deque[paho.MQTTMessage] = deque()
        self._refusal = ""
        self._subscribed = False
        self._client = _Client(
            CallbackAPIVersion.VERSION2,
            name,
            clean_session=None if self.newest else False,
            protocol=MQTTProtocolVersion.MQTTv5 if self.newest else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        self._client.connect_timeout = min(CONNECT_S, source.deadline)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = lambda _client, _data, message: self._arrived.append(message)
        if source.auth.get("kind") == "basic":
            self._client.username_pw_set(source.auth["user"], source.auth["password"])
        if parts.scheme == "mqtts":
            self._client.tls_set_context(self._trust())

    def __enter__(self) -> Self:
        try:
            self._connect()
            self._wait(lambda: self._subscribed)
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(self, *_raised: object) -> None:
        self._leave()

    def gather(self, idle: float, pause: float, listen: float) -> list[paho.MQTTMessage]:
        """Return the next messages, none once nothing came for `idle` s or the session has listened for `listen` s.

        A batch ends when none followed for `pause` s: the broker then waits for acknowledgement.
        """
        self.until = self.until or time.monotonic() + listen
        quiet = time.monotonic()
        while time.monotonic() < self.until and len(self._arrived) < MOST_MESSAGES:
            before = len(self._arrived)
            self._turn()
            if len(self._arrived) > before:
                quiet = time.monotonic()
            elif time.monotonic() - quiet >= (pause if self._arrived else idle):
                break
        return [self._arrived.popleft() for _ in range(min(MOST_MESSAGES, len(self._arrived)))]

    def acknowledge(self, messages: list[paho.MQTTMessage]) -> None:
        """Tell the broker that it may forget these messages."""
        for message in messages:
            if message.qos:
                self._client.ack(message.mid, message.qos)
        while self._client.want_write():
            self._turn()

    def _connect(self) -> None:
        properties = None
        if self.newest:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = int(seconds(self.source.options.get("session", "7d")))
            properties.ReceiveMaximum = MOST_MESSAGES
            properties.MaximumPacketSize = min(self.source.max_bytes, 268_435_455)
        try:
            self._client.connect(
                self.host,
                self.port,
                keepalive=max(5, int(min(60.0, self.source.deadline))),  # also how long TLS may take
                clean_start=False if self.newest else paho.MQTT_CLEAN_START_FIRST_ONLY,
                properties=properties,
            )
        except ssl.SSLError:
            raise RefusedError(
                f"Không có kết nối TLS tin cậy với {self.where}: chứng thư không được công nhận."
            ) from None
        except (OSError, ValueError):
            raise UnreachableError(f"Không kết nối được tới máy chủ MQTT {self.where}.") from None

    def _on_connect(self, client: paho.Client, _data: Any, flags: Any, code: Any, _properties: Any) -> None:
        if code.is_failure:
            self._refusal = str(code)
            return
        self.resumed = bool(flags.session_present)
        if self.newest:
            options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE)
            client.subscribe([(topic, options) for topic in self.filters])
        else:
            client.subscribe([(topic, 1) for topic in self.filters])

    def _on_subscribe(
        self, _client: paho.Client, _data: Any, _mid: int, codes: list[Any], _properties: Any
    ) -> None:
        refused = [topic for topic, code in zip(self.filters, codes, strict=False) if code.is_failure]
        if refused:
            self._refusal = f"không được nghe {', '.join(refused)}"
        self._subscribed = True

    def _wait(self, done: Callable[[], bool]) -> None:
        late = time.monotonic() + self.source.deadline
        while not done():
            self._turn()
            if time.monotonic() > late:
                raise UnreachableError(
                    f"Máy chủ MQTT {self.where} không trả lời trong {self.source.deadline:g} giây."
                )
        if self._refusal:
            self._refuse()

    def _turn(self) -> None:
        """Let the network do what it has to; raises SourceError where the connection ended."""
        try:
            result = self._client.loop(TICK_S)
        except Exception as error:  # what a server that speaks something else provokes has no common base
            raise ContractError(f"{self.where} không nói giao thức MQTT ({type(error).__name__}).") from None
        if self._refusal and not self._subscribed:
            self._refuse()
        if result is MQTTErrorCode.MQTT_ERR_PROTOCOL:
            raise ContractError(f"{self.where} không nói giao thức MQTT.")
        if result is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise UnreachableError(f"Kết nối với máy chủ MQTT {self.where} bị đứt.")

    def _refuse(self) -> None:
        if "protocol version" in self._refusal:
            raise RefusedError(
                f'Máy chủ MQTT {self.where} không biết MQTT 5; cần khai báo version = "3.1.1".'
            )
        if "unavailable" in self._refusal.lower() or "busy" in self._refusal.lower():
            raise UnreachableError(f"Máy chủ MQTT {self.where} đang không phục vụ ({self._refusal}).")
        raise RefusedError(f"Máy chủ MQTT {self.where} từ chối chúng ta ({self._refusal}).")

    def _leave(self) -> None:
        if self._client.is_connected():
            with suppress(Exception):
                self._client.disconnect()
                self._client.loop(TICK_S)

    def _trust(self) -> ssl.SSLContext:
        file = self.source.options.get("ca")
        if file is not None and not Path(file).is_file():
            raise RefusedError(f"Không có tệp chứng thư {file} đã khai báo (ca).")
        return ssl.create_default_context(cafile=file)

    @staticmethod
    def _port(scheme: str) -> int:
        return 8883 if scheme == "mqtts" else 1883
