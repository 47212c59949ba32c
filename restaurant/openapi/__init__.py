"""The OpenAPI schema of the house."""
