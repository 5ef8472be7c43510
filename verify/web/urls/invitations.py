"""Where the link of an invitation leads: before somebody belongs to a desk, perhaps before they have an account."""

from django.urls import path

from verify.web.views.invitations import InvitationView

urlpatterns = [path("invitation/", InvitationView.as_view(), name="invitation")]
