"""For other sites and programs: feeds, a picture for links, a frame for pages, and the reference of the API."""

from django.urls import path

from verify.web.views import api_reference, sharing

urlpatterns = [
    path("feed.json", sharing.json_feed, name="json-feed"),
    path("claims/<uuid:pk>/v<int:number>/card.png", sharing.card, name="public-card"),
    path("claims/<uuid:pk>/embed/", sharing.embed, name="public-embed"),
    path("oembed", sharing.oembed, name="oembed"),
    path("developers/", api_reference.index, name="api-reference"),
    path("developers/<slug:slug>/", api_reference.subject, name="api-subject"),
]
