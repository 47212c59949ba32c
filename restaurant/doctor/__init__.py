"""How the house is: one list of findings, for `manage.py doctor`, the admin and the metrics."""
