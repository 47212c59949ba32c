"""One answer per Idempotency-Key: the first one's, byte for byte."""
