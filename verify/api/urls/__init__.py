"""The API's addresses. The last one catches what has none, so that errors are problems and never pages."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from verify.api.urls import captures, public, records, sync, tokens, webhooks, work
from verify.api.views.base import Nothing

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("v1/", include([*public.urlpatterns, *sync.urlpatterns])),
    path("v1/", include([*captures.urlpatterns, *webhooks.urlpatterns, *tokens.urlpatterns])),
    path("v1/desk/", include([*records.urlpatterns, *work.urlpatterns])),
    re_path(r"^.*\Z", Nothing.as_view(), name="api-nothing"),
]
