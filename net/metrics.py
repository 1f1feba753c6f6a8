"""What Earshot counts about itself, for Prometheus. Names end in their unit; labels never hold text of posts."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REGISTRY = CollectorRegistry(auto_describe=True)

MENTIONS_STORED = Counter(
    "earshot_mentions_stored", "Mentions stored for the first time.", ["channel"], registry=REGISTRY
)
QUARANTINED = Counter(
    "earshot_quarantined", "Items that could not be read and were set aside.", ["channel"], registry=REGISTRY
)
POLLS = Counter(
    "earshot_polls",
    "Polls by outcome: ok, rate_limited, unreachable, sign_in_failed, refused, gone, undecodable, failed.",
    ["channel", "outcome"],
    registry=REGISTRY,
)
PUSHES = Counter(
    "earshot_pushes",
    "What networks pushed to us, by outcome: taken, refused, unreadable, later (they were asked to send it again).",
    ["outcome"],
    registry=REGISTRY,
)
SENDS = Counter(
    "earshot_sends", "Replies sent by outcome: sent, refused, unknown.", ["channel", "outcome"], registry=REGISTRY
)
DELIVERIES = Counter(
    "earshot_alert_deliveries", "Alert deliveries by result: delivered, failed.", ["kind", "result"], registry=REGISTRY
)
UNREACHABLE = Counter(
    "earshot_alert_rounds_unreachable", "Rounds of which no message could be delivered.", registry=REGISTRY
)
SWEEP_LAG = Gauge(
    "earshot_sweep_lag_seconds", "How late the oldest due row was when the last sweep found it.", registry=REGISTRY
)
LOOP_LAG = Histogram(
    "earshot_loop_lag_seconds",
    "How late the event loop woke from a short sleep.",
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0),
    registry=REGISTRY,
)


def render() -> bytes:
    """All figures in Prometheus' text format, to be served as CONTENT_TYPE."""
    return generate_latest(REGISTRY)
