from django.urls import path

from . import views

app_name = "voice"
urlpatterns = [
    path("", views.voice, name="voice"),
    path("<int:answer>/label/", views.label, name="label"),
]
