"""The pictures that are drawn exactly: two maps, two charts, four cut-paper portraits. Each function gives both plates and how to ink them."""
import math
import random

import cairo
import numpy as np
from PIL import Image

from ink import cloud

DRAWN = {}
# The five tones of the print, as luminances in the middle of their steps.
T0, T1, T2, T3, T4 = 0.0, .25, .5, .75, 1.0
SEA = dict(key='#1d2c3a', colour='#e0a21b')
CITY = dict(key='#16324a', colour='#e2542f')
NIGHT = dict(key='#231f3a', colour='#f0a93a')
CULTURE = dict(key='#3b1d2a', colour='#e2542f')
SCIENCE = dict(key='#123a33', colour='#e8a33d')
WORLD = dict(key='#2b2a33', colour='#4aa3a0')


def drawn(name):
    def keep(function):
        DRAWN[name] = function
        return function
    return keep


class Plates:
    """A tone plate and a spot plate of one size; what is drawn later lies on top, on both."""

    def __init__(self, w=1440, h=960, ground=T4):
        self.w, self.h = w, h
        self.surfaces = [cairo.ImageSurface(cairo.FORMAT_RGB24, w, h) for _ in range(2)]
        self.tone, self.spot = (cairo.Context(s) for s in self.surfaces)
        for c, v in ((self.tone, ground), (self.spot, 0)):
            c.set_source_rgb(v, v, v)
            c.paint()
            c.set_line_cap(cairo.LINE_CAP_ROUND)
            c.set_line_join(cairo.LINE_JOIN_ROUND)

    def put(self, path, tone=None, spot=0.0, width=0, dash=()):
        """Fills what path(context) outlines, or strokes it if there is a width. tone None leaves the key plate as it is."""
        for c, v in ((self.tone, tone), (self.spot, spot)):
            if v is None:
                continue
            c.new_path()
            path(c)
            c.set_source_rgb(v, v, v)
            if width:
                c.set_line_width(width)
                c.set_dash(dash)
                c.stroke()
            else:
                c.fill()

    def arrays(self):
        for s in self.surfaces:
            s.flush()
            yield np.ndarray((self.h, self.w, 4), np.uint8, s.get_data())[..., 0].astype(np.float32) / 255

    def finish(self, **how):
        tone, spot = self.arrays()
        return tone, spot, how


def line(*points):
    def path(c):
        c.move_to(*points[0])
        for p in points[1:]:
            c.line_to(*p)
    return path


def area(*points):
    def path(c):
        line(*points)(c)
        c.close_path()
    return path


def box(x, y, w, h):
    return lambda c: c.rectangle(x, y, w, h)


def dot(x, y, r):
    return lambda c: c.arc(x, y, r, 0, 2 * math.pi)


def smooth(points, closed=True):
    """A Catmull-Rom curve through the points."""
    def path(c):
        n = len(points)
        c.move_to(*points[0])
        for i in range(n if closed else n - 1):
            a, b, d, e = ((points[(i + k) % n] if closed else points[min(max(i + k, 0), n - 1)]) for k in (-1, 0, 1, 2))
            c.curve_to(b[0] + (d[0] - a[0]) / 6, b[1] + (d[1] - a[1]) / 6, d[0] - (e[0] - b[0]) / 6, d[1] - (e[1] - b[1]) / 6, *d)
        if closed:
            c.close_path()
    return path


# ---- figures, as a draughtsman's pen makes them: no font is asked, so every machine draws the same

def arc(x, y, rx, ry, a, b):
    return [(x + rx * math.cos(math.radians(a + (b - a) * i / 24)), y + ry * math.sin(math.radians(a + (b - a) * i / 24))) for i in range(25)]


GLYPHS = {
    '0': (.64, [arc(.32, .32, .32, .32, 180, 360) + arc(.32, .68, .32, .32, 0, 180) + [(0, .32)]]),
    '1': (.40, [[(.04, .20), (.30, 0), (.30, 1)]]),
    '2': (.62, [arc(.31, .30, .30, .30, 195, 395) + [(.01, 1), (.62, 1)]]),
    '3': (.62, [arc(.29, .26, .27, .26, 205, 450), arc(.29, .73, .32, .27, -90, 155)]),
    '4': (.66, [[(.48, 1), (.48, 0), (0, .70), (.66, .70)]]),
    '5': (.62, [[(.56, 0), (.09, 0), (.05, .46)] + arc(.29, .68, .32, .32, 222, 510)]),
    '6': (.62, [[(.46, 0), (.10, .47)] + arc(.31, .69, .31, .31, 200, 560)]),
    '7': (.60, [[(0, 0), (.60, 0), (.20, 1)]]),
    '8': (.62, [arc(.31, .25, .26, .25, 90, 450), arc(.31, .75, .31, .25, -90, 270)]),
    '9': (.62, [[(.16, 1), (.52, .53)] + arc(.31, .31, .31, .31, 20, 380)]),
    '.': (.10, [[(.05, .985), (.05, 1)]]),
    'N': (.66, [[(0, 1), (0, 0), (.66, 1), (.66, 0)]]),
}


