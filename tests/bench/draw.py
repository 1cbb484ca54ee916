# SPDX-License-Identifier: GPL-2.0-only
"""Pictures of what was measured, as SVG that is readable on a light and on a dark page."""

import math

from rows import COUNTS

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 96, 130, 56, 56
SIZES = (1, 10, 100, 1000, 10000)
NAMESPACES = (1, 10, 100, 1000)
LABEL_GAP = 16

STYLE = """
 .page { fill: #ffffff }
 text { font: 13px system-ui, sans-serif; fill: #24292f }
 .title { font-size: 15px; font-weight: 600 }
 .grid { stroke: #8c959f; stroke-width: 1; stroke-opacity: .35 }
 .line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
 .a { stroke: #57606a } .b { stroke: #0969da } .c { stroke: #bc4c00 } .d { stroke: #8250df }
 .e { stroke: #1a7f37 } .f { stroke: #bf3989 }
 circle.a { fill: #57606a } circle.b { fill: #0969da }
 circle.c { fill: #bc4c00 } circle.d { fill: #8250df }
 circle.e { fill: #1a7f37 } circle.f { fill: #bf3989 }
 @media (prefers-color-scheme: dark) {
  .page { fill: #0d1117 }
  text { fill: #e6edf3 }
  .a { stroke: #9da7b1 } .b { stroke: #58a6ff } .c { stroke: #f0883e } .d { stroke: #bc8cff }
  .e { stroke: #3fb950 } .f { stroke: #f778ba }
  circle.a { fill: #9da7b1 } circle.b { fill: #58a6ff }
  circle.c { fill: #f0883e } circle.d { fill: #bc8cff }
  circle.e { fill: #3fb950 } circle.f { fill: #f778ba }
 }"""


class Axis:
    """Places numbers between two ends of a picture."""

    def __init__(self, least, most, begin, end, log):
        self.log = log
        self.least, self.most = (math.log10(v) for v in (least, most)) if log else (least, most)
        self.begin, self.end = begin, end

    def place(self, value):
        """Where a number is."""
        value = math.log10(value) if self.log else value
        part = (value - self.least) / (self.most - self.least)
        return round(self.begin + part * (self.end - self.begin), 1)


def lines_of(x, y, series):
    """The lines and their points."""
    out = []
    for kind, (_, points) in zip("abcdef", series):
        places = [(x.place(a), y.place(b)) for a, b in points]
        out.append(f'<polyline class="line {kind}" points="'
                   + " ".join(f"{a},{b}" for a, b in places) + '"/>')
        out += [f'<circle class="{kind}" cx="{a}" cy="{b}" r="3.5"/>' for a, b in places]
    return out


def names_of(y, series):
    """The names of the lines, at their ends, none over another."""
    ends = sorted((y.place(points[-1][1]), name) for name, points in series)
    out, last = [], 0
    for place, name in ends:
        last = max(place + 4.5, last + LABEL_GAP)
        out.append(f'<text x="{WIDTH - RIGHT + 12}" y="{last:.1f}">{name}</text>')
    return out


def short(number):
    """A number of up to three digits and a word."""
    for size, word in ((10 ** 9, " billion"), (10 ** 6, " million"), (1, "")):
        if number >= size:
            return f"{number // size:,}{word}"
    return "0"


def chart(title, below, x, y, x_ticks, y_ticks, series):
    """A whole picture. @series: name and points (x, y) of each line."""
    out = ["<!-- SPDX-License-Identifier: GPL-2.0-only -->",
           f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           f'width="{WIDTH}" height="{HEIGHT}" role="img">',
           f"<title>{title}</title>", f"<style>{STYLE}\n</style>",
           f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
           f'<text class="title" x="{LEFT}" y="28">{title}</text>']
    for tick in y_ticks:
        place = y.place(tick)
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" '
                   f'y1="{place}" y2="{place}"/>')
        out.append(f'<text x="{LEFT - 10}" y="{place + 4.5}" text-anchor="end">{short(tick)}</text>')
    for tick in x_ticks:
        out.append(f'<text x="{x.place(tick)}" y="{HEIGHT - BOTTOM + 22}" '
                   f'text-anchor="middle">{tick:,}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" '
               f'text-anchor="middle">{below}</text>')
    out += lines_of(x, y, series) + names_of(y, series)
    return "\n".join(out + ["</svg>"]) + "\n"


def binds(numbers):
    """What a bind costs, by the number of reservations."""
    def points(variant):
        return [(n, numbers["given", "v4", f"{variant}-{n}"].median) for n in COUNTS]

    none = numbers["given", "v4", "none"].median
    series = [("no module", [(n, none) for n in COUNTS]), ("portres", points("here")),
              ("BPF, hash", points("hash")), ("BPF, array", points("array"))]
    most = max(value for _, line in series for _, value in line)
    top = math.ceil(most / 500) * 500
    x = Axis(1, COUNTS[-1], LEFT + 16, WIDTH - RIGHT - 4, True)
    y = Axis(0, top, HEIGHT - BOTTOM, TOP, False)
    return chart("Instructions of a bind() to an unreserved port, IPv4", "reservations", x, y,
                 COUNTS, range(0, top + 1, 500), series)


def blocks(numbers):
    """What it costs to keep a block of ports, by its size."""
    def points(family, variant):
        return [(n, numbers[f"make-{n}", family, variant].least) for n in SIZES]

    series = [("sockets", points("v4", "sockets")), ("portres", points("-", "here"))]
    powers = range(3, 9)
    x = Axis(1, SIZES[-1], LEFT + 16, WIDTH - RIGHT - 4, True)
    y = Axis(10 ** powers[0], 10 ** powers[-1], HEIGHT - BOTTOM, TOP, True)
    return chart("Instructions to keep a block of ports: a reservation, or sockets",
                 "ports of the block", x, y, SIZES, [10 ** p for p in powers], series)


def scale(numbers):
    """What a machine pays for everybody, and each call, by the number of network namespaces."""
    def points(row, family):
        return [(n, numbers[f"scale-{row}", family, f"here-{n}"].median) for n in NAMESPACES]

    series = [("make all", points("make", "-")), ("list all", points("list", "-")),
              ("bytes of all", points("memory", "-")), ("TCP connect", points("connect", "v4")),
              ("TCP bind", points("tcp", "v4")), ("UDP bind", points("udp", "v4"))]
    powers = range(3, 10)
    x = Axis(1, NAMESPACES[-1], LEFT + 16, WIDTH - RIGHT - 4, True)
    y = Axis(10 ** powers[0], 10 ** powers[-1], HEIGHT - BOTTOM, TOP, True)
    return chart("Instructions, and bytes, as a machine grows to 30,000 reservations",
                 "network namespaces with 30 reservations and 20 sockets each", x, y, NAMESPACES,
                 [10 ** p for p in powers], series)
