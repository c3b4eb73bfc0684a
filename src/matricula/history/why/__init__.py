"""Why is a person in a course run or a program, or why not: one sentence, and everything behind it."""
