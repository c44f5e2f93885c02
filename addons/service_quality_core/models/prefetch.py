"""Says which fields of tickets are read together."""

APART = "service_quality"
"""Fields that lists seldom show: the ORM reads all of them when one is asked for, and
none along with the others."""
