"""The workbench's upper floors: cases, claims and what they stand on, reviews, publishing; search, help, settings."""

from django.urls import path

from verify.web.views import assertions, cases, claims, help, inbox, publishing, reviews, search, settings

urlpatterns = [
    path("inbox/", inbox.Inbox.as_view(), name="inbox"),
    path("cases/", cases.CaseList.as_view(), name="case-list"),
    path("cases/new/", cases.CaseNew.as_view(), name="case-new"),
    path("cases/<uuid:pk>/", cases.CasePage.as_view(), name="case"),
    path("cases/<uuid:pk>/claims/new/", cases.ClaimNew.as_view(), name="claim-new"),
    path("claims/<uuid:pk>/", claims.ClaimPage.as_view(), name="claim"),
    path("claims/<uuid:pk>/edit/", claims.ClaimEdit.as_view(), name="claim-edit"),
    path("claims/<uuid:pk>/move/", claims.ClaimMove.as_view(), name="claim-move"),
    path("claims/<uuid:pk>/assertions/new/", assertions.AssertionNew.as_view(), name="assertion-new"),
    path("claims/<uuid:pk>/figures/new/", assertions.FigureNew.as_view(), name="figure-new"),
    path("claims/<uuid:pk>/evidence/new/", assertions.EvidenceNew.as_view(), name="evidence-new"),
    path("texts/<uuid:pk>/anchor/", assertions.AnchorNew.as_view(), name="anchor-new"),
    path("claims/<uuid:pk>/verdict/", reviews.VerdictNew.as_view(), name="verdict-new"),
    path("claims/<uuid:pk>/tasks/new/", reviews.TaskNew.as_view(), name="task-new"),
    path("tasks/<uuid:pk>/", reviews.TaskPage.as_view(), name="task"),
    path("tasks/<uuid:pk>/accept/", reviews.TaskAccept.as_view(), name="task-accept"),
    path("tasks/<uuid:pk>/decline/", reviews.TaskDecline.as_view(), name="task-decline"),
    path("tasks/<uuid:pk>/submit/", reviews.TaskSubmit.as_view(), name="task-submit"),
    path("claims/<uuid:pk>/publish/", publishing.PublishPage.as_view(), name="publish"),
    path("claims/<uuid:pk>/publish/correct/", publishing.Correct.as_view(), name="publication-correct"),
    path("claims/<uuid:pk>/publish/pause/", publishing.Pause.as_view(), name="publication-pause"),
    path("claims/<uuid:pk>/publish/resume/", publishing.Resume.as_view(), name="publication-resume"),
    path("claims/<uuid:pk>/publish/retract/", publishing.Retract.as_view(), name="publication-retract"),
    path("search/", search.Search.as_view(), name="search"),
    path("help/", help.Help.as_view(), name="help"),
    path("settings/", settings.DeskSettings.as_view(), name="desk-settings"),
    path("settings/members/", settings.MemberNew.as_view(), name="member-new"),
    path("settings/members/role/", settings.MemberRole.as_view(), name="member-role"),
    path("settings/approvals/", settings.Approvals.as_view(), name="desk-approvals"),
    path("settings/tokens/", settings.TokenNew.as_view(), name="token-new"),
    path("settings/tokens/<uuid:pk>/revoke/", settings.TokenRevoke.as_view(), name="token-revoke"),
]
