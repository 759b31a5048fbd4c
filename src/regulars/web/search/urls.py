from django.urls import path

from . import views

app_name = "search"
urlpatterns = [path("palette/", views.palette, name="palette")]
