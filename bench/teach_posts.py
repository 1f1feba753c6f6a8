"""Teach the reader of posts: write responders/rules/posts.npz from the labelled posts.

    python3 -m bench.teach_posts            begins with the change of the reader of replies, a quarter of an hour on
                                            two processors; then `bench.heard` says how good it is
    python3 -m bench.teach_posts --short    twenty steps into a file of its own: whether all of it still fits together

Needs torch besides what Earshot needs, as `bench.teach` does. Posts of every tone (`tests/data/posts/tones`) are shown
more often than the others, which are nearly all complaints. Of a long post the first part is shown.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import gettempdir
from time import monotonic

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.posts import Due, digest, labelled_posts
from bench.taught import Taught
from bench.teach import pace_at
from responders.rules import encoder, posts, reader

ROUNDS, BATCH, WIDE = 4, 32, 512
PACE, PACE_OF_QUESTIONS = 1.2e-3, 4e-3
OFTEN = 3
"""So often a post of `tones` is shown in a round."""

Seen = tuple[list[int], Due]


def teach(taught: Taught, seen: Sequence[Seen], path: Path, most: int) -> None:
    """Learn from these posts, `most` steps; it is kept at the end."""
    taught.shift.requires_grad_(False)
    everything = [*taught.change.values(), *taught.asked.parameters()]
    descent = torch.optim.AdamW(
        [
            {"params": list(taught.change.values()), "lr": PACE},
            {"params": list(taught.asked.parameters()), "lr": PACE_OF_QUESTIONS},
        ]
    )
    steps = ROUNDS * -(-len(seen) // BATCH)
    slower = torch.optim.lr_scheduler.LambdaLR(descent, lambda step: pace_at(step / steps))
    step, lost, began = 0, 0.0, monotonic()
    for batch in (each for _ in range(ROUNDS) for each in _batches(seen)):
        wrong = _wrong(taught, batch)
        wrong.backward()
        nn.utils.clip_grad_norm_(everything, 1.0)
        descent.step()
        slower.step()
        descent.zero_grad()
        step, lost = step + 1, 0.97 * lost + 0.03 * wrong.item()
        if step % 100 == 0:
            print(f"step {step:,} of {steps:,}, {monotonic() - began:.0f} s, {lost:.3f}", flush=True)
        if step >= most:
            break
    taught.keep(path, digest())


def _batches(seen: Sequence[Seen]) -> Iterator[list[Seen]]:
    """Posts of like length together, all in another order each time."""
    some = random.sample(seen, len(seen))
    wide = [sorted(some[start : start + WIDE], key=lambda each: len(each[0])) for start in range(0, len(some), WIDE)]
    batches = [each[start : start + BATCH] for each in wide for start in range(0, len(each), BATCH)]
    random.shuffle(batches)
    yield from batches


def _wrong(taught: Taught, batch: Sequence[Seen]) -> Tensor:
    means = taught.rest(taught.centred([pieces for pieces, _ in batch], 0))
    tones, subjects, told = (taught.asked[name](means).float() for name in posts.QUESTIONS)
    due = [each for _, each in batch]
    tells = functional.binary_cross_entropy_with_logits(told, _table([each.told for each in due]), reduction="none")
    return (
        functional.cross_entropy(tones, torch.tensor([each.tone for each in due]))
        + functional.cross_entropy(subjects, _table([each.subjects for each in due]))
        + (tells.mean(1) * torch.tensor([float(each.is_told) for each in due])).mean()
    )


def _table(rows: Sequence[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(rows))


def main() -> None:
    """Learn and keep what was learned."""
    short = "--short" in sys.argv[1:]
    random.seed(1)
    torch.manual_seed(1)
    file = encoder.file()
    if file is None:
        sys.exit("The sentence model is not installed here: nothing can be learned.")
    taught = Taught(file, posts.QUESTIONS)
    taught.take_change(reader.LEARNED)
    taught.train()
    learned = [each for each in labelled_posts() if not each.is_left_out]
    seen = [
        (posts.parts_of(taught.engine, posts.own_words(each.text))[0], each.due())
        for each in learned
        for _ in range(OFTEN if each.is_of_any_tone else 1)
    ]
    path = Path(gettempdir()) / "posts.short.npz" if short else posts.LEARNED
    teach(taught, seen, path, 20 if short else 10**9)


if __name__ == "__main__":
    main()
