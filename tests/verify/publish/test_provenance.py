"""Provenance: PROV-JSON that the reference library reads back equal, within the rules of the model."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest
from prov.model import ProvActivity, ProvAgent, ProvDocument, ProvEntity

from tests.verify.publish.contents import (
    BASE,
    VERDICT,
    claim,
    document,
    figure,
    frozen,
    piece,
    quote,
    region,
    said,
    source,
    version,
    whole,
)
from verify.publish.provenance import prov_json, provenance

DERIVED = ("prov:generatedEntity", "prov:usedEntity")


def told(content: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return json.loads(prov_json(version(content, **fields), base=BASE))


def relations(made: dict[str, Any], kind: str, *ends: str) -> set[tuple[str, ...]]:
    return {tuple(relation.get(end, "") for end in ends) for relation in made.get(kind, {}).values()}


def typed(made: dict[str, Any], kind: str) -> set[tuple[str, str]]:
    """Derivations of a kind (Quotation, PrimarySource, Revision), as pairs."""
    return {
        tuple(relation[end] for end in DERIVED)
        for relation in made.get("wasDerivedFrom", {}).values()
        if kind in json.dumps(relation.get("prov:type", ""))
    }


@pytest.mark.parametrize("content", [whole(), frozen(), claim()], ids=["whole", "frozen", "empty"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_reference_library_reads_it_back_equal(content, number):
    made = version(content, number=number)
    again = ProvDocument.deserialize(content=prov_json(made, base=BASE), format="json")
    assert again == provenance(made, base=BASE)
    assert again.unified().get_records(ProvEntity)


def test_who_said_it_on_whose_behalf_through_whom():
    made = told(whole())
    assert ("assertion:a1", "source:spokesperson") in relations(
        made, "wasAttributedTo", "prov:entity", "prov:agent"
    )
    ends = ("prov:delegate", "prov:responsible", "prov:activity")
    assert relations(made, "actedOnBehalfOf", *ends) == {
        ("source:spokesperson", "source:ministry", "assertion:a1#saying")
    }
    assert ("assertion:a1#saying", "source:agency") in relations(
        made, "wasAssociatedWith", "prov:activity", "prov:agent"
    )


def test_a_relay_quotes_its_source_and_has_the_root_as_primary_source():
    made = told(whole())
    pairs = relations(made, "wasDerivedFrom", *DERIVED)
    assert {("assertion:a2", "assertion:a1"), ("assertion:a3", "assertion:a2")} <= typed(made, "Quotation")
    assert typed(made, "PrimarySource") == {
        ("assertion:a2", "assertion:a1"),
        ("assertion:a3", "assertion:a1"),
    }
    assert ("figure:f2", "figure:f1") in typed(made, "Revision")
    assert ("quote:q1", "capture:c1") in typed(made, "Quotation")
    assert ("evidence:e4", "region:r1") in pairs


def test_a_capture_was_made_at_its_time_and_dates_are_utc():
    made = told(whole())
    ends = ("prov:entity", "prov:activity", "prov:time")
    (time,) = (
        time for entity, _act, time in relations(made, "wasGeneratedBy", *ends) if entity == "capture:c1"
    )
    assert time in ("2025-03-09T10:00:00+00:00", "2025-03-09T10:00:00Z")
    assert made["entity"]["capture:c1"]["verify:logEntry"]


def test_a_version_revises_the_one_before_and_a_retraction_invalidates_it():
    published, retracted = told(whole(), number=2), told(whole(), number=2, kind="retracted", reason="Wrong.")
    assert ("claim:0b7f/v2/", "claim:0b7f/v1/") in typed(published, "Revision")
    assert "wasInvalidatedBy" not in published
    ((entity, time),) = relations(retracted, "wasInvalidatedBy", "prov:entity", "prov:time")
    assert (entity, time[:19]) == ("claim:0b7f/v1/", "2025-03-10T08:00:00")
    assert retracted["entity"]["claim:0b7f/v2/"]["verify:reason"] == "Wrong."


def test_a_draft_is_no_version():
    made = told(whole(), number=0)
    assert not any("/v" in name for name in made["entity"])
    assert ("claim:0b7f/", "desk:coast") in relations(made, "wasAttributedTo", "prov:entity", "prov:agent")


def test_people_are_people_and_the_protected_are_pseudonyms():
    made = told(whole())
    kinds = {name: json.dumps(agent["prov:type"]) for name, agent in made["agent"].items()}
    assert "prov:Person" in kinds["source:witness"]
    assert "prov:Organization" in kinds["source:ministry"]
    assert made["agent"]["source:witness"]["prov:label"] == "Witness 4"


def test_names_are_addresses_of_the_installation():
    prefixes = told(whole())["prefix"]
    assert prefixes["assertion"] == f"{BASE}/id/assertion/"
    assert prefixes["claim"] == f"{BASE}/claims/"
    assert all(address.startswith(BASE) for name, address in prefixes.items() if name not in ("prov", "xsd"))


def reachable(pairs: set[tuple[str, ...]], start: str) -> set[str]:
    found, stack = set(), [start]
    while stack:
        at = stack.pop()
        for one, other in pairs:
            if one == at and other not in found:
                found.add(other)
                stack.append(other)
    return found


CIRCLE = [said("a", derives_from="b"), said("b", derives_from="a"), said("c", derives_from="a", cites=["c"])]


@pytest.mark.parametrize(
    "content", [whole(), frozen(), claim(assertions=CIRCLE)], ids=["whole", "frozen", "circle"]
)
def test_the_constraints_of_the_model_hold(content):
    """PROV-CONSTRAINTS: derivations order their entities, and what is an entity is no activity and no agent."""
    text = prov_json(version(content, number=2), base=BASE)
    made, read = json.loads(text), ProvDocument.deserialize(content=text, format="json")
    pairs = relations(made, "wasDerivedFrom", *DERIVED)
    assert not [entity for entity, _ in pairs if entity in reachable(pairs, entity)]
    kinds = [
        {str(r.identifier) for r in read.get_records(kind)} for kind in (ProvEntity, ProvActivity, ProvAgent)
    ]
    assert not any(one & other for one, other in combinations(kinds, 2))
    generated = relations(made, "wasGeneratedBy", "prov:entity", "prov:activity")
    assert len({entity for entity, _ in generated}) == len(generated)


def test_whatever_is_related_is_also_described():
    made = told(whole(), number=2)
    described = {name for kind in ("entity", "activity", "agent") for name in made[kind]}
    kinds = {"entity", "activity", "agent", "prefix"}
    named = {
        value
        for kind in made.keys() - kinds
        for relation in made[kind].values()
        for end, value in relation.items()
        if end.startswith("prov:")
        and isinstance(value, str)
        and end not in ("prov:time", "prov:role", "prov:type")
    }
    assert named <= described


def test_a_chain_that_leads_out_of_the_claim_names_where_it_leads():
    made = told(claim(assertions=[said("a", derives_from="elsewhere")]))
    assert typed(made, "Quotation") == {("assertion:a", "assertion:elsewhere")}


@pytest.mark.parametrize("words", ["\x00", "\ud800", "‮", "]]>", "\"'\\", "ا" * 9000, "%%", "a:b"])
def test_no_words_break_it(words):
    told = {"hedge": words, "quotes": [quote(exact=words)], "document": document(title=words)}
    content = claim(
        headline=words,
        assertions=[said("a", speaker=source("s", words), **told)],
        figures=[figure(as_written=words, category=words)],
        evidence=[piece(reason=words, region=region(shows=words))],
        verdict=VERDICT | {"rationale": words},
    )
    again = ProvDocument.deserialize(content=prov_json(version(content), base=BASE), format="json")
    assert words in {str(label) for label in (r.label for r in again.get_records(ProvAgent))}
