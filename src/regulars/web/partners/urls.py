from django.urls import path

from . import views

app_name = "partners"
urlpatterns = [
    path("", views.partners, name="partners"),
    path("save/", views.save, name="save"),
    path("rules/", views.rules_save, name="rules"),
    path("<str:code>/", views.partner, name="partner"),
    path("<str:code>/remove/", views.remove, name="remove"),
    path("<str:code>/agreement/", views.agreement_save, name="agreement"),
    path("<str:code>/agreement/<slug:uid>/remove/", views.agreement_remove, name="agreement_remove"),
    path("<str:code>/agreement/<slug:uid>/statement.csv", views.statement, name="statement"),
    path("<str:code>/payment/", views.payment_save, name="payment"),
]
