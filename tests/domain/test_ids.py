"""Row ids rise, whatever the clock does."""

from datetime import UTC, datetime, timedelta

from domain.ids import Ids

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_ids_rise_also_when_the_clock_steps_back_or_a_millisecond_is_full():
    ids = Ids(node=5)
    given = [ids.next(NOW), *ids.many(5000, NOW), ids.next(NOW - timedelta(hours=1)), *ids.many(2, NOW)]
    given.append(ids.next(NOW + timedelta(hours=1)))
    assert given == sorted(set(given))


def test_many_are_the_same_as_one_after_the_other():
    one, many = Ids(node=5), Ids(node=5)
    assert many.many(0, NOW) == []
    assert many.many(5000, NOW) == [one.next(NOW) for _ in range(5000)]
    assert many.next(NOW) == one.next(NOW)


def test_two_nodes_never_meet():
    assert not set(Ids(node=1).many(100, NOW)) & set(Ids(node=2).many(100, NOW))