def figures(text, x, y, size, align=0.0):
    """The strokes of text with its top at y; align 0 starts at x, 1 ends there."""
    gap = .26
    wide = sum(GLYPHS[g][0] + gap for g in text) - gap

    def path(c):
        at = x - wide * size * align
        for g in text:
            for stroke in GLYPHS[g][1]:
                c.move_to(at + stroke[0][0] * size, y + stroke[0][1] * size)
                for px, py in stroke[1:]:
                    c.line_to(at + px * size, y + py * size)
            at += (GLYPHS[g][0] + gap) * size
    return path


# ---- charts

def through(knots, x):
    """A monotone cubic through the knots (Fritsch and Carlson): it never overshoots a high water."""
    t, v = (np.array(k, float) for k in zip(*knots))
    step = np.diff(v) / np.diff(t)
    slope = np.zeros_like(v)
    same = step[1:] * step[:-1] > 0
    slope[1:-1][same] = 2 * step[1:][same] * step[:-1][same] / (step[1:] + step[:-1])[same]
    i = np.clip(np.searchsorted(t, x, 'right') - 1, 0, len(t) - 2)
    h = t[i + 1] - t[i]
    s = (x - t[i]) / h
    return ((1 + 2 * s) * (1 - s) ** 2 * v[i] + s * (1 - s) ** 2 * h * slope[i] + s * s * (3 - 2 * s) * v[i + 1]
            + s * s * (s - 1) * h * slope[i + 1])


@drawn('chart-tide')
def chart_tide():
    p = Plates()
    left, top, hour, metre = 128, 92, 20.6, 178
    bottom = top + 4 * metre
    right = left + 60 * hour
    # Hours after Saturday midnight.
    highs = [(5.433, 1.87), (17.833, 1.90), (30.25, 1.94), (42.633, 1.98), (55.033, 2.03)]
    lows = [(-.77, .30), (11.63, .31), (24.04, .30), (36.44, .29), (48.83, .30), (61.23, .28)]
    turns = sorted(highs + lows)
    t = np.arange(0, 60.0001, 1 / 12)
    i = np.clip(np.searchsorted([k for k, _ in turns], t, 'right') - 1, 0, len(turns) - 2)
    a, b = (np.array([turns[j] for j in i + d]) for d in (0, 1))
    tide = b[:, 1] + (a[:, 1] - b[:, 1]) * (1 + np.cos(np.pi * (t - a[:, 0]) / (b[:, 0] - a[:, 0]))) / 2

    def tide_at(h):
        return float(np.interp(h, t, tide))
    marks = [(0, .58), (5.433, .84), (11.6, .96), (17.833, 1.18), (24.0, 1.30), (29.667, 3.40 - tide_at(29.667)), (30.333, 3.52 - tide_at(30.333)),
             (31.083, 3.40 - tide_at(31.083)), (36.4, 1.02), (42.633, .68), (48.8, .34), (55.033, .09), (60, .04)]
    level = tide + through(marks, t)
    X, Y = left + t * hour, bottom - metre * np.array([tide, level])

    # What the storm added, as a tint; then the grid over it.
    p.put(area(*zip(X, Y[1]), *reversed(list(zip(X, Y[0])))), T3)
    for m in range(1, 5):
        p.put(line((left, bottom - m * metre), (right, bottom - m * metre)), T2, width=2)
    for h in range(0, 61, 6):
        day = h % 24 == 0
        p.put(line((left + h * hour, bottom), (left + h * hour, bottom + (62 if day else 15))), T0, width=5 if day else 4)
        if day:
            p.put(line((left + h * hour, top), (left + h * hour, bottom)), T2, width=2)
        p.put(figures(str(h % 24), left + h * hour + (12 if day else 0), bottom + 24, 20, 0 if day else .5), T0, width=3.6)
    for d, h in (('21', 12), ('22', 36), ('23', 54)):
        p.put(figures(d, left + h * hour, bottom + 66, 42, .5), T0, width=7)
    p.put(line((left, bottom), (right, bottom)), T0, width=5)
    for m in range(5):
        p.put(figures(str(m), left - 26, bottom - m * metre - 19, 38, 1), T0, width=6.4)
    # The end of the gauge.
    gauge = bottom - 3.4 * metre
    p.put(line((left, gauge), (right, gauge)), T0, width=4)
    p.put(figures('3.40', right, gauge - 44, 28, 1), T0, width=5)
    p.put(line(*zip(X, Y[0])), T1, width=4)
    measured = level <= 3.4 + 1e-6
    for side in (t <= 30, t > 30):
        p.put(line(*zip(X[measured & side], Y[1][measured & side])), T0, width=11)
    # From there on by the marks on the walls.
    for h in (29.72, 29.92, 30.14, 30.53, 30.78, 31.02):
        x, y = left + h * hour, bottom - metre * float(np.interp(h, t, level))
        p.put(dot(x, y, 4.2), T4, 1)
    peak = (left + 30.333 * hour, bottom - 3.52 * metre)
    p.put(dot(*peak, 4.2), T4, 1)
    p.put(line((peak[0], peak[1] - 14), (peak[0], peak[1] - 34), (peak[0] + 26, peak[1] - 34)), T4, 1, width=5)
    p.put(figures('3.52', peak[0] + 40, peak[1] - 60, 52), T4, 1, width=9)
    return p.finish(seed=211, rough=.01, **SEA)


