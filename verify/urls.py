"""Every address of the product: the public pages at the root, the workbench under /desk/, the API under /api/."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("verify.api.urls")),
    path("", include("verify.web.urls")),
]
