"""Lists how grave a complaint can be: it classifies tickets, as priority does."""

SEVERITIES = [("minor", "Minor"), ("important", "Important"), ("major", "Major")]

RANK = {severity: rank for rank, (severity, _label) in enumerate(SEVERITIES, 1)}
