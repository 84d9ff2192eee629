"""A real MQTT broker on loopback, for the tests of what speaks MQTT."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.conftest import lacks


class Broker:
    """A mosquitto of this test alone."""

    def __init__(
        self, program: str, folder: Path, port: int, more: str = "", *, anybody: bool = True
    ) -> None:
        self.program, self.port = program, port
        self.config = folder / "mosquitto.conf"
        self.config.write_text(
            f"user {getpass.getuser()}\nlistener {port} 127.0.0.1\nallow_anonymous {str(anybody).lower()}\npersistence false\n"
            f"max_inflight_messages 20\nmax_queued_messages 10000\nlog_dest none\n{more}\n"
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self.program, "-c", str(self.config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        late = time.monotonic() + 10
        while time.monotonic() < late:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("the broker does not listen")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False, count: int = 1) -> None:
        """Send messages as a station does, {n} in them being their number."""
        self.publish_each(
            (
                (
                    topic.replace("{n}", str(number)),
                    payload if isinstance(payload, bytes) else payload.replace("{n}", str(number)),
                )
                for number in range(count)
            ),
            retain=retain,
        )

    def publish_each(self, messages: Iterable[tuple[str, str | bytes]], *, retain: bool = False) -> None:
        """Send messages, each with its topic, and return once the broker has them."""
        sender = paho.Client(CallbackAPIVersion.VERSION2)
        sender.connect("127.0.0.1", self.port)
        sender.loop_start()
        for topic, payload in messages:
            sender.publish(topic, payload, qos=1, retain=retain).wait_for_publish(5)
        sender.disconnect()
        sender.loop_stop()


def program() -> str:
    """Return where mosquitto is installed."""
    found = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None:
        lacks("IOC_REQUIRE_BROKER", "there is no MQTT broker: apt-get install mosquitto")
    return found
