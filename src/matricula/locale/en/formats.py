"""Dates and times in English: months by their names, since 3/4 is another day in another country."""

DATE_FORMAT = SHORT_DATE_FORMAT = "M j, Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "M j, Y, g:i A"
