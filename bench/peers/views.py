"""The peer's API: a serializer, a list view, their address."""

from django.urls import path
from rest_framework import generics, serializers

from peers.models import Audit, Course, Enrollment


class EnrollmentSerializer(serializers.ModelSerializer):
    """An enrollment as it is read, and as it is written."""

    username = serializers.CharField(source="user.username", read_only=True)
    email = serializers.CharField(source="user.email", read_only=True)
    first_name = serializers.CharField(source="user.first_name", read_only=True)
    last_name = serializers.CharField(source="user.last_name", read_only=True)

    class Meta:
        model = Enrollment
        fields = ["course", "user", "username", "email", "first_name", "last_name", "mode", "is_active", "created"]
        extra_kwargs = {"course": {"write_only": True}, "user": {"write_only": True}}

    def create(self, validated_data: dict) -> Enrollment:
        enrollment = super().create(validated_data)
        Audit.objects.create(enrollment=enrollment, before={}, after={"mode": enrollment.mode, "is_active": True})
        return enrollment


class EnrollmentList(generics.ListAPIView):
    """The active enrollments of a course run by username, in pages with their count."""

    serializer_class = EnrollmentSerializer

    def get_queryset(self):
        course = generics.get_object_or_404(Course, key=self.kwargs["key"])
        seats = Enrollment.objects.filter(course=course, is_active=True)
        return seats.select_related("user").order_by("user__username")


urlpatterns = [path("courses/<str:key>/enrollments", EnrollmentList.as_view())]
