from django.urls import path

from . import views

app_name = "next_actions"
urlpatterns = [
    path("", views.next_actions, name="next_actions"),
    path("rules/", views.rules, name="rules"),
    path("rules/remove/", views.rule_remove, name="rule_remove"),
]
