"""What the desk makes of it: evidence for and against, verdicts, and what the reviewers say."""

from verify.demo.records import Evidence, Medium, Review, Verdict

EVIDENCE = (
    Evidence(
        "over-100-un",
        "over-100-civilians",
        "corroborates",
        "strong",
        1,
        "The office counts only deaths that it has checked itself, and 111 is above 100.",
        assertion="un-111",
    ),
    Evidence(
        "over-100-sohr",
        "over-100-civilians",
        "corroborates",
        "moderate",
        1,
        "A count of its own, by governorate; the four parts make the total.",
        assertion="sohr-1383-ar",
    ),
    Evidence(
        "over-100-snhr",
        "over-100-civilians",
        "corroborates",
        "moderate",
        2,
        "A third count made by another method; half of 445 is above 100, but half is an estimate.",
        assertion="snhr-civilians",
    ),
    Evidence(
        "over-100-envoy",
        "over-100-civilians",
        "contextualises",
        "weak",
        2,
        "Reports of civilians killed had reached the envoy on 7 March; the statement gives no figure.",
        document="un-envoy-statement",
    ),
    Evidence(
        "745-sohr",
        "civilians-745",
        "corroborates",
        "moderate",
        3,
        "The origin of the figure. Every outlet that carries it leads back here.",
        assertion="sohr-745",
    ),
    Evidence(
        "745-reuters",
        "civilians-745",
        "corroborates",
        "weak",
        3,
        "Shows what SOHR said; adds no knowledge of its own and says so.",
        assertion="reuters-745",
    ),
    Evidence(
        "745-revised",
        "civilians-745",
        "contradicts",
        "strong",
        2,
        "SOHR itself replaced the figure four days later.",
        document="sohr-0312",
    ),
    Evidence(
        "745-un",
        "civilians-745",
        "contextualises",
        "moderate",
        2,
        "A number of checked deaths; it is a floor and cannot contradict a higher count.",
        document="un-briefing",
    ),
    Evidence(
        "violations-ministry",
        "violations",
        "corroborates",
        "strong",
        2,
        "A party acknowledges something to its own disadvantage.",
        assertion="ministry-violations",
    ),
    Evidence(
        "violations-sohr",
        "violations",
        "corroborates",
        "moderate",
        2,
        "Counts massacres of civilians; does not say in this count by whom.",
        assertion="sohr-violations",
    ),
    Evidence(
        "violations-statement",
        "violations",
        "contextualises",
        "moderate",
        2,
        "The ministry's own text has the same words as the agency's report: one origin, not two.",
        document="ministry-statement-ar",
    ),
    Evidence(
        "individual-ministry",
        "individual-acts",
        "corroborates",
        "weak",
        4,
        "A party's description of its own forces, given without figures or cases.",
        assertion="ministry-individual",
    ),
    Evidence(
        "individual-sohr",
        "individual-acts",
        "contradicts",
        "moderate",
        3,
        "Thirty massacres in two days are hard to reconcile with the acts of individuals.",
        document="sohr-0308-ar",
    ),
    Evidence(
        "individual-snhr",
        "individual-acts",
        "contradicts",
        "moderate",
        3,
        "Holds government forces and armed groups responsible for 1,217 deaths.",
        document="snhr-0416",
    ),
    Evidence(
        "111-caveat",
        "only-111",
        "contradicts",
        "strong",
        2,
        "The office said in the same briefing that its number is likely far fewer than the real one.",
        assertion="un-floor",
    ),
    Evidence(
        "111-caveat-handed-out",
        "only-111",
        "contradicts",
        "strong",
        2,
        "The caveat stands on the same page as the number, in the file that was handed out.",
        region="caveat-on-page",
    ),
    Evidence(
        "111-sohr",
        "only-111",
        "contradicts",
        "moderate",
        3,
        "SOHR counted 1,383 civilians one day later.",
        document="sohr-0312",
    ),
    Evidence(
        "two-counts-snhr",
        "two-counts",
        "contradicts",
        "strong",
        2,
        "SNHR says that its total is not a number of civilians.",
        assertion="snhr-scope",
    ),
    Evidence(
        "two-counts-sohr",
        "two-counts",
        "contradicts",
        "strong",
        2,
        "SOHR says that its figures cannot be set against counts that divide the dead by the side "
        "responsible.",
        assertion="sohr-scope",
    ),
    Evidence(
        "clip-page",
        "road-clip",
        "contextualises",
        "weak",
        6,
        "No date of recording, no position, no earlier copy and no witness has been found.",
        document="video-clip",
    ),
    Evidence(
        "clip-seconds",
        "road-clip",
        "contextualises",
        "weak",
        6,
        "In these seconds something moves along a line; no sign, building or tree by which to know a place.",
        region="moving-along-the-road",
    ),
    Evidence(
        "clip-denial",
        "road-clip",
        "contradicts",
        "weak",
        4,
        "The site denies it and speaks of an older film, which it could not show.",
        assertion="video-site-denies",
    ),
    Evidence(
        "left-activist",
        "left-homes",
        "corroborates",
        "weak",
        6,
        "One account, by telephone, from a person whom the desk does not know.",
        assertion="activist-left",
    ),
    Evidence(
        "left-chat",
        "left-homes",
        "corroborates",
        "weak",
        6,
        "An exported chat, which anybody could have written; the contact was not met.",
        upload="Chat with a contact on the coast.txt",
    ),
    Evidence(
        "left-picture",
        "left-homes",
        "contextualises",
        "weak",
        6,
        "Sent with the chat. Its camera data name a place and an hour; the picture itself is a drawn map.",
        region="name-on-the-map",
    ),
    Evidence(
        "no-count-gulf",
        "no-official-count",
        "corroborates",
        "weak",
        3,
        "Says that no official count is known to it; that a newspaper knows of none does not mean that there is none.",
        document="gulf-two-counts",
    ),
)

