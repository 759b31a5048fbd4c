from django.urls import path

from regulars.web.consents import views

app_name = "consents"
urlpatterns = [path("u/<str:token>/", views.unsubscribe, name="unsubscribe")]