@drawn('chart-budget')
def chart_budget():
    p = Plates()
    now, before = (412, 338, 196, 121, 98, 96, 88, 74, 63), (398, 325, 171, 118, 95, 92, 86, 79, 61)
    left, top, row, unit = 84, 58, 95, 2.78
    for i, (n, b) in enumerate(zip(now, before)):
        y = top + i * row
        p.put(box(left, y, b * unit, 74), T3)
        less = n < b
        p.put(box(left, y + 13, n * unit, 48), T4 if less else T1, 1 if less else 0)
        p.put(box(left, y, b * unit, 74), T0, None, width=4)
        p.put(figures(str(n), left + max(n, b) * unit + 24, y + 18, 38), T4 if less else T0, 1 if less else 0, width=7)
    p.put(line((left, top - 18), (left, top + 9 * row - 2)), T0, width=8)
    return p.finish(seed=221, rough=.012, **CITY)


# ---- maps

def distance(inside):
    """Euclidean distance of every pixel to the nearest one inside, exact, at half the size."""
    small = inside[::2, ::2]
    h, w = small.shape
    far = float(h + w)
    column = np.where(small, 0.0, far)
    for y in range(1, h):
        column[y] = np.minimum(column[y], column[y - 1] + 1)
    for y in range(h - 2, -1, -1):
        column[y] = np.minimum(column[y], column[y + 1] + 1)
    x = np.arange(w)
    apart = (x[:, None] - x[None, :]) ** 2
    out = np.empty((h, w), np.float32)
    for y in range(h):
        out[y] = np.sqrt((apart + column[y][None, :] ** 2).min(axis=1))
    big = Image.fromarray(out * 2).resize(inside.shape[::-1], Image.BICUBIC)
    return np.asarray(big)


def softened(a, r):
    """A blurred array: three box filters of radius r, one after the other, are near enough to a bell."""
    n = 2 * r + 1
    for axis in (0, 1) * 3:
        padded = np.pad(a.astype(np.float64), [(r + 1, r) if axis == i else (0, 0) for i in (0, 1)], 'edge')
        sums = np.cumsum(padded, axis)
        a = (np.take(sums, range(n, sums.shape[axis]), axis) - np.take(sums, range(sums.shape[axis] - n), axis)) / n
    return a


def lit(height, strength):
    """Hill shading with the light from the north-west: around 0."""
    gy, gx = np.gradient(height)
    return strength * (gx + gy)


def paint(p, tones):
    """Puts an array of luminances under everything drawn so far and later."""
    data = np.repeat((np.clip(tones, 0, 1) * 255).astype(np.uint8)[..., None], 4, 2)
    surface = cairo.ImageSurface.create_for_data(bytearray(data.tobytes()), cairo.FORMAT_RGB24, p.w, p.h)
    p.tone.set_source_surface(surface)
    p.tone.paint()


def frame(p, cells=24):
    """A chart's border: a line of light and dark cells."""
    e, n = 15, cells * 2 // 3
    for x in range(cells):
        for y in (0, p.h - e):
            p.put(box(x * p.w / cells, y, p.w / cells, e), T0 if x % 2 else T4)
    for y in range(n):
        for x in (0, p.w - e):
            p.put(box(x, y * p.h / n, e, p.h / n), T0 if y % 2 else T4)
    p.put(box(e, e, p.w - 2 * e, p.h - 2 * e), T0, None, width=4)
    p.put(box(2, 2, p.w - 4, p.h - 4), T0, None, width=4)


def place(p, x, y, big=True):
    p.put(dot(x, y, 15 if big else 10), T0)
    p.put(dot(x, y, 11 if big else 7), T4)
    if big:
        p.put(dot(x, y, 5), T0)


def north(p, x, y, tone):
    p.put(figures('N', x, y, 34, .5), tone, width=6)
    p.put(area((x, y + 48), (x - 13, y + 104), (x, y + 92), (x + 13, y + 104)), tone)


def scale(p, x, y, tone, other):
    for i in range(4):
        p.put(box(x + i * 56, y, 56, 13), tone if i % 2 == 0 else other)
    p.put(box(x, y, 224, 13), tone, None, width=3)
    for i, n in ((0, '0'), (2, '10'), (4, '20')):
        p.put(figures(n, x + i * 56, y + 26, 22, .5), tone, width=4)


