"""The page that answers why someone is in a course run or a program, or why not."""
