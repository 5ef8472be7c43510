"""Webhooks of a desk, and their deliveries."""

from django.urls import path

from verify.api.views import webhooks

urlpatterns = [
    path("webhooks/", webhooks.Webhooks.as_view(), name="api-webhooks"),
    path("webhooks/<uuid:pk>/", webhooks.OneWebhook.as_view(), name="api-webhook"),
    path("webhooks/<uuid:pk>/secret/", webhooks.Secret.as_view(), name="api-webhook-secret"),
    path("webhooks/<uuid:pk>/test/", webhooks.Test.as_view(), name="api-webhook-test"),
    path("webhooks/<uuid:pk>/replay/", webhooks.Replay.as_view(), name="api-webhook-replay"),
    path("webhooks/<uuid:pk>/deliveries/", webhooks.Deliveries.as_view(), name="api-webhook-deliveries"),
    path(
        "webhooks/<uuid:pk>/deliveries/<uuid:delivery>/",
        webhooks.OneDelivery.as_view(),
        name="api-webhook-delivery",
    ),
]
