from django.urls import path

from . import views

app_name = "experiments"
urlpatterns = [
    path("", views.experiments, name="list"),
    path("new/", views.new, name="new"),
    path("typed/", views.typed_in, name="typed"),
    path("power/", views.power, name="power"),
    path("plans/", views.plan, name="plan"),
    path("<slug:uid>/", views.one, name="one"),
    path("<slug:uid>/people.csv", views.people_csv, name="people"),
    path("<slug:uid>/conclude/", views.conclude, name="conclude"),
    path("<slug:uid>/<slug:verb>/", views.move, name="move"),
]
