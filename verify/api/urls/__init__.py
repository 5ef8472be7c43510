"""The API's addresses. The last one catches what has none, so that errors are problems and never pages."""

from django.urls import include, path, re_path

from verify.api.urls import captures, public, records, sync, tokens, webhooks, work
from verify.api.views.base import Nothing
from verify.api.views.description import Description
from verify.api.views.lookalike import Search
from verify.api.views.tokens import ProblemType

urlpatterns = [
    path("schema/", Description.as_view(), name="api-schema"),
    path("v1/", include([*public.urlpatterns, *sync.urlpatterns])),
    path("v1/", include([*captures.urlpatterns, *webhooks.urlpatterns, *tokens.urlpatterns])),
    path("v1/desk/", include([*records.urlpatterns, *work.urlpatterns])),
    path("v1alpha1/claims:search", Search.as_view(), name="api-claims-search"),
    path("problems/<slug:name>", ProblemType.as_view(), name="api-problem"),
    re_path(r"^.*\Z", Nothing.as_view(), name="api-nothing"),
]
