from django.urls import path

from . import views

app_name = "outbox"
urlpatterns = [
    path("", views.messages, name="list"),
    path("send/", views.send, name="send"),
    path("<slug:uid>/", views.message, name="message"),
    path("<slug:uid>/html/", views.html, name="html"),
    path("<slug:uid>/change/", views.change, name="change"),
]
