from django.urls import path

from . import views

app_name = "kpis"
urlpatterns = [path("", views.kpis, name="kpis"), path("target/<slug:name>/", views.target, name="target")]
