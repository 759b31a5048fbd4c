from django.urls import path

from . import views

app_name = "lifecycle"
urlpatterns = [
    path("", views.lifecycle, name="lifecycle"),
    path("strategy/<slug:kind>/<slug:key>/", views.strategy, name="strategy"),
]