@drawn('map-strait')
def map_strait():
    p = Plates()
    rng = np.random.default_rng(232)
    y, x = np.mgrid[0:960, 0:1440].astype(np.float32)
    rough = cloud(960, 1440, 260, rng, 5) * 150 + cloud(960, 1440, 60, rng, 4) * 34

    def bump(cx, cy, rx, ry):
        return np.exp(-((x - cx) / rx) ** 2 - ((y - cy) / ry) ** 2)
    west = 455 + 70 * np.sin(y / 190 + .6) + 34 * np.sin(y / 83) - x + 120 * bump(520, 120, 240, 110) - 215 * bump(300, 735, 210, 105) + 60 * bump(460, 880, 180, 70) - 60 * bump(470, 395, 60, 26)
    east = x - (1075 + 80 * np.sin(y / 230 + 3.4) + 30 * np.sin(y / 71 + 1)) + 110 * bump(1040, 700, 150, 90) - 70 * bump(1120, 330, 120, 70)
    farrow = 74 * (1.25 - np.hypot((x - 676) / 62, (y - 610) / 98)) + cloud(960, 1440, 50, rng, 4) * 40
    cray = 16 * (1.3 - np.hypot((x - 748) / 14, (y - 300) / 11)) + cloud(960, 1440, 14, rng, 2) * 10
    land = np.maximum.reduce([west + rough, east + rough, farrow, cray])
    on = land > 0
    off = distance(on)
    inland = distance(~on)
    hills = softened((cloud(960, 1440, 230, rng, 4) + .5) * (1 - np.exp(-inland / 130)), 3)
    tones = np.where(on, np.clip(.29 + lit(hills, 62), .02, .62), T4)
    # Depth: a tint along the shore, then lines further and further apart.
    wavy = off + cloud(960, 1440, 120, rng, 3) * np.minimum(off, 120) * .5
    tones = np.where(~on & (wavy < 15), T3, tones)
    for depth in (34, 62, 100, 148, 205):
        tones = np.where(~on & (np.abs(wavy - depth) < 1.5), T2, tones)
    tones = np.where(~on & (off < 2.4), T0, tones)
    paint(p, tones)
    # The Sarn comes down to Port Averil; the town, its moles.
    p.put(smooth([(-20, 300), (70, 322), (140, 300), (215, 342), (300, 336), (372, 380), (452, 392)], False), T4, width=9)
    p.put(smooth([(-20, 560), (60, 540), (130, 480), (190, 420), (215, 345)], False), T4, width=4)
    rnd = random.Random(5)
    for i in range(9):
        for j in range(6):
            bx, by = 352 + i * 14, 398 + j * 13
            if on[by, min(1439, bx + 14)] and rnd.random() < .82 - .04 * abs(i - 5):
                p.put(box(bx, by, 10, 9), T3)
    for i in range(5):
        for j in range(3):
            if rnd.random() < .7:
                p.put(box(372 + i * 14, 346 + j * 12, 10, 8), T3)
    p.put(smooth([(486, 352), (520, 356), (545, 378)], False), T0, width=8)
    p.put(smooth([(446, 462), (490, 456), (526, 438)], False), T0, width=8)
    place(p, 455, 395)
    for i in range(5):
        for j in range(5):
            if rnd.random() < .62:
                p.put(box(1042 + i * 14, 640 + j * 13, 10, 9), T3)
    place(p, 1042, 668)
    # The lane, and where the pilots wait.
    lane = smooth([(842, -20), (838, 130), (812, 300), (808, 470), (826, 640), (868, 800), (884, 990)], False)
    p.put(lane, T4, 0, width=34)
    p.put(lane, None, 1, width=22)
    for px, py in ((748, 300), (958, 655)):
        p.put(dot(px, py, 38), None, 1, width=10)
    north(p, 92, 62, T4)
    scale(p, 1172, 862, T4, T0)
    frame(p)
    return p.finish(seed=231, rough=.02, **WORLD)


