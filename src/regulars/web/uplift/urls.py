from django.urls import path

from . import views

app_name = "uplift"
urlpatterns = [path("", views.uplift, name="uplift")]
