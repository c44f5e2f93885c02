from . import (
    follow_up,
    portal_follow_up,
)
