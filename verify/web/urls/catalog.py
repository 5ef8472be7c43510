"""The workbench's ground floor: sources, documents, captures, the log."""

from django.urls import path

from verify.web.views import captures, desks, documents, log, sources

urlpatterns = [
    path("desks/", desks.DeskList.as_view(), name="desk-list"),
    path("sources/", sources.SourceList.as_view(), name="source-list"),
    path("sources/new/", sources.SourceNew.as_view(), name="source-new"),
    path("sources/<uuid:pk>/", sources.SourcePage.as_view(), name="source"),
    path("sources/<uuid:pk>/grade/", sources.GradeNew.as_view(), name="grade-new"),
    path("sources/<uuid:pk>/affiliation/", sources.AffiliationNew.as_view(), name="affiliation-new"),
    path("sources/<uuid:pk>/alias/", sources.AliasNew.as_view(), name="alias-new"),
    path("sources/<uuid:pk>/identity/", sources.Identity.as_view(), name="source-identity"),
    path("documents/", documents.DocumentList.as_view(), name="document-list"),
    path("documents/new/", documents.DocumentNew.as_view(), name="document-new"),
    path("documents/<uuid:pk>/", documents.DocumentPage.as_view(), name="document"),
    path("documents/<uuid:pk>/capture/", documents.CaptureNew.as_view(), name="capture-new"),
    path("documents/<uuid:pk>/upload/", documents.UploadNew.as_view(), name="upload-new"),
    path("captures/<uuid:pk>/", captures.CapturePage.as_view(), name="capture"),
    path("captures/<uuid:pk>/retry/", captures.Retry.as_view(), name="capture-retry"),
    path("captures/<uuid:pk>/package.wacz", captures.PackageBytes.as_view(), name="capture-package"),
    path("captures/<uuid:pk>/body", captures.BodyBytes.as_view(), name="capture-body"),
    path(
        "captures/<uuid:pk>/rendition/<slug:kind>",
        captures.RenditionBytes.as_view(),
        name="capture-rendition",
    ),
    path("captures/<uuid:pk>/text/", captures.TextBytes.as_view(), name="capture-text"),
    path("log/", log.Log.as_view(), name="log"),
    path("log/checkpoint", log.CheckpointPage.as_view(), name="log-checkpoint"),
    path("log/checkpoint/note", log.CheckpointNote.as_view(), name="log-checkpoint-note"),
    path("log/<int:index>/", log.EntryPage.as_view(), name="log-entry"),
    path("log/<int:index>/proof", log.EntryProof.as_view(), name="log-proof"),
]
