"""The states of a job (Contract 2, TaskStatus)."""

PENDING = "pending"
RUNNING = "running"
COMPLETED = "completed"
FAILED = "failed"
JOB_STATES = (PENDING, RUNNING, COMPLETED, FAILED)
