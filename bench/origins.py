"""Who really said it, without a database: origins of 1,000 and 10,000 assertions beside a bare walk of their chains,
and quotations found in a text of 500,000 code points beside what a bare search does.
"""

from __future__ import annotations

import random
import string
import time
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from difflib import SequenceMatcher
from functools import partial
from itertools import count

from bench._measure import Contender, compare, machine
from claims.attribution.anchors import find
from claims.attribution.origins import MERGING, Said, Tie, find_origins

TEXT = 500_000  # code points
QUOTE = 30  # words
SIZES = (1_000, 10_000)  # assertions about one claim


def assertions(size: int) -> tuple[list[Said], list[Tie]]:
    """Assertions as a much-reported event has them: half are relays, in chains; some copies, denials, unknown speakers;
    a source in five assertions, two in five of them tied to another one for a time."""
    rng = random.Random(size)
    sources = [f"s{number}" for number in range(size // 5)]
    first = date(2025, 3, 6)
    said: list[Said] = []
    for number in range(size):
        relays = bool(said) and rng.random() < 0.5
        said.append(
            Said(
                id=f"a{number}",
                speaker=None if rng.random() < 0.05 else rng.choice(sources),
                on_behalf_of=rng.choice(sources) if rng.random() < 0.1 else None,
                outlet=rng.choice(sources),
                derives_from=said[-rng.randint(1, min(50, len(said)))].id if relays else None,
                polarity="denies" if rng.random() < 0.1 else "affirms",
                is_relay=relays,
                copy_of=f"c{number // 20}" if rng.random() < 0.1 else None,
                at=first + timedelta(days=rng.randint(0, 60)),
            )
        )
    kinds = sorted(MERGING | {"funded-by"})
    ties = [
        Tie(source, rng.choice(kinds), rng.choice(sources), first - timedelta(days=rng.randint(0, 900)))
        for source in sources
        if rng.random() < 0.4
    ]
    return said, ties


def chains(said: list[Said]) -> dict[str, str]:
    """The bare part of it: each assertion's root, by following what it was taken over from."""
    derives_from = {each.id: each.derives_from for each in said}
    roots: dict[str, str] = {}
    for name in derives_from:
        path, at = [], name
        while at not in roots and (before := derives_from[at]) is not None:
            path.append(at)
            at = before
        root = roots.get(at, at)
        roots.update(dict.fromkeys([*path, at], root))
    return roots


def compare_origins() -> None:
    contenders: list[Contender] = []
    for size in SIZES:
        said, ties = assertions(size)
        found = find_origins(said, ties, parties={"s1"})
        assert found.counts["assertions"] == size and len(found) <= len(set(chains(said).values()))
        print(f"\n{size:,} assertions with {len(ties):,} ties have {len(found):,} origins.")
        contenders += [
            Contender(f"find_origins, {size:,}", partial(_origins, said, ties, SIZES[-1] // size), SIZES[-1]),
            Contender(f"bare chains, {size:,}", partial(_chains, said, SIZES[-1] // size), SIZES[-1]),
        ]
    small, large = (f"{size:,}" for size in SIZES)
    compare(
        "Origins of the assertions about one claim",
        "assertions",
        contenders,
        pairs=[
            (f"find_origins, {small}", f"bare chains, {small}"),
            (f"find_origins, {large}", f"bare chains, {large}"),
            (f"find_origins, {large}", f"find_origins, {small}"),
        ],
    )


def _origins(said: list[Said], ties: list[Tie], times: int) -> None:
    for _ in range(times):
        find_origins(said, ties, parties={"s1"})


def _chains(said: list[Said], times: int) -> None:
    for _ in range(times):
        chains(said)


def text() -> list[str]:
    """Words as often as language has them: few often, most seldom."""
    rng, letters = random.Random(7), string.ascii_lowercase + "éöş"
    vocabulary = ["".join(rng.choices(letters, k=rng.randint(2, 11))) for _ in range(12_000)]
    weights = [1 / rank for rank in range(1, len(vocabulary) + 1)]
    return rng.choices(vocabulary, weights, k=TEXT // 4)


def longest_run(whole: str, quote: str) -> int:
    """The bare part of an approximate search: the longest run of the quotation's words, by the standard library."""
    ours = quote.split()
    return SequenceMatcher(None, whole.split(), ours, autojunk=False).find_longest_match().size


def compare_anchors() -> None:
    words = text()
    whole = " ".join(words)[:TEXT]
    middle = len(whole[: TEXT // 2].split())
    quoted = words[middle : middle + QUOTE]
    exact = " ".join(quoted)
    typographic = "\u00a0 ".join(word[:1] + "\u00ad" + word[1:] for word in quoted)
    edited = " ".join([*quoted[:9], "inserted", *quoted[10:20], *quoted[21:]])
    absent = " ".join(random.Random(11).sample(words, QUOTE))
    folded = unicodedata.normalize("NFKC", exact)

    numbers = count()

    def new(quote: str, kind: str | None) -> Contender:
        """The first quotation that is looked for in a text: nothing is kept of the text's folded form."""

        def run() -> float:
            text = f"{whole} {next(numbers)}"
            begun = time.perf_counter()
            match = find(text, quote)
            ended = time.perf_counter()
            assert (match.kind if match else None) == kind, match
            return ended - begun

        return Contender(f"{kind or 'not there'}, new", run, 1)

    def next_one(quote: str, kind: str | None, times: int) -> Contender:
        """Further quotations in the same text."""

        def run() -> float:
            find(whole, quote)
            begun = time.perf_counter()
            for _ in range(times):
                match = find(whole, quote)
            ended = time.perf_counter()
            assert (match.kind if match else None) == kind, match
            return ended - begun

        return Contender(f"{kind or 'not there'}, next", run, times)

    def bare(name: str, search: Callable[[], object], times: int) -> Contender:
        def run() -> None:
            for _ in range(times):
                assert search()

        return Contender(name, run, times)

    compare(
        f"A quotation of {QUOTE} words in {TEXT:,} code points; new: the first in that text, next: a further one",
        "texts",
        [
            new(exact, "exact"),
            new(typographic, "normalised"),
            next_one(typographic, "normalised", 50),
            new(edited, "fuzzy"),
            next_one(edited, "fuzzy", 5),
            new(absent, None),
            bare("str.find", lambda: exact in whole, 100),
            bare("NFKC and str.find", lambda: folded in unicodedata.normalize("NFKC", whole), 20),
            bare("difflib, longest run", lambda: longest_run(whole, edited), 2),
        ],
        pairs=[
            ("exact, new", "str.find"),
            ("normalised, new", "NFKC and str.find"),
            ("normalised, next", "NFKC and str.find"),
            ("fuzzy, new", "difflib, longest run"),
            ("fuzzy, next", "difflib, longest run"),
            ("not there, new", "difflib, longest run"),
        ],
        rounds=5,
    )


def main() -> None:
    machine()
    compare_origins()
    compare_anchors()


if __name__ == "__main__":
    main()
