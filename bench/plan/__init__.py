"""What the planner predicts, beside what a rush of the same guests measures."""
