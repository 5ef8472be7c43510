"""Captures, for members of a desk."""

from django.urls import path

from verify.api.views import captures

urlpatterns = [
    path("captures/", captures.Captures.as_view(), name="api-captures"),
    path("captures/<uuid:pk>/", captures.OneCapture.as_view(), name="api-capture"),
]
