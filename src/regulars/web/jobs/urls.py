from django.urls import path

from . import views

app_name = "jobs"
urlpatterns = [
    path("turn/", views.turn, name="turn"),
    path("<slug:uid>/", views.job, name="job"),
    path("<slug:uid>/cancel/", views.cancel, name="cancel"),
]
