"""The one HTTP client of all connectors: asks once, within a deadline and a size, and names what went wrong.

It never retries (the next cycle is the retry), apart from one renewal of an expired access token. Addresses are
shown without their query, and no secret of the declaration passes into an error.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urljoin, urlsplit

import requests

from connectors import auth, http_faults, wire
from connectors.addresses import origin, same_host, shown
from connectors.answer import Answer
from connectors.options import TEXTS, Option, seconds
from connectors.turns import Turns
from ioc.errors import ContractError, RefusedError
from ioc.model import Source
from ioc.scrub import scrub

OPTIONS: Mapping[str, Option] = {
    "redirects": Option("flag", "true: follow redirects, which may never leave the host"),
    "hosts": Option("list", "further hosts (host:port) that links of the answer may name", each=TEXTS.each),
    "ca": Option("text", "a file with the certificates that sign this source's own"),
    "proxy": Option("text", 'the address of a proxy, or "none" for a direct connection'),
    "connections": Option("count", "how many requests the host may have at once"),
    "interval": Option("length", "the least time between two requests to the host"),
    "headers": Option("table", "constant headers, no secrets", each=TEXTS.each),
}

MOST_REDIRECTS = 5
CONNECT_S = 10.0
CONNECTIONS = 8
AGENT = "provincial-ioc"

# urllib3 writes addresses with their query, and so with keys, into its debug and warning lines
logging.getLogger("urllib3").setLevel(logging.ERROR)


class Sessions:
    """Connections, access tokens and the turns at each host, shared by all sources and threads of a process."""

    def __init__(self, *, now: Callable[[], float] = time.time, connections: int = 32) -> None:
        self.now = now
        self.session = requests.Session()
        self.session.trust_env = False  # no netrc; proxies are looked up per request
        self.session.headers.update({"User-Agent": AGENT, "Accept-Encoding": "gzip, deflate, br"})
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, wire.Adapter(pool_connections=64, pool_maxsize=connections))
        self._tokens: dict[tuple[str, str], auth.Token] = {}
        self._hosts: dict[str, Turns] = {}
        self._lock = threading.Lock()

    def http(self, source: Source) -> Http:
        """Return the client of one source."""
        with self._lock:
            token = self._tokens.setdefault((source.id, source.hash), auth.Token())
        return Http(source, self, token)

    def host(self, netloc: str) -> Turns:
        """Return the turns at one host."""
        with self._lock:
            return self._hosts.setdefault(netloc, Turns())

    def close(self) -> None:
        """Close every connection."""
        self.session.close()


class Http:
    """Asks one source."""

    def __init__(self, source: Source, sessions: Sessions, token: auth.Token | None = None) -> None:
        self.source, self._sessions, self._token = source, sessions, token or auth.Token()
        self._options = source.options
        self._secrets = auth.secrets(source.auth)

    def __repr__(self) -> str:
        return f"Http({self.source.id})"

    def but(self, **changes: Any) -> Http:
        """Return a client of the same source with a part of its declaration changed."""
        return Http(replace(self.source, **changes), self._sessions, self._token)

    def allows(self, url: str) -> bool:
        """Say whether an address is on the source's host or a declared one."""
        try:
            return bool(self._allowed(urljoin(self.source.url, url)))
        except (RefusedError, ValueError):
            return False

    def now(self) -> int:
        """Return the instant of this run, epoch s."""
        return int(self._sessions.now())

    def get(
        self,
        url: str = "",
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        conditional: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (),
    ) -> Answer:
        """Ask with GET; url may be relative to the source's.

        conditional: the validators of an earlier answer; the source may then say that nothing changed.
        accept: error statuses that come back as an answer instead of being raised.
        Raises SourceError.
        """
        return self._ask("GET", url, {"params": params}, headers, conditional, accept)

    def save(self, into: IO[bytes], *, conditional: Mapping[str, str] | None = None) -> Answer:
        """Ask the source's own address with GET and write the body into a file; otherwise as get()."""
        return self._ask("GET", "", {"into": into}, None, conditional, ())

    def head(self, url: str = "", *, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask with HEAD, whose answer has no body; otherwise as get()."""
        return self._ask("HEAD", url, {}, headers, None, ())

    def post(
        self,
        url: str = "",
        *,
        json: Any = None,
        data: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (),
    ) -> Answer:
        """Ask with POST, a JSON body or a form; otherwise as get()."""
        return self._ask("POST", url, {"params": params, "json": json, "data": data}, headers, None, accept)

    def _ask(
        self,
        method: str,
        url: str,
        what: dict[str, Any],
        headers: Mapping[str, str] | None,
        conditional: Mapping[str, str] | None,
        accept: tuple[int, ...],
    ) -> Answer:
        try:
            url = self._allowed(urljoin(self.source.url, url))
        except ValueError:
            raise ContractError("Địa chỉ cần hỏi không phải là một URL đúng.") from None
        sent = {**self._options.get("headers", {}), **(headers or {})}
        for key, name in (("etag", "If-None-Match"), ("modified", "If-Modified-Since")):
            if conditional and conditional.get(key):
                sent[name] = conditional[key]
        started = time.monotonic()
        with (
            http_faults.named(self._clean(shown(url, path=False)), self.source),
            wire.deadline(self.source.deadline),
        ):
            answer = self._as_ourselves(method, url, what, sent)
        took = time.monotonic() - started
        if answer.status == 304 and conditional:
            return Answer(304, answer.headers, b"", answer.url, unchanged=True)
        if 200 <= answer.status < 300 or answer.status in accept:
            return answer
        raise http_faults.of_status(answer, self._path(answer), took, self._sessions.now())

    def _as_ourselves(self, method: str, url: str, what: dict[str, Any], sent: dict[str, str]) -> Answer:
        """Send with our credentials, which only the source's own host may see; renew a token once upon 401."""
        access, kind = self.source.auth, self.source.auth.get("kind", "none")
        if origin(url) != origin(self.source.url):
            return self._follow(method, url, what, sent)
        if kind == "api_key" and "param" in access:
            what = {**what, "params": {**(what.get("params") or {}), access["param"]: access["key"]}}
        if kind != "oauth2":
            return self._follow(method, url, what, {**sent, **auth.headers(access)})
        token = auth.bearer(access, self._token, self._ask_token)
        answer = self._follow(method, url, what, {**sent, "Authorization": f"Bearer {token}"})
        if answer.status == 401:
            token = auth.bearer(access, self._token, self._ask_token, refused=token)
            answer = self._follow(method, url, what, {**sent, "Authorization": f"Bearer {token}"})
        return answer

    def _ask_token(self, url: str, form: dict[str, str], headers: dict[str, str]) -> Answer:
        answer = self._exchange("POST", url, {"data": form}, headers)
        if 200 <= answer.status < 300:
            return answer
        if answer.status in (400, 401, 403):
            raise RefusedError(
                f"Cổng cấp mã truy cập từ chối (HTTP {answer.status}{answer.said()}); "
                "cần kiểm tra mã và khóa đã khai báo.",
                status=answer.status,
            )
        raise http_faults.of_status(answer, self._path(answer), None, self._sessions.now())

    def _follow(self, method: str, url: str, what: dict[str, Any], sent: dict[str, str]) -> Answer:
        for _ in range(MOST_REDIRECTS):
            answer = self._exchange(method, url, what, sent)
            if answer.status not in (301, 302, 303, 307, 308) or "Location" not in answer.headers:
                return answer
            target = urljoin(url, answer.headers["Location"])
            same = same_host(url, target)
            if not same or not self._options.get("redirects") or (method == "POST" and answer.status < 307):
                why = "mà khai báo không cho phép" if same else "tức là một máy chủ khác"
                raise RefusedError(
                    f"Nguồn chuyển hướng tới {self._clean(shown(target))}, {why}.", status=answer.status
                )
            url, what = target, {**what, "params": None}
        raise RefusedError(f"Nguồn chuyển hướng quá {MOST_REDIRECTS} lần.", status=answer.status)

    def _exchange(self, method: str, url: str, what: dict[str, Any], headers: Mapping[str, str]) -> Answer:
        """Send one request and read its answer whole, within the running deadline and the size limit."""
        options, into = self._options, what.get("into")
        host = self._sessions.host(urlsplit(url).netloc.rpartition("@")[2])
        interval = seconds(options.get("interval", "0s"))
        with host.taken(options.get("connections", CONNECTIONS), interval):
            left = wire.remaining()
            response = self._sessions.session.request(
                method,
                url,
                **{name: part for name, part in what.items() if name != "into"},
                headers=dict(headers),
                timeout=(min(CONNECT_S, left / 2), left),
                allow_redirects=False,
                stream=True,
                verify=self._authority(),
                proxies=self._proxies(url),
            )
            done, body, saved = False, b"", None
            try:
                coding = response.headers.get("Content-Encoding", "")
                blocks = wire.body(response.raw, coding, self.source.max_bytes)
                if into is not None and 200 <= response.status_code < 300:
                    saved = _saved(blocks, into)
                else:
                    body = b"".join(blocks)
                done = True
            finally:
                if not done:
                    response.raw.close()  # what is left of a broken answer must not be read as the next one
                response.close()
        return Answer(
            response.status_code, response.headers, body, shown(url), saved=saved, clean=self._clean
        )

    def _authority(self) -> str | bool:
        """Return the file of certificates to trust, True for the usual ones."""
        file = self._options.get("ca")
        if file is not None and not Path(file).is_file():
            raise RefusedError(f"Không có tệp chứng thư {file} đã khai báo (ca).")
        return file or True

    def _proxies(self, url: str) -> dict[str, str]:
        proxy = self._options.get("proxy", "")
        if proxy == "none":
            return {}
        if proxy:
            return {"http": proxy, "https": proxy}
        return requests.utils.get_environ_proxies(url)

    def _allowed(self, url: str) -> str:
        """Return the address if it is the source's host or a declared one; raises RefusedError otherwise."""
        parts = urlsplit(url)
        declared = parts.netloc.rpartition("@")[2] in self._options.get("hosts", ())
        if parts.scheme in ("http", "https") and (declared or same_host(self.source.url, url)):
            return url
        raise RefusedError(
            f"Nguồn dẫn tới {self._clean(shown(url))}, không phải máy chủ đã khai báo; không hỏi tiếp."
        )

    def _path(self, answer: Answer) -> str:
        return self._clean(urlsplit(answer.url).path or "/")

    def _clean(self, words: str) -> str:
        """Take our secrets and personal data out of words that came from outside."""
        for secret in (*self._secrets, self._token.value):
            if len(secret) > 3:
                words = words.replace(secret, "•••").replace(quote(secret, safe=""), "•••")
        return scrub(words)


def _saved(blocks: Iterator[bytes], into: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for block in blocks:
        digest.update(block)
        size += len(block)
        into.write(block)
    return digest.hexdigest(), size
