from django.urls import path

from . import views

app_name = "imports"
urlpatterns = [
    path("", views.imports, name="list"),
    path("upload/", views.upload, name="upload"),
    path("<slug:uid>/", views.run, name="run"),
    path("<slug:uid>/mapping/", views.mapping, name="mapping"),
    path("<slug:uid>/start/", views.start, name="start"),
    path("<slug:uid>/again/", views.again, name="again"),
    path("<slug:uid>/rejects/", views.rejects, name="rejects"),
]
