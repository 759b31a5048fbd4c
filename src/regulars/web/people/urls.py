from django.urls import path

from . import views

app_name = "people"
urlpatterns = [
    path("people/", views.people, name="list"),
    path("people/<slug:key>/", views.person, name="person"),
    path("people/<slug:key>/timeline/", views.timeline, name="timeline"),
    path("people/<slug:key>/note/", views.note, name="note"),
    path("companies/", views.companies, name="companies"),
    path("companies/<slug:key>/", views.company, name="company"),
]
