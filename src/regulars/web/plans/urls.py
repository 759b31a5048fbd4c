from django.urls import path

from . import history_views, views, what_if_views

app_name = "plans"
urlpatterns = [
    path("", views.newest, name="plan"),
    path("row/", views.row, name="row"),
    path("quota/", what_if_views.quota, name="quota"),
    path("aim/", what_if_views.aim, name="aim"),
    path("contacts/", what_if_views.contacts, name="contacts"),
    path("<slug:uid>/", views.plan, name="one"),
    path("<slug:uid>/decide/", views.decide, name="decide"),
    path("<slug:uid>/action/", views.action, name="action"),
    path("<slug:uid>/kind/", views.kind, name="kind"),
    path("<slug:uid>/people/", views.people, name="people"),
    path("<slug:uid>/what-if/", what_if_views.what_if, name="what_if"),
    path("<slug:uid>/split/", what_if_views.split, name="split"),
    path("<slug:uid>/limits/", what_if_views.limits, name="limits"),
    path("<slug:uid>/replan/", what_if_views.replan, name="replan"),
    path("<slug:uid>/versions/", history_views.versions, name="versions"),
    path("<slug:uid>/compare/", history_views.compare, name="compare"),
    path("<slug:uid>/rollback/", history_views.rollback, name="rollback"),
    path("<slug:uid>/memo/", history_views.memo, name="memo"),
]
