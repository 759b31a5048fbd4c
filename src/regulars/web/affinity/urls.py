from django.urls import path

from . import views

app_name = "affinity"
urlpatterns = [
    path("", views.affinity, name="affinity"),
    path("basket/", views.basket, name="basket"),
    path("person/<slug:key>/", views.person, name="person"),
]
