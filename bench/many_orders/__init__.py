"""What slows down as the tables grow? The same house twice, with few and with many past orders."""
