"""The settings that are about people: each address a noun with one representation."""

from django.urls import path

from .views import audit, invitations, members, second_factor

app_name = "workspaces"
urlpatterns = [
    path("audit/", audit.trail, name="audit"),
    path("audit/csv/", audit.export, name="audit_export"),
    path("members/", members.members, name="members"),
    path("members/<int:membership_id>/role/", members.role, name="role"),
    path("members/<int:membership_id>/removal/", members.removal, name="removal"),
    path("members/departure/", members.departure, name="departure"),
    path("members/invitations/", invitations.invitations, name="invitations"),
    path("members/invitations/<int:invitation_id>/letter/", invitations.letter, name="invitation_letter"),
    path("members/invitations/<int:invitation_id>/withdrawal/", invitations.withdrawal, name="invitation_withdrawal"),
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("second-factor/requirement/", second_factor.requirement, name="second_factor_requirement"),
]