@drawn('map-sarn')
def map_sarn():
    p = Plates()
    rng = np.random.default_rng(243)
    y, x = np.mgrid[0:960, 0:1440].astype(np.float32)
    course = [(1196, 985), (1150, 930), (1168, 872), (1088, 838), (1096, 778), (1010, 764), (962, 716), (972, 660), (930, 616), (846, 600), (800, 548), (716, 540), (690, 484), (610, 470), (590, 410),
              (508, 384), (500, 318), (430, 292), (420, 226), (360, 204), (338, 152), (337, 144)]
    sea = (132 + 46 * np.sin(x / 205 + .9) + 24 * np.sin(x / 76) - y) + cloud(960, 1440, 120, rng, 5) * 70 + 8 * np.exp(-((x - 335) / 40) ** 2)
    wet = sea > 0
    # The course as a dense line of points, to carve the valley.
    fine = cairo.Context(cairo.ImageSurface(cairo.FORMAT_A8, 8, 8))
    smooth(course, False)(fine)
    points = [pt for kind, pt in fine.copy_path_flat() if kind != cairo.PATH_CLOSE_PATH]
    river = np.zeros((960, 1440), bool)
    for (ax, ay), (bx, by) in zip(points, points[1:]):
        n = int(max(abs(bx - ax), abs(by - ay))) + 1
        for k in range(n):
            px, py = int(ax + (bx - ax) * k / n) & ~1, int(ay + (by - ay) * k / n) & ~1
            if 0 <= px < 1440 and 0 <= py < 960:
                river[py, px] = True
    away = distance(river)
    # Mountains in the south-east; a gorge where the river breaks through a ridge.
    folds = 1 - np.abs(cloud(960, 1440, 300, rng, 2) * 2.6)
    crests = 1 - np.abs(cloud(960, 1440, 120, rng, 5) * 2.4)
    rise = np.clip((y - 250) / 640 + (x - 700) / 2600, 0, 1.1) ** 1.25
    ridge = np.exp(-((x - 960) * .55 + (y - 690) * .83) ** 2 / 2 / 62 ** 2) * np.exp(-((x - 960) ** 2 + (y - 690) ** 2) / 2 / 330 ** 2)
    height = rise * (.30 + .55 * crests + .35 * folds) + .55 * ridge * (.6 + .6 * crests)
    height *= 1 - np.exp(-(away / (30 + 34 * (1 - np.clip(ridge * 1.5, 0, 1)))) ** 2)
    tones = .93 - .42 * np.clip(height, 0, 1.2) + np.clip(lit(height, 15), -.45, .40)
    shore = distance(~wet)
    tones = np.where(wet, T1, tones)
    for depth in (16, 38, 68, 106):
        tones = np.where(wet & (np.abs(shore - depth) < 1.6), T2, tones)
    coast = distance(wet)
    tones = np.where(~wet & (coast < 3), T0, tones)
    paint(p, tones)
    # Tributaries, then the river, wider as it goes.
    for t in ([(700, 985), (742, 860), (760, 760), (736, 650), (800, 548)], [(1440, 610), (1320, 640), (1230, 610), (1120, 660), (972, 660)], [(180, 700), (280, 620), (330, 520), (440, 470), (508, 384)],
              [(980, 300), (900, 350), (800, 340), (700, 400), (590, 410)], [(40, 400), (150, 360), (260, 300), (420, 226)]):
        p.put(smooth(t, False), T0, width=3.4)
    for tone, least, more in ((T4, 10, 10), (T0, 4.5, 8)):
        for i, (a, b) in enumerate(zip(points, points[1:])):
            p.put(line(a, b), tone, width=least + more * i / len(points))
    # The border.
    border = smooth([(-20, 520), (110, 498), (230, 452), (360, 462), (470, 434), (600, 438), (720, 392), (860, 420), (1000, 378), (1150, 398), (1290, 340), (1460, 352)], False)
    p.put(border, T4, None, width=12)
    p.put(border, T0, width=6, dash=(26, 16))
    # The dam and its lake.
    lake = smooth([(958, 700), (984, 716), (1016, 742), (1058, 748), (1108, 756), (1136, 792), (1114, 826), (1160, 850), (1190, 884), (1166, 912), (1130, 890), (1132, 868), (1078, 856), (1056, 826), (1072, 790),
                   (1012, 788), (976, 762), (934, 728)])
    p.put(lake, T4, .50)
    p.put(lake, T0, None, width=4)
    p.put(line((914, 706), (986, 676)), T4, 0, width=30)
    p.put(line((918, 704), (982, 678)), None, 1, width=20)
    place(p, 338, 150)
    place(p, 690, 500)
    frame(p)
    return p.finish(seed=241, rough=.03, **SCIENCE)


# ---- cut-paper portraits

# A profile that looks to the left: 100 units from crown to chin. The names say what a sitter may change.
FACE = [('hairline', 37, 13), ('forehead', 27.5, 21), ('forehead', 23.4, 31), ('brow', 21.6, 39.2), ('root', 24.6, 45), ('bridge', 21.4, 51), ('tip', 13.6, 60.2), ('tip', 14.8, 63.4), ('base', 21.4, 65.4),
        ('lip', 20.6, 68.8), ('lip', 18.4, 71.4), ('mouth', 21.8, 73.4), ('lip', 19.6, 75.8), ('cleft', 23.0, 79.2), ('chin', 20.8, 85), ('chin', 24.6, 90.6), ('under', 33, 92.4), ('throat', 44, 96), ('throat', 47.6, 104),
        ('throat', 46, 114)]


def profile(**move):
    """The front of a face as points, each named group moved by (dx, dy)."""
    return [(x + move.get(n, (0, 0))[0], y + move.get(n, (0, 0))[1]) for n, x, y in FACE]


SKULL = [(70, 120), (79, 112), (77.6, 98), (77, 86), (81, 72), (87, 56), (89.4, 39), (86, 22), (76, 9.5), (62, 4), (48, 6)]
COAT = [(-30, 170), (-24, 150), (-6, 137), (18, 127), (37, 118), (46, 121), (62, 123), (78, 114), (92, 119), (112, 129), (131, 141), (140, 154), (146, 170)]


class Sitter(Plates):
    """Sheets of paper laid on each other: each throws a hard little shadow to the lower right."""

    def __init__(self, right, size=6.1, at=(400, 74), ground=T3):
        super().__init__(ground=ground)
        self.size, self.at, self.right = size, at, right

    def pose(self):
        for c in (self.tone, self.spot):
            if self.right:
                c.translate(self.w, 0)
                c.scale(-1, 1)
            c.translate(*self.at)
            c.scale(self.size, self.size)

    def sheet(self, path, tone, spot=0.0, shadow=None):
        if shadow is not None:
            for c in (self.tone, self.spot):
                c.save()
                c.translate(-1.5 if self.right else 1.5, 1.9)
            self.put(path, shadow, None)
            for c in (self.tone, self.spot):
                c.restore()
        self.put(path, tone, spot)


