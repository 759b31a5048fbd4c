from django.urls import path

from . import views

app_name = "modes"
urlpatterns = [
    path("", views.modes, name="modes"),
    path("figures/", views.figures, name="figures"),
    path("judgements/", views.judgements, name="judgements"),
]
