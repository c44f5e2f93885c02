"""Draws small charts as SVG, of one line each, to stand beside each other.

They are written into the page itself, so that they look the same in the client, in the
portal and on paper, and nothing has to be loaded or run.
"""

from markupsafe import Markup

INK, GOAL, FAINT = "#1f5f8b", "#b45309", "#9ca3af"

WIDTH, HEIGHT = 220, 84

LEFT, RIGHT, TOP, BOTTOM = 6, 6, 6, 16


def line_chart(points, goal=None, title=""):
    """Return a line of values over periods with the goal as a dashed line.

    A period without a value leaves a gap: no data is neither nought nor the mean.

    :param points: list of (label, value or None), oldest first
    :param goal: a number, or None
    :param title: what is read to people who do not see it
    :return: markup of an ``svg`` element; empty where there is no value at all

    >>> str(line_chart([("2026-01", None)]))
    ''
    >>> svg = line_chart([("01", 90.0), ("02", None), ("03", 96.0)], 95, "A & B")
    >>> str(svg).count("<polyline"), str(svg).count("<circle"), "A &amp; B" in svg
    (0, 2, True)
    """
    values = [value for _label, value in points if value is not None]
    if not values:
        return Markup()
    scale = _Scale(len(points), values + ([goal] if goal is not None else []))
    parts = [_goal(scale, goal)] if goal is not None else []
    for run in _runs(points):
        dots = [(scale.x(place), scale.y(value)) for place, value in run]
        if len(dots) > 1:
            track = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
            parts.append(_LINE.format(track, INK))
        parts += [_DOT.format(x, y, INK) for x, y in dots]
    parts += _labels(points)
    return _SVG.format(WIDTH, HEIGHT, title) + Markup("").join(parts) + Markup("</svg>")


class _Scale:
    """A scale says where a period and a value stand on the chart."""

    def __init__(self, count, values):
        self._step = (WIDTH - LEFT - RIGHT) / max(count - 1, 1)
        self._low, high = min(values), max(values)
        if high == self._low:
            self._low, high = self._low - 1, high + 1
        self._factor = (HEIGHT - TOP - BOTTOM - 4) / (high - self._low)

    def x(self, place):
        """Return where the point of that number lies, from the left."""
        return LEFT + place * self._step

    def y(self, value):
        """Return where a value lies, from the top."""
        return HEIGHT - BOTTOM - 4 - (value - self._low) * self._factor


def _runs(points):
    """Return the stretches without a gap, as lists of (place, value).

    >>> _runs([("a", 1), ("b", None), ("c", 2), ("d", 3)])
    [[(0, 1)], [(2, 2), (3, 3)]]
    """
    runs, run = [], []
    for place, (_label, value) in enumerate(points):
        if value is None:
            runs, run = [*runs, run], []
        else:
            run.append((place, value))
    return [run for run in [*runs, run] if run]


def _goal(scale, goal):
    y = scale.y(goal)
    return _GOAL.format(LEFT, y, WIDTH - RIGHT, y, GOAL)


def _labels(points):
    """Return the first and the last period; the newest value stands above the chart."""
    parts = [_TEXT.format(LEFT, HEIGHT - 3, "start", FAINT, points[0][0])]
    if len(points) > 1:
        end = WIDTH - RIGHT
        parts.append(_TEXT.format(end, HEIGHT - 3, "end", FAINT, points[-1][0]))
    return parts


_SVG = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" '
    'width="100%" style="display:block" '
    'font-size="9" font-family="inherit"><title>{}</title>'
)
_LINE = Markup(
    '<polyline points="{}" fill="none" stroke="{}" stroke-width="1.5" '
    'stroke-linejoin="round"/>'
)
_DOT = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="2" fill="{}"/>')
_GOAL = Markup(
    '<line x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}" stroke="{}" '
    'stroke-width="1" stroke-dasharray="4 3"/>'
)
_TEXT = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}" fill="{}">{}</text>')