def backdrop(s, kind):
    if kind == 'disc':
        s.sheet(dot(742, 420, 372), T4)
    elif kind == 'arch':
        def arch(c):
            c.move_to(330, 970)
            c.line_to(330, 430)
            c.arc(700, 430, 370, math.pi, 2 * math.pi)
            c.line_to(1070, 970)
            c.close_path()
        s.sheet(arch, T4)
    elif kind == 'sea':
        s.sheet(box(0, 0, 1440, 560), T4)
        for i in range(9):
            w = smooth([(-40 + k * 92, 600 + i * 46 + (7 if (k + i) % 2 else -7)) for k in range(18)], False)
            s.put(w, T2, width=5)
    else:
        s.sheet(area((0, 0), (1010, 0), (520, 960), (0, 960)), T4)


@drawn('portrait-marsh')
def portrait_marsh():
    s = Sitter(True)
    backdrop(s, 'disc')
    s.pose()
    face = profile(hairline=(7, -3), forehead=(1.2, -1.5), brow=(-1.0, 0), bridge=(-2.6, 0), tip=(-3.0, 1.4), base=(.4, .8), lip=(1.0, .6), chin=(-.6, .6), under=(1, 1.6), throat=(-1.5, 1))
    head = smooth(face + SKULL)
    s.sheet(smooth(COAT), T0, shadow=T2)
    s.sheet(head, T1, shadow=T2)
    # Hair: a short crop from the temple round to the nape, thin on top; the ear stands in it.
    s.sheet(smooth([(45, 6.5), (58, 2.6), (72, 5), (84, 15), (91, 31), (91, 47), (87, 62), (82, 76), (77.6, 88), (72.5, 88), (71, 77), (66.5, 71), (66, 62), (64.5, 50), (62, 39), (61, 27), (57, 16), (50, 11)]), T0)
    s.sheet(smooth([(62, 50), (67, 47), (71, 50), (71.4, 58), (68, 65), (64.6, 69), (62.4, 66), (63, 58)]), T1)
    s.put(smooth([(64.6, 52.5), (68.4, 51.5), (68.8, 56.5), (66, 61.5)], False), T0, width=1.0)
    s.put(smooth([(25, 36.4), (29, 34.2), (35, 34.6), (39, 36.8), (35, 36.6), (29.5, 36.6)]), T0)
    s.put(smooth([(31, 66), (33.6, 70), (33.2, 75)], False), T0, width=.8)
    # Jaw's shadow, shirt collar, tie and lapel.
    s.put(smooth([(33, 93.6), (45, 93), (58, 87), (67, 77), (64, 92), (56, 103), (47.4, 107), (45.6, 98.6)]), T0)
    s.sheet(area((42, 122), (46, 108), (58, 116), (70, 113), (79.5, 103), (85, 113), (78, 124), (58, 132), (52, 146)), T3)
    s.sheet(area((46, 106.5), (56, 115), (68, 113), (79.6, 101.5), (84.4, 112), (76, 121), (61, 134), (53, 121), (41.6, 133), (40.6, 117)), T4, 1)
    s.sheet(area((52.6, 122), (57, 129), (55, 148), (46, 148), (47, 127.6)), T0)
    s.sheet(area((84.4, 112), (98, 122), (104, 150), (56, 150), (61, 134), (76, 121)), T0)
    s.sheet(area((40.6, 117), (33, 122), (26, 150), (46, 150), (43, 133)), T0)
    s.put(line((84, 113), (70, 132), (76, 136), (64, 150)), T2, width=.8)
    # Round glasses, cut out of the paper.
    s.put(dot(30.2, 46.6, 7.0), T4, width=1.5)
    s.put(line((37.2, 45.6), (63, 49.6)), T4, width=1.4)
    s.put(line((23.4, 44.8), (21.2, 46)), T4, width=1.4)
    return s.finish(seed=251, **CULTURE)


