import pytest

from sources.custody.note import ED25519, Signer
from sources.custody.policy import PolicyError, parse

LOG = Signer("log.example", bytes(32), ED25519).verifier_key
KEYS = [Signer(f"w{n}.example/w", bytes([n]) * 32, 4).verifier_key for n in range(1, 7)]
WITNESSES = "".join(f"witness W{n} {key} https://w{n}.example/\n" for n, key in enumerate(KEYS, 1))
GROUPS = "group X 2 W1 W2 W3\n\tgroup Y any W4 W5 W6 \ngroup XY all X Y\nquorum XY\n"
TWO_LEVELS = f"# who vouches\nlog {LOG}\n\n{WITNESSES}{GROUPS}"


def test_the_specifications_example_is_read():
    policy = parse(TWO_LEVELS)
    assert policy.logs == [LOG]
    assert [(w.name, w.key, w.url) for w in policy.witnesses.values()][1] == (
        "W2",
        KEYS[1],
        "https://w2.example",
    )
    assert policy.witness_of(KEYS[4]).name == "W5"


@pytest.mark.parametrize(
    ("signed", "enough"),
    [
        ((), False),
        ((1, 2), False),
        ((1, 4), False),
        ((1, 2, 3), False),
        ((1, 3, 6), True),
        ((4, 5, 6), False),
    ],
)
def test_a_quorum_counts_groups_not_keys(signed, enough):
    assert parse(TWO_LEVELS).satisfied_by([KEYS[n - 1] for n in signed]) is enough


def test_one_witness_is_a_quorum_and_strangers_count_for_nothing():
    policy = parse(f"witness W1 {KEYS[0]}\nquorum W1")
    assert policy.satisfied_by([KEYS[0]]) and not policy.satisfied_by(KEYS[1:])


def test_none_is_satisfied_by_nothing_and_says_so():
    policy = parse("quorum none\n")
    assert policy.satisfied_by([]) and policy.asks_for_none


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no quorum line"),
        ("quorum none\nquorum none", "line 2.*second quorum"),
        ("quorum W1", "line 1.*not a witness or group of a line before"),
        (f"witness none {KEYS[0]}\nquorum none", "the name 'none' is taken"),
        (f"witness A {KEYS[0]}\nwitness A {KEYS[1]}\nquorum A", "line 2.*taken"),
        (f"witness A {KEYS[0]}\nwitness B {KEYS[0]}\nquorum A", "key is there already"),
        (f"witness A {LOG}\nquorum A", "wrong algorithm"),
        (f"log {KEYS[0]}\nquorum none", "wrong algorithm"),
        (f"log {LOG}\nlog {LOG}\nquorum none", "log's key is there already"),
        (f"witness A {KEYS[0]}x\nquorum A", "line 1"),
        (f"witness A {KEYS[0]} ftp://x\nquorum A", "not an http or https address"),
        (f"witness A {KEYS[0]} http://u@x\nquorum A", "not an http or https address"),
        (f"witness A {KEYS[0]} http://x?q\nquorum A", "more than scheme"),
        (f"witness A {KEYS[0]}\ngroup G 2 A\nquorum G", "from 1 to 1"),
        (f"witness A {KEYS[0]}\ngroup G 0 A\nquorum G", "from 1 to 1"),
        (f"witness A {KEYS[0]}\ngroup G 01 A\nquorum G", "from 1 to 1"),
        (f"witness A {KEYS[0]}\ngroup G any A A\nquorum G", "only once"),
        (f"witness A {KEYS[0]}\ngroup G any A\ngroup H any A\nquorum G", "only once"),
        (f"witness A {KEYS[0]}\ngroup G any\nquorum G", "too few or too many words"),
        ("group G any G\nquorum G", "line before"),
        ("quorum none\r\n", "control characters"),
        ("quorum\u00a0none", "neither log"),
        ("allow W1", "neither log"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_line(text, said):
    with pytest.raises(PolicyError, match=said):
        parse(text)
