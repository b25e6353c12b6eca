"""Time series as small panels in one SVG, by hand: no plotting library is needed to read a bench."""
from html import escape

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 860, 110, 70, 20, 44, 34
POINTS_MAX = 600


def nice(value):
    for limit, text in ((1e6, f"{value / 1e6:.3g} M"), (1e4, f"{value / 1e3:.3g} k")):
        if value >= limit:
            return text
    return f"{value:.4g}"


def panel(title, xs, ys, top):
    high, inner = max(max(ys), 1e-9), WIDTH - LEFT - RIGHT
    step = max(1, len(xs) // POINTS_MAX)
    points = " ".join(f"{LEFT + inner * x / max(xs[-1], 1e-9):.1f},{top + PANEL - PANEL * y / high:.1f}" for x, y in list(zip(xs, ys))[::step])
    return (f'<text x="{LEFT}" y="{top - 8}" font-weight="600">{escape(title)}</text>'
            f'<path d="M{LEFT} {top}V{top + PANEL}H{WIDTH - RIGHT}" fill="none" stroke="#999"/>'
            f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end" fill="#666">{nice(max(ys))}</text>'
            f'<text x="{LEFT - 6}" y="{top + PANEL}" text-anchor="end" fill="#666">0</text>'
            f'<polyline points="{points}" fill="none" stroke="#2563eb" stroke-width="1.5"/>')


def write(path, title, xs, series):
    """`series`: (title, values) pairs over the seconds `xs`; every panel starts at zero."""
    height = TOP + len(series) * (PANEL + GAP) + 10
    panels = "".join(panel(name, xs, ys, TOP + GAP // 2 + i * (PANEL + GAP)) for i, (name, ys) in enumerate(series))
    with open(path, "w") as out:
        out.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">'
                  f'<rect width="{WIDTH}" height="{height}" fill="#fff"/><text x="{LEFT}" y="22" font-size="15" font-weight="600">{escape(title)}</text>'
                  f'{panels}<text x="{WIDTH - RIGHT}" y="{height - 4}" text-anchor="end" fill="#666">{nice(xs[-1])} s</text></svg>\n')
