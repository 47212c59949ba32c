"""Requests to servers outside of the house: only there, and never for long."""
