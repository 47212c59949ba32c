"""The benchmarks, each a command."""