VERDICTS = (
    Verdict(
        "over-100-civilians",
        "confirmed",
        "Three organisations that count for themselves and by different methods each arrive at more "
        "than 100 civilians: the UN human-rights office (111, each checked), SOHR (1,383) and SNHR "
        "(about half of 445). None of them is a party. The claim says no more than the lowest of them "
        "supports.",
    ),
    Verdict(
        "civilians-745",
        "superseded",
        "SOHR did publish this figure, and all outlets that carried it lead back to SOHR alone. On 12 "
        "March SOHR replaced it with 1,383. It stands as what was said on 8 March, and should not be "
        "used as a count today.",
    ),
    Verdict(
        "violations",
        "confirmed",
        "Seven outlets carry it, and they lead back to two origins: SOHR, and the defence ministry, "
        "which is a party and acknowledged it to its own disadvantage. How many violations, and of "
        "what kind, is another question.",
    ),
    Verdict(
        "individual-acts",
        "disputed",
        "Only the ministry, a party, says so. SOHR's thirty massacres in two days and SNHR's count of "
        "deaths that it lays to government forces and armed groups speak against it. No independent "
        "inquiry has been seen.",
    ),
    Verdict(
        "only-111",
        "contradicted",
        "The UN human-rights office documented 111 killings and said in the same briefing that the "
        "number is likely far fewer than the real one. The report gave the number and left out what "
        "the office said about it.",
    ),
    Verdict(
        "two-counts",
        "contradicted",
        "The two numbers measure different things. SOHR's is of civilians; SNHR's is of all victims, "
        "divided by the side held responsible. They can both be right, and must be neither compared "
        "nor added.",
    ),
    Verdict(
        "road-clip",
        "unverified",
        "Neither place nor date can be established from what has been found so far. Two outlets that report it "
        "name each other as the source and add nothing; the site's denial came without the film that it speaks of.",
    ),
    Verdict(
        "left-homes",
        "unverified",
        "One account from one person, through one outlet that could not confirm it.",
    ),
)

MEDIA = (
    Medium(
        "left-homes",
        "IMG_20250308_094800.jpg",
        "image",
        "TransformedContent",
        "It was sent as a photograph of the road, and its camera data name a place and an hour. It is a drawn map: no "
        "camera made it, and the data were written into it. Who drew it is not known.",
    ),
)

REVIEWS = (
    Review(
        "over-100-civilians",
        "reviewer",
        True,
        "Followed each of the three counts to its own statement. They share no source that I could find.",
    ),
    Review(
        "civilians-745",
        "reviewer",
        True,
        "Checked that SOHR's statement of 12 March names the figure that it replaces.",
    ),
    # These two do not agree: somebody who gave neither opinion has to decide.
    Review(
        "violations",
        "reviewer",
        True,
        "Two origins that share nothing, one of them speaking against its own interest.",
        kind="verdict",
        verdict="confirmed",
    ),
    Review(
        "violations",
        "second",
        False,
        "The ministry admits acts of individuals, which is less than what the claim is read to say.",
        kind="verdict",
        verdict="partly-confirmed",
        no=(1,),
    ),
    # One opinion is in, and nobody else reads it before the other is.
    Review("two-counts", "reviewer", None, kind="evidence-review"),
    Review(
        "two-counts",
        "second",
        True,
        "Set both tables side by side: one is by victim, the other by perpetrator, so neither refutes the other.",
        kind="evidence-review",
    ),
    Review(
        "individual-acts",
        "reviewer",
        False,
        "Please show beside each quote that SOHR does not say by whom; as it stands a reader may think so.",
        verdict="disputed",
        no=(5,),
    ),
)
