"""What is published, for everybody."""

from django.urls import path

from verify.api.views import public, public_names, public_parts

_CLAIM = "claims/<uuid:pk>/"

urlpatterns = [
    path("claims/", public.Claims.as_view(), name="api-claims"),
    path(_CLAIM, public.Claim.as_view(), name="api-claim"),
    path(f"{_CLAIM}versions/", public.Versions.as_view(), name="api-versions"),
    path(f"{_CLAIM}versions/<int:number>/", public.OneVersion.as_view(), name="api-version"),
    path(f"{_CLAIM}assertions/", public_parts.Assertions.as_view(), name="api-claim-assertions"),
    path(f"{_CLAIM}evidence/", public_parts.Evidence.as_view(), name="api-claim-evidence"),
    path(f"{_CLAIM}figures/", public_parts.Figures.as_view(), name="api-claim-figures"),
    path(f"{_CLAIM}origins/", public_parts.ClaimOrigins.as_view(), name="api-claim-origins"),
    path(f"{_CLAIM}captures/", public_parts.Copies.as_view(), name="api-claim-captures"),
    path(
        f"{_CLAIM}captures/<uuid:capture>/entry/",
        public_parts.CopyEntry.as_view(),
        name="api-claim-capture-entry",
    ),
    path(
        f"{_CLAIM}captures/<uuid:capture>/proof/",
        public_parts.CopyProof.as_view(),
        name="api-claim-capture-proof",
    ),
    path("cases/", public_names.Cases.as_view(), name="api-cases"),
    path("cases/<uuid:pk>/", public_names.OneCase.as_view(), name="api-case"),
    path("sources/", public_names.Sources.as_view(), name="api-sources"),
    path("sources/<uuid:pk>/", public_names.OneSource.as_view(), name="api-source"),
    path("topics/", public_names.Topics.as_view(), name="api-topics"),
    path("corrections/", public.Corrections.as_view(), name="api-corrections"),
]
