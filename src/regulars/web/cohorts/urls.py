from django.urls import path

from . import views

app_name = "cohorts"
urlpatterns = [
    path("", views.cohorts, name="cohorts"),
    path("funnel/", views.funnel, name="funnel"),
]
