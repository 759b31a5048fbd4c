from django.urls import path

from . import views

app_name = "plans"
urlpatterns = [
    path("", views.newest, name="plan"),
    path("row/", views.row, name="row"),
    path("<slug:uid>/", views.plan, name="one"),
    path("<slug:uid>/decide/", views.decide, name="decide"),
    path("<slug:uid>/action/", views.action, name="action"),
    path("<slug:uid>/people/", views.people, name="people"),
]
