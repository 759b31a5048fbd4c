from django.urls import path

from . import views

app_name = "segments"
urlpatterns = [
    path("", views.segments, name="list"),
    path("<slug:method>/<slug:key>/", views.segment, name="segment"),
]
