"""Single sign-on in the browser: to a provider and back, by way of allauth, and out again."""
