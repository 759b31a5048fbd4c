from django.urls import path

from . import views

app_name = "market_watch"
urlpatterns = [
    path("", views.market_watch, name="market_watch"),
    path("save/", views.save, name="save"),
    path("upload/", views.upload, name="upload"),
    path("read/", views.read, name="read"),
    path("<slug:uid>/switch/", views.switch, name="switch"),
    path("<slug:uid>/remove/", views.remove, name="remove"),
]