@drawn('portrait-crane')
def portrait_crane():
    s = Sitter(False)
    backdrop(s, 'arch')
    s.pose()
    face = profile(hairline=(-1, 1), forehead=(.8, .5), brow=(.8, 0), root=(-.6, 0), bridge=(.6, .3), tip=(2.0, -.6), base=(.6, -.4), lip=(-.4, 0), mouth=(.2, 0), chin=(1.2, -.8), cleft=(.6, -.3), under=(2.4, -.6), throat=(4, 0))
    s.sheet(smooth(COAT), T0, shadow=T2)
    s.sheet(smooth(face + [(68, 120)] + [(x - (3.2 if y > 70 else 0), y) for x, y in SKULL[1:]]), T1, shadow=T2)
    # The bun first, then hair drawn back over the ear.
    s.sheet(smooth([(79, 24), (87, 15), (98, 15), (105, 24), (105, 36), (98, 45), (88, 46), (80, 38)]), T0, shadow=T2)
    s.put(smooth([(85, 27), (93, 22), (100, 28), (97, 37), (89, 37)], False), T2, width=.9)
    s.sheet(smooth([(31, 19.5), (35, 9), (47, 1.6), (62, -.6), (76, 4), (86, 14), (91, 29), (90, 43), (85, 56), (79, 66), (74, 80), (69.6, 82), (68, 72), (63, 68), (58, 62), (55, 52), (49, 40), (41, 29.5)]), T0)
    for k in range(3):
        s.put(smooth([(44 + k * 7, 24 - k * 5), (60 + k * 5, 24 - k * 4), (76 + k * 2, 29 - k * 3), (86, 35 - k * 3)], False), T2, width=.7)
    s.sheet(smooth([(60, 53), (64, 50), (68, 53), (68, 60), (64.8, 66), (62, 68), (60, 64)]), T1)
    s.put(dot(62.4, 70.6, 1.5), T4)
    s.put(smooth([(25.6, 38.2), (29, 35.4), (34.4, 35), (39.4, 37.4), (34.4, 36.7), (29.4, 37.3)]), T0)
    s.put(smooth([(28.2, 47.4), (31.4, 49.4), (35.6, 48.4)], False), T0, width=1.1)
    s.put(smooth([(36, 92.2), (46, 91.6), (57, 85), (65, 74), (63, 90), (57, 101), (51, 105), (48, 98)]), T0)
    # The scarf: a turn round the neck, a knot, two ends.
    s.sheet(smooth([(50, 128), (47, 142), (45, 158), (47, 176), (62, 176), (60, 156), (63, 140), (62, 128)]), T4, 1, shadow=T0)
    s.sheet(smooth([(37, 117), (43, 107), (54, 105), (66, 104.5), (77, 98), (84, 103), (86, 112), (79, 121), (66, 129), (51, 131), (41, 127)]), T4, 1)
    for k in range(3):
        s.put(smooth([(40 + k * 2, 117 + k * 4.2), (54, 116 + k * 5), (68, 113 + k * 5), (82, 104.6 + k * 5.4)], False), T1, None, width=.8)
    s.put(smooth([(52, 133), (50, 148), (52, 168)], False), T1, None, width=.7)
    s.put(smooth([(57.4, 134), (55.4, 150), (57, 168)], False), T1, None, width=.7)
    return s.finish(seed=261, **SCIENCE)


@drawn('portrait-valen')
def portrait_valen():
    s = Sitter(True)
    backdrop(s, 'sea')
    s.pose()
    face = profile(forehead=(.4, 0), brow=(-1.2, .4), bridge=(-1.8, .4), tip=(-1.6, 1.6), base=(-.4, 1), lip=(-.2, 1), chin=(-.4, 1))
    s.sheet(smooth([(x * 1.06 - 4, y + (0 if y > 160 else -2)) for x, y in COAT]), T0, shadow=T2)
    s.sheet(smooth(face + SKULL), T1, shadow=T2)
    # Beard from the ear to the chin, full and short, the moustache over the mouth.
    s.sheet(smooth([(22.4, 66.6), (17.6, 70.4), (17.2, 73), (21.2, 74.4), (17.2, 77), (15.4, 84), (16.8, 93), (23, 101), (33, 105.6), (45, 104), (56, 96), (63.6, 84), (66, 70), (64.8, 60), (60, 60), (58, 70), (51, 78), (42, 77), (34, 69), (27, 66)]), T0)
    for k in range(5):
        s.put(smooth([(24 + k * 7, 82 + k * .4), (24.4 + k * 7, 90 - k), (29 + k * 6.6, 98 - k * 2.6)], False), T2, width=.65)
    # Grey hair under the cap, and the ear.
    s.sheet(smooth([(60, 36), (74, 34), (89, 36), (89.4, 48), (86, 62), (81, 74), (77, 87), (71.6, 86), (70.6, 76), (67.6, 70), (66, 58), (62.4, 50)]), T0)
    s.sheet(smooth([(62.4, 49), (67, 46), (71.4, 49), (71.6, 57), (68, 64), (64.8, 67), (62.8, 64)]), T1)
    s.put(smooth([(65, 51.5), (68.8, 50.6), (69, 55.6), (66.2, 60.6)], False), T0, width=1.0)
    s.put(smooth([(23.4, 38.6), (27, 35.4), (33.4, 35), (39.6, 38.4), (34, 38.2), (28, 38.4)]), T0)
    s.put(smooth([(27.4, 46.6), (31, 48.8), (36, 47.4)], False), T0, width=1.2)
    s.put(smooth([(37, 46.4), (41, 45)], False), T0, width=.7)
    s.put(smooth([(37, 48.4), (41.4, 49)], False), T0, width=.7)
    # The cap: peak, band in spot ink, crown.
    s.sheet(smooth([(29, 31.6), (20, 33.4), (11.6, 38), (9.4, 40.6), (14, 41.4), (24, 39.4), (34, 37.4)]), T0, shadow=T0)
    s.sheet(smooth([(24, 26), (40, 27.6), (60, 28.4), (80, 27), (89.6, 24.8), (91, 31), (90, 36.6), (74, 38.2), (54, 38.4), (36, 37.4), (25.4, 35.2)]), T4, 1)
    s.sheet(smooth([(22, 24), (16, 15), (22, 6.6), (38, 1.4), (58, -1.4), (78, 1), (94, 8), (100, 17), (93, 25.4), (80, 28.4), (60, 29.6), (40, 29)]), T0)
    s.put(smooth([(26, 21), (42, 23.6), (62, 24), (82, 22.4), (93, 18)], False), T2, width=.8)
    s.put(dot(31.4, 31.8, 2.8), T0)
    s.put(dot(31.4, 31.8, 1.3), T4, 1)
    # The pea coat: collar turned up, buttons.
    s.sheet(smooth([(28, 128), (34, 115), (46, 105), (50, 112), (62, 112), (76, 98), (86, 96), (96, 108), (98, 122), (84, 132), (64, 140), (44, 141), (32, 138)]), T0)
    s.put(smooth([(33, 136), (37, 121), (47, 109.4), (52, 117), (66, 117.4), (80, 104), (87.6, 101.4)], False), T3, width=.9)
    s.put(line((50, 118), (45, 139), (46, 150)), T3, width=.9)
    return s.finish(seed=271, **CITY)


