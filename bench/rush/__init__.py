"""A rush of guests and cooks, acting from outside over the REST API alone."""
