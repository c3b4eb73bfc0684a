"""The Open edX LMS: enrollments are sent to it, grades come back (docs/lms.md)."""
