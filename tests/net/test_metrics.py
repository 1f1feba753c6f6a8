"""The figures come out in Prometheus' format."""

from __future__ import annotations

from net import metrics

COUNTED = (
    'earshot_mentions_stored_total{channel="mastodon"}',
    'earshot_polls_total{channel="rss",outcome="unreachable"}',
    'earshot_sends_total{channel="bluesky",outcome="unknown"}',
    'earshot_alert_deliveries_total{kind="mail",result="delivered"}',
    'earshot_quarantined_total{channel="rss"}',
    "earshot_loop_lag_seconds_count",
)


def figures() -> dict[str, float]:
    """What a scraper reads now. Counters belong to the process: other tests have counted too."""
    lines = metrics.render().decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_counted_things_are_rendered():
    before = figures()
    metrics.MENTIONS_STORED.labels("mastodon").inc(3)
    metrics.POLLS.labels("rss", "unreachable").inc()
    metrics.SENDS.labels("bluesky", "unknown").inc()
    metrics.DELIVERIES.labels("mail", "delivered").inc()
    metrics.QUARANTINED.labels("rss").inc()
    metrics.SWEEP_LAG.set(1.5)
    metrics.LOOP_LAG.observe(0.002)
    after = figures()
    assert [after[name] - before.get(name, 0) for name in COUNTED] == [3, 1, 1, 1, 1, 1]
    assert after["earshot_sweep_lag_seconds"] == 1.5
