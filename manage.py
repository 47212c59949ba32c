#!/usr/bin/env python
"""Django's door; `./run manage …` opens it with the environment of the embedded installation."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")
    execute_from_command_line(sys.argv)
