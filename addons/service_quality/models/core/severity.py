"""How grave a complaint is: a classification of tickets, like process and priority."""

SEVERITIES = [("minor", "Minor"), ("important", "Important"), ("major", "Major")]

RANK = {severity: rank for rank, (severity, _label) in enumerate(SEVERITIES, 1)}
