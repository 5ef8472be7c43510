"""What the token that asks is."""

from django.urls import path

from verify.api.views import tokens

urlpatterns = [path("token/", tokens.ThisToken.as_view(), name="api-token")]
