"""Boards that were shown can be shown again, byte for byte, for as long as they are kept."""

from __future__ import annotations

import orjson

from ioc.store import reader
from ioc.store.published import drop_boards, keep_board, let_go_shown
from tests.store.given import ALL, NOW_MS, opened

DAY_MS = 86_400_000


def publish(store, id, bodies, at):
    """Publish bodies one after another at instants; return when each was."""
    known = []
    for body, now_ms in zip(bodies, at, strict=True):
        with store.writing(0, now_ms) as commit:
            keep_board(commit, id, "vi", body[:24].hex(), body, b"g", b"b")
            known.append(commit.known_from)
    return known


def body(number):
    return orjson.dumps({"n": number, "tiles": [{"id": f"tile {i}", "value": i * 7.25} for i in range(60)]})


def test_every_version_is_shown_again_as_it_was(store_url):
    bodies = [body(n) for n in range(6)]
    at = [NOW_MS + n * 60_000 for n in range(4)] + [NOW_MS + 2 * DAY_MS, NOW_MS + 2 * DAY_MS + 9]
    with opened(store_url) as store:
        known = publish(store, "overview", bodies, at)
        with store.reading() as connection:
            for number, instant in enumerate(known):
                found = reader.board_shown(connection, ALL, "overview", "vi", instant)
                assert found == (number + 1, instant, bodies[number])
            between = reader.board_shown(connection, ALL, "overview", "vi", known[4] - 1)
            assert between is not None
            assert between[0] == 4
            assert reader.board_shown(connection, ALL, "overview", "vi", known[0] - 1) is None
            assert reader.boards_shown(connection, ALL, known[1]) == {("overview", "vi"): 2}


def test_a_board_that_was_taken_down_was_shown_until_then(store_url):
    with opened(store_url) as store:
        (first,) = publish(store, "old", [body(1)], [NOW_MS])
        with store.writing(0, NOW_MS + 1000) as commit:
            drop_boards(commit, ["overview"])
        (again,) = publish(store, "old", [body(2)], [NOW_MS + 5000])
        with store.reading() as connection:
            shown = [
                reader.board_shown(connection, ALL, "old", "vi", at)
                for at in (first, NOW_MS + 999, NOW_MS + 1000, again)
            ]
    assert [one and one[2] for one in shown] == [body(1), body(1), None, body(2)]


def test_a_whole_version_stays_while_another_is_a_difference_to_it(store_url):
    bodies = [body(n) for n in range(4)]
    at = [NOW_MS, NOW_MS + 60_000, NOW_MS + 120_000, NOW_MS + 180_000]
    with opened(store_url) as store:
        known = publish(store, "overview", bodies, at)
        with store.writing(0, NOW_MS + DAY_MS) as commit:
            assert let_go_shown(commit, boards_before_ms=known[2], readings_before_ms=0) == 0
            assert let_go_shown(commit, boards_before_ms=known[2] + 1, readings_before_ms=0) == 1
        with store.reading() as connection:
            assert reader.board_shown(connection, ALL, "overview", "vi", known[1]) is None
            assert reader.board_shown(connection, ALL, "overview", "vi", known[2]) == (3, known[2], bodies[2])


def test_versions_of_a_day_weigh_little_beside_the_first(store_url):
    with opened(store_url) as store:
        publish(store, "overview", [body(n) for n in range(12)], [NOW_MS + n for n in range(12)])
        with store.reading() as connection:
            rows = connection.exec_driver_sql("SELECT length(body) FROM board_past ORDER BY published")
            whole, *others = rows.scalars()
    assert max(others) * 5 < whole
