from django.urls import path

from . import views

app_name = "report"
urlpatterns = [
    path("", views.report, name="report"),
    path("kept/", views.kept, name="kept"),
    path("kept/<str:name>", views.kept_file, name="kept_file"),
]
