"""Who is calling, and what their role may do."""
