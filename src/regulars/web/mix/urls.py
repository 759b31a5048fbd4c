from django.urls import path

from . import views

app_name = "mix"
urlpatterns = [path("", views.mix, name="mix")]
