"""Faults against an index: failing system calls, kills, power cuts, flipped bytes.

See scripts/fault-injection, DURABILITY.md and tests/test_faults.py.
"""
