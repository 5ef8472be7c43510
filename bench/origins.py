"""Who really said it: origins of 1,000 and 10,000 assertions beside a bare walk of their chains; the whole of it from
the database for 1,000 and 5,000 assertions beside a bare loop over the same rows; and quotations found in a text of
500,000 code points beside what a bare search does.
"""

from __future__ import annotations

import random
import string
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from difflib import SequenceMatcher
from functools import partial
from itertools import count
from typing import Any

from bench._installation import installation
from bench._measure import Contender, compare, machine
from claims.attribution.anchors import find
from claims.attribution.origins import MERGING, Said, Tie, find_origins

TEXT = 500_000  # code points
QUOTE = 30  # words
SIZES = (1_000, 10_000)  # assertions about one claim
STORED = (1_000, 5_000)  # in the database
TEXTS = 20  # archived texts that a third of the stored assertions is anchored in


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
                cites=(said[-rng.randint(1, min(50, len(said)))].id,) if said and rng.random() < 0.1 else (),
                modality=rng.choices(["certain", "probable", "possible"], [8, 1, 1])[0],
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


def stored(size: int) -> Any:
    """A claim with the same `assertions` as rows; its sources, affiliations, citations and anchors with them."""
    from django.contrib.auth import get_user_model

    from claims.attribution.models import Anchor, Assertion, Citation
    from claims.statements.models import Claim
    from claims.statements.services import register_claim
    from sources.archive.services import receive_upload
    from sources.catalog.models import Affiliation, Source
    from verify.accounts.models import Desk, Membership, Role

    said, ties = assertions(size)
    at = datetime(2025, 3, 9, 10, 0, tzinfo=UTC)
    desk = Desk.objects.create(slug=f"bench-{size}", name=f"Benchmark desk {size}")
    by = get_user_model().objects.create_user(username=desk.slug, display_name="checker")
    Membership.objects.create(user=by, desk=desk, role=Role.CHECKER)
    claim = register_claim(desk=desk, text="The group counted about 745 dead.", by=by, at=at)
    recorded: dict[str, Any] = {"created_by": by, "created_at": at}

    names = ["unnamed", *(f"s{number}" for number in range(size // 5))]
    sources = {
        name: Source(desk=desk, kind="outlet", name=name, key=name, is_party=name == "s1", **recorded)
        for name in names
    }
    Source.objects.bulk_create(sources.values())
    Affiliation.objects.bulk_create(
        Affiliation(
            source=sources[tie.source],
            kind=tie.kind,
            principal=sources[tie.principal],
            valid_from=tie.valid_from,
        )
        for tie in ties
        if tie.source != tie.principal
    )
    rows: dict[str, Assertion] = {}
    for each in said:
        rows[each.id] = Assertion(
            claim=claim,
            speaker=sources[each.speaker or "unnamed"],
            on_behalf_of=sources[each.on_behalf_of] if each.on_behalf_of else None,
            outlet=sources[each.outlet or "unnamed"],
            role="relay" if each.is_relay or not each.speaker else "originator",
            derives_from=rows[each.derives_from] if each.derives_from else None,
            polarity=each.polarity,
            modality=each.modality,
            said_at=datetime.combine(each.at or at.date(), at.timetz()),
            **recorded,
        )
    Assertion.objects.bulk_create(rows.values())
    Citation.objects.bulk_create(
        Citation(assertion=rows[each.id], cited=rows[cited], **recorded)
        for each in said
        for cited in each.cites
    )
    words, texts = text(), []
    for number in range(TEXTS):
        content = " ".join(words[number * 500 : number * 500 + 500])
        url = f"http://wire.example/{size}/{number}"
        copy = receive_upload(
            desk=desk, content=[content.encode()], filename="article.txt", url=url, by=by, at=at
        )
        texts.append(copy.texts.get())
    Anchor.objects.bulk_create(
        Anchor(
            assertion=row,
            text=texts[number % TEXTS],
            text_sha256=texts[number % TEXTS].sha256,
            start=0,
            end=20,
            exact=texts[number % TEXTS].content[:20],
            quoted=texts[number % TEXTS].content[:20],
            match="exact",
            **recorded,
        )
        for number, row in enumerate(rows.values())
        if number % 3 == 0
    )
    return Claim.objects.get(pk=claim.pk)


def bare_loop(claim: Any) -> dict[str, str]:
    """The least that could be done from the database: read the rows' ids, and follow each chain to its root."""
    rows = claim.assertions.order_by("created_at").values_list("id", "derives_from_id")
    return chains([Said(str(id), None, derives_from=above and str(above)) for id, above in rows])


def compare_stored() -> None:
    from claims.attribution.reading import assertions_of, origins_of, origins_summary

    contenders: list[Contender] = []
    pairs: list[tuple[str, str]] = []
    for size in STORED:
        claim = stored(size)
        read = assertions_of(claim)
        found = origins_of(claim, read)
        assert found.counts["assertions"] == size == len(bare_loop(claim))
        assert origins_summary(claim)["counts"] == found.counts
        print(f"\n{size:,} stored assertions have {len(found):,} origins.")
        ways: list[tuple[str, Callable[[], object]]] = [
            ("origins_of, whole", partial(origins_of, claim)),
            ("assertions_of alone", partial(assertions_of, claim)),
            ("origins_of, assertions given", partial(origins_of, claim, read)),
            ("origins_summary", partial(origins_summary, claim)),
            ("bare loop", partial(bare_loop, claim)),
        ]
        contenders += [Contender(f"{name}, {size:,}", partial(_once, act), size) for name, act in ways]
        pairs += [
            (f"{first}, {size:,}", f"bare loop, {size:,}")
            for first in ("origins_of, whole", "origins_summary")
        ]
    pairs.append((f"origins_of, whole, {STORED[1]:,}", f"origins_of, whole, {STORED[0]:,}"))
    compare("Origins of one claim from the database", "assertions", contenders, pairs=pairs, rounds=3)


def _once(act: Callable[[], object]) -> None:
    act()


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
    with installation():
        compare_stored()


if __name__ == "__main__":
    main()
