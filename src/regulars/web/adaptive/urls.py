from django.urls import path

from . import views

app_name = "adaptive"
urlpatterns = [
    path("", views.adaptive, name="adaptive"),
    path("new/", views.create, name="create"),
    path("<slug:uid>/record/", views.record, name="record"),
    path("<slug:uid>/choose/", views.choose, name="choose"),
    path("<slug:uid>/reward/", views.reward, name="reward"),
    path("<slug:uid>/<slug:verb>/", views.move, name="move"),
]
