from django.urls import path

from regulars.web.markets import views

app_name = "markets"
urlpatterns = [path("", views.markets, name="markets")]
