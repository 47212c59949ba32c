"""Times as a kitchen reads them: 21 Nov 18:34:02."""

DATETIME_FORMAT = "j M H:i:s"
TIME_FORMAT = "H:i:s"
