"""Evidence packages: exporting a claim with 20 captures, and verifying the package with the single-file verifier beside
bare SHA-256 of the same file.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench._installation import installation
from bench._measure import Contender, compare, machine

CAPTURES = 20
SIZE = 100_000  # bytes of each captured file
AT = datetime(2025, 3, 9, 10, 0, tzinfo=UTC)


def make_claim() -> object:
    """A claim with an anchored quotation in each of its captures; all through the services."""
    from claims.attribution.services import anchor_quote, attribute_claim
    from claims.statements.services import register_claim
    from sources.archive.services import receive_upload
    from sources.catalog.models import SourceKind
    from sources.catalog.services import register_document, register_source
    from verify.accounts.models import Desk, Membership, Role, User

    desk = Desk.objects.create(slug="bench", name="Bench")
    by = User.objects.create_user(username="bench", password="bench")
    Membership.objects.create(user=by, desk=desk, role=Role.CHECKER)
    source = register_source(desk=desk, kind=SourceKind.ORGANISATION, name="Observatory", by=by, at=AT)
    claim = register_claim(desk=desk, text="About 745 civilians were killed.", by=by, at=AT)
    for number in range(CAPTURES):
        document = register_document(desk=desk, url=f"http://wire.example/{number}", by=by, at=AT)
        line = f"Report {number}: the group said that around 745 civilians were killed in 30 massacres.\n"
        capture = receive_upload(
            desk=desk,
            content=[(line * (SIZE // len(line))).encode()],
            filename="article.txt",
            url=document.url,
            by=by,
            at=AT,
            document_id=document.pk,
        )
        said = attribute_claim(claim=claim, speaker=source, document=document, by=by, at=AT)
        quote = f"Report {number}: the group said that around 745 civilians"
        anchor_quote(assertion=said, text=capture.texts.get(), quote=quote, by=by, at=AT)
    claim.refresh_from_db()
    return claim


def main() -> None:
    machine()
    with installation() as folder:
        from sources.custody.services import configured_signer
        from verify.evidence import verify_evidence
        from verify.evidence.package import export_claim

        claim, path = make_claim(), Path(folder) / "package.zip"
        key = str(configured_signer().verifier_key)

        def export() -> None:
            with path.open("w+b") as out:
                export_claim(claim=claim, by=None, at=datetime.now(UTC), out=out)  # type: ignore[arg-type]

        export()
        given = verify_evidence.Given(keys=[verify_evidence.Key.parse(key)])
        report = verify_evidence.verify_file(path, given)
        assert report.ok and len(report.captures) == CAPTURES, verify_evidence.show(report)
        program = Path(verify_evidence.__file__)

        def verify() -> None:
            verify_evidence.verify_file(path, given)

        def verify_as_a_stranger() -> None:
            command = [sys.executable, "-I", "-S", program, path, "--key", key]
            subprocess.run(command, check=True, capture_output=True)

        def digest() -> None:
            hashlib.sha256(path.read_bytes()).hexdigest()

        compare(
            f"A package with {CAPTURES} captures ({path.stat().st_size:,} bytes, {len(report.checks)} checks)",
            "packages",
            [
                Contender("export", export, 1),
                Contender("verify, imported", verify, 1),
                Contender("verify, as a stranger runs it", verify_as_a_stranger, 1),
                Contender("bare SHA-256", digest, 1),
            ],
            pairs=[
                ("verify, imported", "bare SHA-256"),
                ("verify, as a stranger runs it", "verify, imported"),
            ],
        )


if __name__ == "__main__":
    main()
