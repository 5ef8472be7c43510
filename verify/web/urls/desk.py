"""The desk itself: who belongs to it, how it judges, what it requires, its record, and the tokens of its people."""

from django.urls import path

from verify.web.views import judging, methodology, settings, webhooks

urlpatterns = [
    path("settings/", settings.DeskSettings.as_view(), name="desk-settings"),
    path("settings/invitations/", settings.InvitationNew.as_view(), name="invitation-new"),
    path(
        "settings/invitations/<uuid:pk>/again/", settings.InvitationResend.as_view(), name="invitation-resend"
    ),
    path(
        "settings/invitations/<uuid:pk>/revoke/",
        settings.InvitationRevoke.as_view(),
        name="invitation-revoke",
    ),
    path("settings/members/<uuid:pk>/", settings.Member.as_view(), name="member"),
    path("settings/members/<uuid:pk>/remove/", settings.MemberRemove.as_view(), name="member-remove"),
    path("settings/judging/", judging.DeskJudging.as_view(), name="desk-judging"),
    path("settings/judging/desk/", judging.DeskChange.as_view(), name="desk-change"),
    path("settings/judging/due/", judging.DueTimes.as_view(), name="desk-due-times"),
    path("settings/scale/", judging.RatingNew.as_view(), name="rating-new"),
    path("settings/scale/<slug:code>/", judging.RatingEdit.as_view(), name="rating-edit"),
    path("settings/scale/<slug:code>/move/", judging.RatingMove.as_view(), name="rating-move"),
    path("settings/scale/<slug:code>/retire/", judging.RatingRetire.as_view(), name="rating-retire"),
    path("settings/scale/<slug:code>/restore/", judging.RatingRestore.as_view(), name="rating-restore"),
    path("settings/checklist/", judging.ItemNew.as_view(), name="item-new"),
    path("settings/checklist/<uuid:pk>/", judging.ItemEdit.as_view(), name="item-edit"),
    path("settings/checklist/<uuid:pk>/move/", judging.ItemMove.as_view(), name="item-move"),
    path("settings/checklist/<uuid:pk>/retire/", judging.ItemRetire.as_view(), name="item-retire"),
    path("settings/methodology/", methodology.DeskMethodology.as_view(), name="desk-methodology"),
    path("settings/security/", settings.DeskSecurity.as_view(), name="desk-security"),
    path("settings/security/factor/", settings.SecondFactor.as_view(), name="desk-second-factor"),
    path("settings/tokens/", settings.TokenNew.as_view(), name="token-new"),
    path("settings/tokens/<uuid:pk>/revoke/", settings.TokenRevoke.as_view(), name="token-revoke"),
    path("settings/record/", settings.DeskRecord.as_view(), name="desk-record"),
    path("settings/webhooks/", webhooks.Webhooks.as_view(), name="desk-webhooks"),
    path("settings/webhooks/new/", webhooks.WebhookNew.as_view(), name="webhook-new"),
    path("settings/webhooks/<uuid:pk>/", webhooks.OneWebhook.as_view(), name="webhook"),
    path("settings/webhooks/<uuid:pk>/edit/", webhooks.WebhookEdit.as_view(), name="webhook-edit"),
    path("settings/webhooks/<uuid:pk>/secret/", webhooks.WebhookRotate.as_view(), name="webhook-rotate"),
    path("settings/webhooks/<uuid:pk>/off/", webhooks.WebhookOff.as_view(), name="webhook-off"),
    path("settings/webhooks/<uuid:pk>/on/", webhooks.WebhookOn.as_view(), name="webhook-on"),
    path("settings/webhooks/<uuid:pk>/remove/", webhooks.WebhookRemove.as_view(), name="webhook-remove"),
    path("settings/webhooks/<uuid:pk>/test/", webhooks.WebhookTest.as_view(), name="webhook-test"),
    path("settings/webhooks/<uuid:pk>/replay/", webhooks.WebhookReplay.as_view(), name="webhook-replay"),
    path("settings/deliveries/<uuid:pk>/", webhooks.OneDelivery.as_view(), name="webhook-delivery"),
]
