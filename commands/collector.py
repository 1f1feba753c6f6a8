"""Python's garbage collector, set for a long life with much short-lived data."""

import gc


def settle_collector() -> None:
    """What exists now stays for good and is not looked at again; the rest is looked at less often.

    With the defaults a quarter of the time of a page, and the slowest hundredth of page views, is the collector walking
    over the program itself (bench/pipeline). Call it once, when everything is built.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
