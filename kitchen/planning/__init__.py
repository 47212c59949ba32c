"""The planner: evenings are played through, by the kitchen's own recipes and rules of pacing."""
