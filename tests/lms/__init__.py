"""An Open edX LMS as Matricula sees it, to test against: it keeps state, throttles, and fails as ordered."""
