from django.urls import path

from . import views

app_name = "churn"
urlpatterns = [
    path("", views.churn, name="churn"),
    path("next/", views.following, name="next"),
]
