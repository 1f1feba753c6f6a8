"""The figures come out in Prometheus' format."""

from __future__ import annotations

from net import metrics


def test_counted_things_are_rendered():
    metrics.MENTIONS_STORED.labels("mastodon").inc(3)
    metrics.POLLS.labels("rss", "unreachable").inc()
    metrics.SENDS.labels("bluesky", "unknown").inc()
    metrics.DELIVERIES.labels("mail", "delivered").inc()
    metrics.QUARANTINED.labels("rss").inc()
    metrics.SWEEP_LAG.set(1.5)
    metrics.LOOP_LAG.observe(0.002)
    text = metrics.render().decode()
    for line in (
        'earshot_mentions_stored_total{channel="mastodon"} 3.0',
        'earshot_polls_total{channel="rss",outcome="unreachable"} 1.0',
        'earshot_sends_total{channel="bluesky",outcome="unknown"} 1.0',
        'earshot_alert_deliveries_total{kind="mail",result="delivered"} 1.0',
        "earshot_sweep_lag_seconds 1.5",
    ):
        assert line in text
