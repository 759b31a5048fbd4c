from django.urls import path

from . import views

app_name = "trust"
urlpatterns = [
    path("", views.trust, name="trust"),
    path("checks/", views.checks, name="checks"),
    path("backups/", views.backups, name="backups"),
    path("backups/make/", views.backup_make, name="backup_make"),
    path("backups/file/<str:name>", views.backup, name="backup"),
    path("requests/", views.requests, name="requests"),
    path("requests/<slug:key>/export/", views.person, name="person_export"),
    path("requests/<slug:key>/erase/", views.person, name="person_erase"),
    path("requests/erased/<int:entry>/", views.erased, name="erased"),
    path("export/", views.export, name="export"),
    path("erase/", views.erase, name="erase"),
    path("audit/", views.audit, name="audit"),
    path("audit/check/", views.audit_check, name="audit_check"),
    path("models/", views.models, name="models"),
    path("settings/", views.settings_page, name="settings"),
]
