"""The experiments, by the numbers of the plan (docs/chaos.md)."""

from tests.chaos.experiments import databases, messages, people, processes, redis
from tests.chaos.experiments.registry import EXPERIMENTS, Experiment

__all__ = ["EXPERIMENTS", "Experiment", "databases", "messages", "people", "processes", "redis"]
