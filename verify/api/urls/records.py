"""What a desk keeps: sources, documents, captures, cases, claims, figures, places, topics."""

from django.urls import path

from verify.api.views import (
    records_affiliations,
    records_captures,
    records_cases,
    records_claims,
    records_documents,
    records_figures,
    records_sources,
)

sources = [
    path("sources/", records_sources.Sources.as_view(), name="api-desk-sources"),
    path("sources/<uuid:pk>/", records_sources.OneSource.as_view(), name="api-desk-source"),
    path("sources/<uuid:pk>/aliases/", records_sources.Aliases.as_view(), name="api-desk-source-aliases"),
    path(
        "sources/<uuid:pk>/aliases/<int:alias>/withdraw/",
        records_sources.AliasWithdraw.as_view(),
        name="api-desk-source-alias-withdraw",
    ),
    path("sources/<uuid:pk>/grades/", records_sources.Grades.as_view(), name="api-desk-source-grades"),
    path(
        "sources/<uuid:pk>/affiliations/",
        records_affiliations.Affiliations.as_view(),
        name="api-desk-source-affiliations",
    ),
    path("sources/<uuid:pk>/merge/", records_sources.Merge.as_view(), name="api-desk-source-merge"),
    path("sources/<uuid:pk>/unmerge/", records_sources.Unmerge.as_view(), name="api-desk-source-unmerge"),
    path(
        "sources/<uuid:pk>/history/", records_sources.SourceHistory.as_view(), name="api-desk-source-history"
    ),
    path(
        "affiliations/<uuid:pk>/", records_affiliations.OneAffiliation.as_view(), name="api-desk-affiliation"
    ),
    path(
        "affiliations/<uuid:pk>/withdraw/",
        records_affiliations.AffiliationWithdraw.as_view(),
        name="api-desk-affiliation-withdraw",
    ),
]
archive = [
    path("documents/", records_documents.Documents.as_view(), name="api-desk-documents"),
    path("documents/<uuid:pk>/", records_documents.OneDocument.as_view(), name="api-desk-document"),
    path("documents/<uuid:pk>/watch/", records_documents.DocumentWatch.as_view(), name="api-desk-watch"),
    path("watches/", records_documents.Watches.as_view(), name="api-desk-watches"),
    path("changes/", records_documents.Changes.as_view(), name="api-desk-changes"),
    path("changes/<uuid:pk>/", records_documents.OneChange.as_view(), name="api-desk-change"),
    path("changes/<uuid:pk>/seen/", records_documents.ChangeSeen.as_view(), name="api-desk-change-seen"),
    path("uploads/", records_captures.Uploads.as_view(), name="api-desk-uploads"),
    path("captures/<uuid:pk>/retry/", records_captures.Retry.as_view(), name="api-desk-capture-retry"),
    path("captures/<uuid:pk>/stop/", records_captures.Stop.as_view(), name="api-desk-capture-stop"),
    path("batches/", records_captures.Batches.as_view(), name="api-desk-batches"),
    path("batches/<uuid:pk>/", records_captures.OneBatch.as_view(), name="api-desk-batch"),
    path("batches/<uuid:pk>/rows/", records_captures.BatchRows.as_view(), name="api-desk-batch-rows"),
    path("batches/<uuid:pk>/retry/", records_captures.BatchRetry.as_view(), name="api-desk-batch-retry"),
]
claims = [
    path("cases/", records_cases.Cases.as_view(), name="api-desk-cases"),
    path("cases/<uuid:pk>/", records_cases.OneCase.as_view(), name="api-desk-case"),
    path("cases/<uuid:pk>/figures/compare/", records_figures.Compare.as_view(), name="api-desk-case-compare"),
    path("claims/", records_claims.Claims.as_view(), name="api-desk-claims"),
    path("claims/<uuid:pk>/", records_claims.OneClaim.as_view(), name="api-desk-claim"),
    path("claims/<uuid:pk>/move/", records_claims.Move.as_view(), name="api-desk-claim-move"),
    path("claims/<uuid:pk>/tag/", records_claims.Tag.as_view(), name="api-desk-claim-tag"),
    path("claims/<uuid:pk>/untag/", records_claims.Untag.as_view(), name="api-desk-claim-untag"),
    path("claims/<uuid:pk>/figures/", records_figures.Figures.as_view(), name="api-desk-figures"),
    path("figures/<uuid:pk>/", records_figures.OneFigure.as_view(), name="api-desk-figure"),
    path(
        "figures/<uuid:pk>/withdraw/",
        records_figures.FigureWithdraw.as_view(),
        name="api-desk-figure-withdraw",
    ),
    path(
        "figures/<uuid:pk>/reinstate/",
        records_figures.FigureReinstate.as_view(),
        name="api-desk-figure-reinstate",
    ),
    path("topics/", records_cases.Topics.as_view(), name="api-desk-topics"),
    path("places/", records_cases.Places.as_view(), name="api-desk-places"),
]
urlpatterns = [*sources, *archive, *claims]
