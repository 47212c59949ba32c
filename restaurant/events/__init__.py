"""Events: written with the move that they tell of, told until they are heard, then history."""
