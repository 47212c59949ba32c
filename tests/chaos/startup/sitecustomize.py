"""Python runs this at the start of each process of a product that is under an experiment."""

from tests.chaos.startup import conditions, crash_points, plan, sabotages  # noqa: F401  they register

plan.carry_out()
