"""The pages, by who looks at them."""

from django.urls import include, path

urlpatterns = [
    path("", include("verify.web.urls.public")),
    path("desk/", include("verify.web.urls.catalog")),
    path("desk/", include("verify.web.urls.claims")),
]
