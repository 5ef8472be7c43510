"""The pages, by who looks at them."""

from django.urls import include, path

urlpatterns = [
    path("", include("verify.web.urls.public")),
    path("", include("verify.web.urls.sharing")),
    path("", include("verify.web.urls.account")),
    path("", include("verify.web.urls.invitations")),
    path("desk/", include("verify.web.urls.catalog")),
    path("desk/", include("verify.web.urls.claims")),
    path("desk/", include("verify.web.urls.review")),
    path("desk/", include("verify.web.urls.desk")),
]
