"""What consumers follow and check: changes, the export, proofs, packages, the log."""

from django.urls import path

from verify.api.views import sync

# Without the slash at the end, as they are often written down: the same, and not described twice.
_BARE = {"schema": None}

urlpatterns = [
    path("changes/", sync.Changes.as_view(), name="api-changes"),
    path("changes", sync.Changes.as_view(**_BARE), name="api-changes-bare"),
    path("export/", sync.Export.as_view(), name="api-export"),
    path("export", sync.Export.as_view(**_BARE), name="api-export-bare"),
    path("export/claims.ndjson.gz", sync.ExportFile.as_view(), name="api-export-file"),
    path("claims/<uuid:pk>/proof/", sync.ClaimProof.as_view(), name="api-claim-proof"),
    path("claims/<uuid:pk>/package/", sync.Package.as_view(), name="api-claim-package"),
    path(
        "claims/<uuid:pk>/versions/<int:number>/entry/", sync.VersionEntry.as_view(), name="api-version-entry"
    ),
    path(
        "claims/<uuid:pk>/versions/<int:number>/proof/", sync.VersionProof.as_view(), name="api-version-proof"
    ),
    path("log/", sync.Log.as_view(), name="api-log"),
]
