"""What is published, for everybody."""

from django.urls import path

from verify.api.views import public

urlpatterns = [
    path("claims/", public.Claims.as_view(), name="api-claims"),
    path("claims/<uuid:pk>/", public.Claim.as_view(), name="api-claim"),
    path("claims/<uuid:pk>/versions/", public.Versions.as_view(), name="api-versions"),
    path("claims/<uuid:pk>/versions/<int:number>/", public.OneVersion.as_view(), name="api-version"),
]
