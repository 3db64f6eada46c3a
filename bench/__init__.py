"""Benchmarks: what the public reads, side by side with the least that Django can do. Never part of the tests."""
