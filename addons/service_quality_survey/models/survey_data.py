"""The words that campaigns and the people asked share."""

STATES = [
    ("draft", "Being prepared"),
    ("ready", "Population frozen"),
    ("field", "In the field"),
    ("closed", "Closed"),
    ("done", "Fed back"),
    ("cancelled", "Cancelled"),
]

ROLES = [
    ("decision", "Decision maker"),
    ("contact", "Contact person"),
    ("user", "End user"),
]
"""Who is asked of a customer, at most one of each is proposed."""

CHANNELS = [
    ("mail", "Mail"),
    ("sms", "SMS"),
    ("link", "Copied link"),
    ("qr", "QR code"),
    ("portal", "Portal"),
    ("paper", "Paper"),
    ("phone", "Telephone"),
    ("handed", "Handed over"),
]

CONTACT_STATES = [
    ("not_asked", "Not asked"),
    ("asked", "Asked"),
    ("partial", "Half-way"),
    ("answered", "Answered"),
    ("refused", "Refused"),
    ("wrong_person", "Wrong person"),
    ("bounced", "Not delivered"),
]

ASKED = ("asked", "partial", "answered", "refused", "wrong_person", "bounced")

STRATA = [
    ("none", "None"),
    ("customer", "Customer"),
    ("agreement", "Agreement"),
    ("region", "Region"),
    ("team", "Team"),
]

BLOCKS = [
    ("overall", "Overall satisfaction"),
    ("expectation", "Against expectation"),
    ("ideal", "Against the ideal"),
    ("promise", "A promise"),
    ("nps", "Would recommend"),
    ("effort", "Effort"),
    ("open", "Open question"),
    ("call", "Wish to be called"),
]
"""What a question asks about; the first three make the satisfaction index (ACSI)."""

ENOUGH_COVERAGE = 80
"""Of fewer agreements covered than this, in percent, a person judges the result."""

ADVANCED_FROM = 100
"""From about so many people on a sample is worth its effort."""
