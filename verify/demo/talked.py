"""What the desk says among itself while it works: comments, topics, and what is left to be taken."""

from verify.demo.records import Thread

THREADS = (
    Thread(
        "over-100-civilians",
        (
            ("reviewer", "The four governorates add up to 1,383. Is that SOHR's own sum, or ours? @checker"),
            ("checker", "Theirs: the statement gives the total first and then “distributed as follows”."),
        ),
        figure="sohr-0312-civilians",
        resolved_by="reviewer",
    ),
    Thread(
        "individual-acts",
        (
            (
                "second",
                "“Individual” is the agency's word in English; the Arabic text says “isolated”. We should quote the "
                "Arabic and translate it ourselves. @editor",
            ),
        ),
        assertion="sana-individual-en",
    ),
    Thread(
        "road-clip",
        (
            ("checker", "The uploader has answered no message since Monday. I shall ask again on Thursday."),
            ("editor", "Leave out the name of the account wherever we can. @checker"),
        ),
    ),
)
TOPICS = {
    "Casualties": ("over-100-civilians", "civilians-745", "only-111", "two-counts"),
    "Statements of parties": ("violations", "individual-acts", "no-official-count"),
    "Videos": ("road-clip",),
}
