"""Holds what the demo tells besides its tickets: holidays, agreements, a house rule.

Days are counted from the day on which the story is told, minus is before it.
"""

CALENDARS = {"hospital": "cn", "shanghai": "cn", "berlin": "de"}
"""The country whose holidays a calendar keeps."""

SPRING_FESTIVAL = {
    2024: (2, 10),
    2025: (1, 29),
    2026: (2, 17),
    2027: (2, 6),
    2028: (1, 26),
    2029: (2, 13),
    2030: (2, 3),
    2031: (1, 23),
    2032: (2, 11),
    2033: (1, 31),
}
"""The first day of the Chinese new year: month and day."""

CHINESE_HOLIDAYS = [
    ("元旦 New Year", 1, 1, 1),
    ("劳动节 Labour Day", 5, 1, 3),
    ("国庆节 National Day", 10, 1, 7),
]
GERMAN_HOLIDAYS = [
    ("Neujahr", 1, 1, 1),
    ("Tag der Arbeit", 5, 1, 1),
    ("Tag der Deutschen Einheit", 10, 3, 1),
    ("Weihnachten", 12, 25, 2),
]
"""Name, month, day, and for how many days."""


def holidays(country, year):
    """List a country's holidays of a year that the story keeps.

    >>> holidays("de", 2027)[0]
    ('Neujahr', 1, 1, 1)
    >>> holidays("cn", 2027)[-1]
    ('春节 Spring Festival', 2, 6, 7)
    """
    if country == "de":
        return GERMAN_HOLIDAYS
    found = list(CHINESE_HOLIDAYS)
    if year in SPRING_FESTIVAL:
        found.append(("春节 Spring Festival", *SPRING_FESTIVAL[year], 7))
    return found


def target(metric, duration, unit="hour", **values):
    """Return the values of a service target."""
    return {"metric": metric, "duration": duration, "unit": unit, **values}


BANK_TARGETS = [
    target("first_response", 15, "minute", priority="3", goal_percent=98),
    target("first_response", 30, "minute", priority="2"),
    target("first_response", 2, goal_percent=90),
    target("arrival", 4, priority="3"),
    target("resolution", 4, priority="3", pause_on="both", goal_percent=98),
    target("resolution", 8, priority="2", pause_on="both"),
    target("resolution", 24, pause_on="both", goal_percent=90),
    target("update", 2, priority="3"),
]

HOSPITAL_TARGETS = [
    target("first_response", 30, "minute", priority="2"),
    target("first_response", 2),
    target("arrival", 3, priority="2"),
    target("resolution", 6, priority="2"),
    target("resolution", 2, "day", goal_percent=90),
]

GROUNDS = ["客户现场停电 Power cut at the site", "客户未开放访问 No access given"]
"""On what agreements with customers let misses be left out."""

AGREEMENTS = [
    {
        "key": "bank_1",
        "name": "核心业务运维 Core banking operations",
        "number": "SLA-LH-01",
        "kind": "sla",
        "partners": ["bank"],
        "project": "bank",
        "start": -480,
        "other": "李明 Li Ming",
        "targets": [
            target("first_response", 1),
            target("resolution", 8, priority="3"),
            target("resolution", 36),
        ],
    },
    {
        "key": "bank_2",
        "previous": "bank_1",
        "name": "核心业务运维 Core banking operations",
        "number": "SLA-LH-01",
        "kind": "sla",
        "partners": ["bank"],
        "project": "bank",
        "start": -120,
        "end": 245,
        "other": "李明 Li Ming",
        "targets": BANK_TARGETS,
    },
    {
        "key": "hospital",
        "name": "医院信息系统运维 Hospital systems",
        "number": "SLA-QH-01",
        "kind": "sla",
        "partners": ["hospital"],
        "project": "hospital",
        "calendar": "hospital",
        "start": -340,
        "end": 25,
        "other": "高翔 Gao Xiang",
        "targets": HOSPITAL_TARGETS,
    },
    {
        "key": "hospital_next",
        "previous": "hospital",
        "draft": True,
        "name": "医院信息系统运维 Hospital systems",
        "number": "SLA-QH-01",
        "kind": "sla",
        "partners": ["hospital"],
        "project": "hospital",
        "calendar": "hospital",
        "start": 25,
        "end": 390,
        "targets": [
            *HOSPITAL_TARGETS,
            target("update", 4, priority="2"),
        ],
    },
    {
        "key": "logistics",
        "name": "Warehouse systems Duisburg",
        "number": "SLA-RL-02",
        "kind": "sla",
        "partners": ["logistics"],
        "project": "logistics",
        "calendar": "berlin",
        "start": -200,
        "end": 430,
        "other": "Anna Schuster",
        "targets": [
            target("first_response", 1),
            target("resolution", 8, priority="2"),
            target("resolution", 3, "day"),
        ],
    },
    {
        "key": "logistics_rollout",
        "name": "Warehouse roll-out Duisburg",
        "number": "SLA-RL-01",
        "kind": "sla",
        "partners": ["logistics"],
        "project": "logistics",
        "calendar": "berlin",
        "start": -300,
        "end": -200,
        "other": "Anna Schuster",
        "targets": [target("first_response", 4), target("resolution", 5, "day")],
    },
    {
        "key": "site",
        "name": "现场支持内部协议 On-site support",
        "number": "OLA-01",
        "kind": "ola",
        "teams": ["site"],
        "start": -300,
        "other": "王芳 Wang Fang",
        "targets": [
            target("resolution", 5, priority="2", pause_on="both"),
            target("resolution", 30, pause_on="both"),
        ],
    },
    {
        "key": "carrier",
        "name": "线路支撑合同 Leased lines",
        "number": "UC-YC-01",
        "kind": "uc",
        "partners": ["carrier"],
        "start": -400,
        "end": 330,
        "other": "云程网络 Yuncheng Networks",
        "targets": [target("resolution", 8, pause_on="nothing")],
    },
]

HOUSE_RULE = target("first_response", 1, always=True)
"""Whoever reports an incident of information security is answered within the hour."""

REPLY = {
    "zh": "您好，问题已受理，工程师正在处理，有进展会及时告知。",
    "en": "We have taken this up and are working on it. We will keep you posted.",
}
