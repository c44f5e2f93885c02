"""The terms in which internal audits are planned and judged."""

VERDICTS = [
    ("conform", "Conform"),
    ("observation", "Observation"),
    ("opportunity", "Opportunity"),
    ("minor", "Minor nonconformity"),
    ("major", "Major nonconformity"),
    ("not_applicable", "Not applicable"),
    ("not_looked_at", "Not looked at"),
]

LOOKED = ("conform", "observation", "opportunity", "minor", "major")
"""The verdicts by which something was looked at."""

SKIPPED = ("not_applicable", "not_looked_at")
"""The verdicts that ask for a reason, and cover nothing."""

FINDINGS = ("observation", "opportunity", "minor", "major")
"""The verdicts that are findings: each has an owner, and the next audit checks it."""

NONCONFORMING = ("minor", "major")

TOPICS = [
    ("clause", "Clause"),
    ("process", "Link of delivery"),
    ("team", "Department"),
    ("finding", "Finding of the last audit"),
    ("indicator", "Weak indicator"),
    ("standard", "ISO/IEC 20000-1, 9.2"),
    ("itss", "ITSS"),
    ("own", "Own question"),
]

PHASES = [
    ("plan", "Being planned"),
    ("field", "Being carried out"),
    ("done", "Closed"),
]

MEMBER_ROLES = [
    ("lead", "Lead auditor"),
    ("auditor", "Auditor"),
    ("expert", "Technical expert"),
]

SAMPLES = [
    ("ticket", "Tickets"),
    ("call", "Follow-up calls"),
    ("complaint", "Complaints"),
]

SCOPE = ("service_process_ids", "service_team_ids", "service_clause_ids")
"""What an audit is about: links of delivery, departments and clauses."""
