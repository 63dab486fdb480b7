from django.urls import path

from . import views

urlpatterns = [path("meta/<slug:public_id>/", views.meta, name="meta_webhook")]
