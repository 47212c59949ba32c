"""Chits: what a cook reads, as bytes of ESC/POS, and the conversation with a printer."""
