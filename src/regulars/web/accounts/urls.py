from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("login/<str:token>/", views.login_link, name="login_link"),
    path("logout/", views.Logout.as_view(), name="logout"),
]
