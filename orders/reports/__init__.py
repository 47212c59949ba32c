"""What was sold, cooked, late and wasted: a projection, built from the events alone."""
