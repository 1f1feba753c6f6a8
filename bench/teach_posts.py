"""Teach the reader of posts: write responders/rules/posts.npz from the labelled posts.

    python3 -m bench.teach_posts            goes on from what was learned before, a quarter of an hour on two
                                            processors; then `bench.heard` says how good it is
    python3 -m bench.teach_posts --anew     begins with the change of the reader of replies: more rounds are needed then
    python3 -m bench.teach_posts --short    twenty steps into a file of its own: whether all of it still fits together

Needs torch besides what Earshot needs, as `bench.teach` does. Posts of every tone (`tests/data/posts/tones`) are shown
more often than the others, which are nearly all complaints; who goes on sees a third of these in a round. Of a long
post the first part is shown.
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

from bench.posts import Due, Post, digest, labelled_posts
from bench.taught import Taught
from bench.teach import ON, pace_at
from responders.rules import encoder, posts, reader
from responders.rules.encoder import Encoder

ROUNDS, ROUNDS_ON, BATCH, WIDE = 4, 2, 32, 512
PACE, PACE_OF_QUESTIONS = 1.2e-3, 4e-3
BACK = 0.25
"""So far back whoever went on goes, to what was learned before: less, and plain praise was taken for irony."""
OFTEN = 3
"""So often a post of `tones` is shown in a round, for each time that another is."""

Seen = tuple[list[int], Due]


def rounds(engine: Encoder, learned: Sequence[Post], anew: bool) -> list[list[Seen]]:
    """What is shown in each round, as pieces with what is due."""
    seen = [(each.is_of_any_tone, (_pieces(engine, each), each.due())) for each in learned]
    toned, others = [each for is_toned, each in seen if is_toned], [each for is_toned, each in seen if not is_toned]
    if anew:
        return [toned * OFTEN + others] * ROUNDS
    return [toned + random.sample(others, len(others) // OFTEN) for _ in range(ROUNDS_ON)]


def _pieces(engine: Encoder, post: Post) -> list[int]:
    return posts.parts_of(engine, posts.own_words(post.text))[0]


def teach(taught: Taught, shown: Sequence[Sequence[Seen]], most: int, pace: float) -> None:
    """Learn from these posts, a list for each round, `most` steps at this share of the full pace."""
    taught.shift.requires_grad_(False)
    everything = [*taught.change.values(), *taught.asked.parameters()]
    descent = torch.optim.AdamW(
        [
            {"params": list(taught.change.values()), "lr": pace * PACE},
            {"params": list(taught.asked.parameters()), "lr": pace * PACE_OF_QUESTIONS},
        ]
    )
    steps = sum(-(-len(each) // BATCH) for each in shown)
    slower = torch.optim.lr_scheduler.LambdaLR(descent, lambda step: pace_at(step / steps))
    step, lost, began = 0, 0.0, monotonic()
    for batch in (each for seen in shown for each in _batches(seen)):
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
    short, anew = "--short" in sys.argv[1:], "--anew" in sys.argv[1:]
    random.seed(1)
    torch.manual_seed(1)
    file = encoder.file()
    if file is None:
        sys.exit("The sentence model is not installed here: nothing can be learned.")
    taught = Taught(file, posts.QUESTIONS)
    if anew:
        taught.take_change(reader.LEARNED)
    else:
        taught.take(posts.LEARNED)
    before = taught.state()
    taught.train()
    learned = [each for each in labelled_posts() if not each.is_left_out]
    path = Path(gettempdir()) / "posts.short.npz" if short else posts.LEARNED
    teach(taught, rounds(taught.engine, learned, anew), 20 if short else 10**9, 1.0 if anew else ON)
    if not anew:
        taught.meet(before, BACK)
    taught.keep(path, digest())


if __name__ == "__main__":
    main()
