"""What the environment decides; read once, at the start of a process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ioc.errors import IocError

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process; data is a folder, store_url an SQLAlchemy URL or "" for the embedded store."""

    data: Path
    store_url: str
    host: str
    port: int
    sandbox_port: int
    log: str
    simulated: bool

    @property
    def sandbox(self) -> dict[str, str]:
        """Where the sandbox server answers, by the names that its declarations use."""
        return {
            "sandbox": f"http://127.0.0.1:{self.sandbox_port}",
            "sandbox_ftp": f"ftp://127.0.0.1:{self.sandbox_port + 1}",
            "sandbox_sftp": f"sftp://127.0.0.1:{self.sandbox_port + 2}",
            "sandbox_files": str(self.data / "store" / f"sandbox-{self.sandbox_port}"),
        }


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises IocError with a sentence for a port that is none, or a host other than loopback:
    access control does not exist yet, so nobody else may be let in.
    """
    env = os.environ if environ is None else environ
    data = Path(env.get("IOC_DATA") or ROOT / "data").resolve()
    if not data.is_dir():
        raise IocError(f"IOC_DATA={data}: no such folder; name the folder that holds the declarations")
    simulated = not any((data / "sources").glob("*.toml"))
    host = env.get("IOC_HOST") or "127.0.0.1"
    if host not in LOOPBACK:
        raise IocError(
            f"IOC_HOST={host} is refused: without access control the product answers on this machine only; "
            "leave IOC_HOST out, or put a reverse proxy that authenticates in front of 127.0.0.1"
        )
    return Settings(
        data=data,
        store_url=env.get("IOC_STORE_URL") or "",
        host=host,
        port=_port(env, "PORT", 8050),
        sandbox_port=_port(env, "IOC_SANDBOX_PORT", 8051, following=2),
        log=_log(env),
        simulated=simulated,
    )


def _log(env: Mapping[str, str]) -> str:
    kind = env.get("IOC_LOG") or "text"
    if kind not in ("text", "json"):
        raise IocError(f"IOC_LOG={kind}: text or json was expected")
    return kind


def _port(env: Mapping[str, str], name: str, default: int, following: int = 0) -> int:
    """Read a port; so many following ones are used as well."""
    text, last = env.get(name) or str(default), 65535 - following
    if not text.isdecimal() or not 0 < int(text) <= last:
        raise IocError(f"{name}={text}: a port is a number from 1 to {last}")
    return int(text)
