"""The review desk: the inbox, verdicts, review tasks."""

from django.urls import path

from verify.web.views import comments, inbox, notifications, reports, reviews, tasks

urlpatterns = [
    path("inbox/", inbox.Inbox.as_view(), name="inbox"),
    path("notifications/", notifications.NotificationList.as_view(), name="notification-list"),
    path("notifications/count/", notifications.NotificationCount.as_view(), name="notification-count"),
    path(
        "notifications/settings/", notifications.NotificationSettings.as_view(), name="notification-settings"
    ),
    path("notifications/<uuid:pk>/", notifications.NotificationOpen.as_view(), name="notification"),
    path("claims/<uuid:pk>/verdict/", reviews.VerdictNew.as_view(), name="verdict-new"),
    path("claims/<uuid:pk>/tasks/new/", reviews.TaskNew.as_view(), name="task-new"),
    path("claims/<uuid:pk>/adjudication/", reviews.AdjudicationNew.as_view(), name="adjudication-new"),
    path("tasks/", tasks.TaskList.as_view(), name="task-list"),
    path("tasks/<uuid:pk>/", reviews.TaskPage.as_view(), name="task"),
    path("tasks/<uuid:pk>/take/", reviews.TaskTake.as_view(), name="task-take"),
    path("tasks/<uuid:pk>/accept/", reviews.TaskAccept.as_view(), name="task-accept"),
    path("tasks/<uuid:pk>/decline/", reviews.TaskDecline.as_view(), name="task-decline"),
    path("tasks/<uuid:pk>/submit/", reviews.TaskSubmit.as_view(), name="task-submit"),
    path("tasks/<uuid:pk>/reassign/", reviews.TaskReassign.as_view(), name="task-reassign"),
    path("tasks/<uuid:pk>/change/", reviews.TaskChange.as_view(), name="task-change"),
    path("tasks/<uuid:pk>/cancel/", reviews.TaskCancel.as_view(), name="task-cancel"),
    path("claims/<uuid:pk>/comments/new/", comments.CommentNew.as_view(), name="comment-new"),
    path("comments/<uuid:pk>/", comments.CommentPage.as_view(), name="comment"),
    path("comments/<uuid:pk>/reply/", comments.CommentReply.as_view(), name="comment-reply"),
    path("comments/<uuid:pk>/edit/", comments.CommentEdit.as_view(), name="comment-edit"),
    path("comments/<uuid:pk>/remove/", comments.CommentRemove.as_view(), name="comment-remove"),
    path("comments/<uuid:pk>/resolve/", comments.CommentResolve.as_view(), name="comment-resolve"),
    path("comments/<uuid:pk>/reopen/", comments.CommentReopen.as_view(), name="comment-reopen"),
    path("reports/", reports.DeskReports.as_view(), name="desk-reports"),
]
