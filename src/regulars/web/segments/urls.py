from django.urls import path

from . import builder, views

app_name = "segments"
urlpatterns = [
    path("", views.segments, name="list"),
    path("builder/", builder.builder, name="builder"),
    path("builder/count/", builder.count, name="count"),
    path("builder/values/", builder.values, name="values"),
    path("builder/<slug:uid>/", builder.builder, name="edit"),
    path("of/<slug:key>/", builder.of_person, name="of_person"),
    path("own/<slug:uid>/", builder.own, name="own"),
    path("own/<slug:uid>/delete/", builder.delete, name="delete"),
    path("own/<slug:uid>/restore/", builder.restore, name="restore"),
    path("<slug:method>/<slug:key>/", views.segment, name="segment"),
]
