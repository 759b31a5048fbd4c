from django.urls import path

from . import views

app_name = "trial"
urlpatterns = [path("", views.trial, name="trial")]
