from django.urls import path

from . import views

app_name = "schedule"
urlpatterns = [
    path("", views.schedule, name="schedule"),
    path("calendar/", views.calendar, name="calendar"),
    path("calls.ics", views.calls_ics, name="ics"),
    path("calls/<slug:key>/", views.done, name="done"),
]
