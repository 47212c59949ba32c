"""The trace of an order: who told whom, when, and in which style. Made of rows, each time anew."""
