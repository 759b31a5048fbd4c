from django.urls import path

from . import views

app_name = "resources"
urlpatterns = [
    path("", views.resources, name="resources"),
    path("what-if/", views.what_if, name="what_if"),
    path("save/", views.save, name="save"),
    path("remove/", views.remove, name="remove"),
    path("relax/", views.relax, name="relax"),
    path("cells/", views.cells, name="cells"),
    path("cells/save/", views.cell_save, name="cell_save"),
    path("cells/level/", views.level_save, name="level_save"),
    path("cells/level/remove/", views.level_remove, name="level_remove"),
    path("cells/forget/", views.cell_forget, name="cell_forget"),
]
