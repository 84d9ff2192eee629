"""Documents and their statuses that arrive one by one, in any order, over several polls."""

from __future__ import annotations

import os
from itertools import permutations
from pathlib import Path

import pytest

import connectors
from connectors.http import Sessions
from ioc.model import Case, Page
from tests.connectors.test_cases import CASES, OLD, source_of

SOURCE = """
[documents]
connector = "edxml"
shape = "case:document"
url = "{folder}"
{more}
"""


class Poll:
    """A folder that files come into, polled as the collector does."""

    def __init__(self, folder: Path, sessions: Sessions, more: str = "") -> None:
        self.folder, self.cursor = folder, {}
        self.source = source_of(SOURCE.format(folder=folder, more=more))
        assert connectors.check(self.source) == []
        self.fetch = connectors.fetcher(sessions)

    def put(self, name: str) -> None:
        file = self.folder / name
        file.write_bytes((CASES / "edxml" / "normal" / "folder" / name).read_bytes())
        os.utime(file, (OLD, OLD))

    def __call__(self) -> list[Page]:
        pages = list(self.fetch(self.source, self.cursor))
        self.cursor = next((page.cursor for page in reversed(pages) if page.cursor is not None), self.cursor)
        return pages

    def cases(self) -> list[Case]:
        return [case for page in self() for case in page.records if isinstance(case, Case)]


def test_every_order_of_arrival_ends_in_the_same_cases(tmp_path: Path, sessions: Sessions) -> None:
    ends = set()
    for number, order in enumerate(permutations(("1.xml", "2.xml", "3.xml", "4.xml"))):
        (tmp_path / str(number)).mkdir()
        poll = Poll(tmp_path / str(number), sessions)
        for name in order:
            poll.put(name)
            last = {case.key: case for case in poll.cases()}
        poll.put("5.edxml")
        last |= {case.key: case for case in poll.cases()}
        first = last.get("D1|000.00.01.H49")
        assert first is not None
        ends.add((first.state, first.opened, first.due, first.closed, first.facts["accepted_s"]))
    assert ends == {("closed", 1_795_136_405, 1_795_625_999, 1_795_165_200, 1_800)}


def test_only_documents_with_news_come_again_and_a_quiet_folder_says_so(
    tmp_path: Path, sessions: Sessions
) -> None:
    poll = Poll(tmp_path, sessions)
    poll.put("1.xml")
    assert [case.state for case in poll.cases()] == ["new", "new"]
    assert [page.unchanged for page in poll()] == [True]
    poll.put("3.xml")
    assert [(case.key, case.state) for case in poll.cases()] == [("D1|000.00.01.H49", "open")]


def test_a_document_without_news_is_forgotten_after_the_declared_time(
    tmp_path: Path, sessions: Sessions
) -> None:
    poll = Poll(tmp_path, sessions, 'remember = "1h"')
    poll.put("1.xml")
    poll()
    assert poll.cursor["known"] == {}


def test_nothing_of_attachments_subjects_and_staff_is_kept(tmp_path: Path, sessions: Sessions) -> None:
    poll = Poll(tmp_path, sessions)
    for name in ("1.xml", "2.xml"):
        poll.put(name)
    kept = b"".join(page.kept for page in poll()) + repr(poll.cursor).encode()
    words = ("Nguyễn Văn A", "Trần Thị B", "0912345678", "a@b.vn", "Tmd1eeG7hW4gVsSDbiBB", "mật")
    assert not [word for word in words if word.encode() in kept]


@pytest.mark.parametrize(
    ("more", "says"),
    [('keep = "raw"\npersonal_data = false', "attachments"), ('states = { "07" = "xong" }', "states.07")],
)
def test_a_wrong_declaration_is_named(more: str, says: str) -> None:
    faults = connectors.check(source_of(SOURCE.format(folder="/tmp/x", more=more)))
    assert [says in str(fault) for fault in faults] == [True]
