from django.urls import path

from . import views

app_name = "alerts"
urlpatterns = [
    path("", views.alerts, name="alerts"),
    path("say/", views.say, name="say"),
    path("undo/", views.undo, name="undo"),
]
