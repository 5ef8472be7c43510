"""The public pages, and health."""

from django.urls import path

from verify.web.views import exports, feeds, health, pictures, public, public_log

urlpatterns = [
    path("", public.front, name="front"),
    path("claims/<uuid:pk>/", public.claim, name="public-claim"),
    path("claims/<uuid:pk>/v<int:number>/", public.version, name="public-version"),
    path("claims/<uuid:pk>/v<int:number>/snapshot.json", public.snapshot, name="public-snapshot"),
    path("claims/<uuid:pk>/v<int:number>/entry.json", public.entry, name="public-entry"),
    path("claims/<uuid:pk>/v<int:number>/proof.txt", public.proof, name="public-proof"),
    path("claims/<uuid:pk>/v<int:number>/provenance.json", exports.provenance, name="public-provenance"),
    path("claims/<uuid:pk>/v<int:number>/annotations.jsonld", exports.annotated, name="public-annotations"),
    path("claims/<uuid:pk>/v<int:number>/figures.csv", exports.figures, name="public-figures"),
    path("claims/<uuid:pk>/v<int:number>/graph.<slug:kind>", pictures.public_graph, name="public-graph"),
    path("cases/<uuid:pk>/", public.case, name="public-case"),
    path("cases/<uuid:pk>/figures.csv", exports.case_figures, name="public-case-figures"),
    path("corrections/", public.corrections, name="corrections"),
    path("methodology/", public.methodology, name="methodology"),
    path("log/", public_log.page, name="public-log"),
    path("log/checkpoint", public_log.newest, name="public-log-checkpoint"),
    path("log/checkpoints/<int:size>", public_log.at_size, name="public-log-checkpoint-at"),
    path("log/timestamps/<int:pk>.<slug:part>", public_log.timestamp, name="public-log-timestamp"),
    path("log/tile/<path:rest>", public_log.tile, name="public-log-tile"),
    path("feed.atom", feeds.claim_feed, name="claim-feed"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("robots.txt", feeds.robots, name="robots"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
]
