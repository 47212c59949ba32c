"""The running product: rushes, kills, floods and freezes, seen from outside."""
