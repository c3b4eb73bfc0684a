"""Single sign-on: the file of identity providers, what they say about people, and the accounts that this leads to."""
