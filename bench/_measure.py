"""Comparing ways to do one thing: in one run, a round of each in turn, medians.

A machine's speed wanders. What is measured in turn wanders together, so the ratio within each round is what can be
trusted; the absolute figures are those of this machine at this moment.
"""

from __future__ import annotations

import gc
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles


@dataclass
class Contender:
    """One way to do it. `run` does `work` units; its time is taken from outside, unless it returns seconds itself."""

    name: str
    run: Callable[[], float | None]
    work: int
    rates: list[float] = field(default_factory=list)  # units per second, one a round

    def measure(self) -> None:
        """One round."""
        gc.collect()  # nobody pays for the rubbish of the one before
        begun = time.perf_counter()
        own = self.run()
        self.rates.append(self.work / (time.perf_counter() - begun if own is None else own))


def compare(
    title: str,
    unit: str,
    contenders: Sequence[Contender],
    *,
    pairs: Sequence[tuple[str, str]],
    rounds: int = 7,
) -> None:
    """Measure the contenders in turn and print the median rate of each, then the ratio of each pair of names.

    A ratio is the median of the ratios within the rounds, with their quartiles: 2.0 means twice as fast as the other.
    An unmeasured round of each comes first. Nothing here fails on a time.
    """
    for contender in contenders:
        contender.measure()
        contender.rates.clear()
    for _ in range(rounds):
        for contender in contenders:
            contender.measure()
    print(f"\n{title} ({rounds} rounds in turn)")
    width = max(len(contender.name) for contender in contenders)
    for contender in contenders:
        low, _, high = quantiles(contender.rates, n=4)
        print(
            f"  {contender.name:{width}} {_figure(median(contender.rates)):>9} {unit}/s"
            f"  ({_figure(low)} to {_figure(high)})"
        )
    by_name = {contender.name: contender.rates for contender in contenders}
    for first, second in pairs:
        ratios = [a / b for a, b in zip(by_name[first], by_name[second], strict=True)]
        low, middle, high = quantiles(ratios, n=4)
        medians = " : ".join(_figure(median(by_name[name])) for name in (first, second))
        print(f"  ratio {middle:.3g} ({low:.3g} to {high:.3g}), {medians}  {first} / {second}", flush=True)


def machine() -> None:
    """Print what the figures were taken on. A load near or above the number of processors spoils them."""
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, load {load}"
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
