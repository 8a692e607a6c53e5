"""Two plates become a print: one key ink in five flat tones, one spot ink, cream paper."""
import numpy as np
from PIL import Image

PAPER = '#f3ede0'
TONES = 5


def rgb(text):
    return np.array([int(text[i:i + 2], 16) for i in (1, 3, 5)], np.float32) / 255


def cloud(h, w, cell, rng, octaves=3):
    """Smooth noise around 0, at most about +-.5; its largest blots are `cell` pixels wide."""
    total, weight, a = np.zeros((h, w), np.float32), 0.0, 1.0
    for o in range(octaves):
        rows, columns = max(2, int(h / cell * 2 ** o)), max(2, int(w / cell * 2 ** o))
        grid = Image.fromarray(rng.random((rows, columns)).astype(np.float32))
        total += a * (np.asarray(grid.resize((w, h), Image.BICUBIC)) - .5)
        weight += a
        a *= .55
    return total / weight


def settle(dark):
    """Moves the borders between the tones to where few pixels are, so that an even surface falls within one tone."""
    count, edges = np.histogram(dark, 200, (0, 1))
    kernel = np.hanning(13)
    count = np.convolve(np.sqrt(count), kernel / kernel.sum(), 'same')
    nominal = (np.arange(TONES - 1) + .5) / (TONES - 1)
    borders = []
    for n in nominal:
        near = np.arange(int((n - .075) * 200), int((n + .075) * 200) + 1)
        borders.append((near[np.argmin(count[near] * (1 + 4 * (near / 200 - n) ** 2 / .01))] + .5) / 200)
    return np.interp(dark, [0, *borders, 1], [0, *nominal, 1]).astype(np.float32)


def ink(tone, spot, key, colour, seed=1, gamma=1.0, rough=.028, grain=.15, low=.5, high=99.7, knock=0.0):
    """`tone`: luminance 0-1. `spot`: 0-1, where the spot ink goes. Both (h, w). Gives an RGB image.

    rough moves the cut edge between two tones, grain stipples it as a litho stone does; low and high are the
    percentiles of darkness that become bare paper and full ink. knock keeps that much of the key ink away from
    under the spot ink, so that a glow brightens.
    """
    rng = np.random.default_rng(seed)
    h, w = tone.shape
    dark = 1 - tone
    lo, hi = np.percentile(dark, low), np.percentile(dark, high)
    dark = np.clip((dark - lo) / max(hi - lo, 1e-6), 0, 1) ** gamma
    dark = settle(dark) * (1 - knock * spot)
    # Five tones: the edge wanders a little, and crumbles.
    x = np.clip(dark + cloud(h, w, 34, rng) * rough * 1.5, 0, 1) * (TONES - 1)
    step = np.floor(x)
    crumbs = cloud(h, w, 3, rng, 1) * 2
    plate = (step + 1 / (1 + np.exp(-16 * (x - step - .5 + crumbs * grain)))) / (TONES - 1)
    # The ink lies unevenly: thin in broad patches, missing in small flecks.
    flecks = np.clip((cloud(h, w, 3.2, rng, 2) - .31) * 4, 0, 1) * .40
    plate = np.clip(plate * (1 - flecks) * (1 + .06 * cloud(h, w, 110, rng)), 0, 1)
    # The spot plate never sits quite right.
    spot = np.pad(spot, ((0, 2), (3, 0)), 'edge')[2:, :w]
    spot = 1 / (1 + np.exp(-14 * (spot - .45 + cloud(h, w, 3, rng, 1) * .44)))
    spot *= 1 - np.clip((cloud(h, w, 4, rng, 2) - .29) * 4, 0, 1) * .40
    out = np.ones((h, w, 3), np.float32) * rgb(PAPER)
    out *= 1 - spot[..., None] * (1 - rgb(colour))
    out *= 1 - plate[..., None] * (1 - rgb(key))
    out += (cloud(h, w, 5, rng, 1) * .010)[..., None]
    return Image.fromarray((np.clip(out, 0, 1) * 255 + .5).astype(np.uint8))


def covered(spot):
    """The share of the paper that the spot ink takes."""
    return float((spot > .5).mean())