@drawn('portrait-lotz')
def portrait_lotz():
    s = Sitter(False, size=5.75, at=(428, 122))
    backdrop(s, 'slant')
    s.pose()
    face = profile(hairline=(-2, 2), forehead=(.6, .6), brow=(1.4, .4), root=(-.2, 0), bridge=(1.2, 1), tip=(2.6, -.2), base=(.8, -.2), lip=(-1.2, 0), mouth=(-.4, 0), chin=(1.4, -.8), cleft=(.6, -.2), under=(2.2, -.8), throat=(4.4, 0))
    rnd = random.Random(17)
    # Curls behind the shoulder, the bust, then curls before it.
    hair = [(29, 18), (33, 6), (46, -5), (62, -9), (79, -6), (93, 4), (103, 20), (108, 38), (108, 58), (111, 78), (108, 98), (101, 112), (88, 118), (78, 112), (73, 98), (70, 84), (62, 70), (56, 56), (49, 43), (40, 32)]

    def curls(points, r0, r1):
        def path(c):
            smooth(points)(c)
            n = len(points)
            for i in range(n - 3):
                (ax, ay), (bx, by) = points[i], points[i + 1]
                k = max(2, int(math.hypot(bx - ax, by - ay) / 5.2))
                for j in range(k):
                    f = (j + rnd.random() * .6) / k
                    px, py, r = ax + (bx - ax) * f + rnd.uniform(-1.2, 1.2), ay + (by - ay) * f + rnd.uniform(-1.2, 1.2), rnd.uniform(r0, r1)
                    c.new_sub_path()
                    c.arc(px, py, r, 0, 2 * math.pi)
        return path
    state = rnd.getstate()

    def same(path):
        def again(c):
            rnd.setstate(state)
            path(c)
        return again
    for c in (s.tone, s.spot):
        c.set_fill_rule(cairo.FILL_RULE_WINDING)
    s.sheet(same(curls(hair, 3.6, 6.4)), T0, shadow=T2)
    s.sheet(smooth(COAT), T1, shadow=T2)
    s.sheet(smooth(face + [(66, 120)] + [(x - (4 if y > 70 else 2), y) for x, y in SKULL[1:]]), T1, shadow=T2)
    s.sheet(same(curls(hair, 3.6, 6.4)), T0)
    # Loops in the hair, drawn with the knife's point.
    loops = random.Random(23)
    for _ in range(46):
        a, d = loops.uniform(-2.6, 1.5), loops.uniform(12, 40)
        px, py = 76 + d * .74 * math.cos(a), 38 + d * 1.35 * math.sin(a) + (14 if a > 0 else 0)
        if px < 54 + max(0, py - 20) * .36 or py > 110:
            continue
        r, turn = loops.uniform(2.2, 4.4), loops.uniform(0, 6.28)
        s.put(lambda c, px=px, py=py, r=r, turn=turn: (c.new_sub_path(), c.arc(px, py, r, turn, turn + 4.1)), T2, width=.8)
    s.put(smooth([(26.4, 38.6), (30, 35.8), (35.4, 35.8), (39.6, 38.4), (35, 37.7), (30.2, 37.8)]), T0)
    s.put(smooth([(37, 91.4), (46, 91), (57, 85), (66, 76), (64, 92), (57, 101), (51, 105), (48.6, 98)]), T0)
    s.put(smooth([(23, 73.6), (26, 73.8), (28.4, 72.2)], False), T0, width=.8)
    # The collar in spot ink, over a dark jersey.
    s.sheet(smooth([(-30, 172), (-24, 151), (-6, 139), (18, 130), (38, 121), (52, 129), (66, 128), (80, 116), (96, 123), (114, 132), (132, 143), (146, 172)]), T0)
    s.sheet(area((49.6, 105), (57, 113), (67, 112), (76, 103.6), (83, 114), (85, 128), (70, 123), (58, 138), (52, 121.6), (39, 134), (38, 118)), T4, 1)
    s.put(line((52.4, 122), (57, 113.6)), T1, None, width=.8)
    # Large glasses, cut out.
    def lens(c):
        smooth([(24.6, 42.6), (31, 40.8), (38.4, 42), (39.2, 48.4), (35.4, 53.6), (29, 54), (25, 49.6)])(c)
    s.put(lens, T4, width=1.6)
    s.put(line((38.8, 44.4), (60, 47.6)), T4, width=1.5)
    s.put(line((24.8, 44.2), (22.6, 45.4)), T4, width=1.4)
    return s.finish(seed=281, **NIGHT)
