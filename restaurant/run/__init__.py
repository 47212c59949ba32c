"""What is behind `./run`: set up, start, watch and stop the processes; the tests; the checks.

Only the standard library, and nothing of Django or Celery: the door has to open, and to say in a
clear sentence what is missing, before anything is installed.
"""
