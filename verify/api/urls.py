"""The API's addresses. The last one catches what has none, so that errors are problems and never pages."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView

from verify.api import views

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("v1/claims/", views.Claims.as_view(), name="api-claims"),
    path("v1/claims/<uuid:pk>/", views.Claim.as_view(), name="api-claim"),
    path("v1/claims/<uuid:pk>/versions/", views.Versions.as_view(), name="api-versions"),
    path("v1/claims/<uuid:pk>/versions/<int:number>/", views.OneVersion.as_view(), name="api-version"),
    path("v1/captures/", views.Captures.as_view(), name="api-captures"),
    path("v1/captures/<uuid:pk>/", views.OneCapture.as_view(), name="api-capture"),
    re_path(r"^.*\Z", views.Nothing.as_view(), name="api-nothing"),
]
