"""Colours of figures, as paper, screens and colour-blind readers show them."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from opslib.present.theme import DOWN, MUTED, PALETTE, TOTAL, UP

WHITE, DARK_PAGE = "#ffffff", "#14181e"
SEEN_BY = {
    "everybody": np.eye(3),
    "protanopes": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopes": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopes": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
"""Linear RGB to linear RGB: Machado, Oliveira and Fernandes (2009), severity 1."""
TO_CONES = np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]])
TO_OKLAB = np.array(
    [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]
)
"""Ottosson, "A perceptual color space for image processing" (2020)."""


def linear(colour: str) -> np.ndarray:
    shares = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Return the ratio of WCAG 2.2."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def distance(one: str, other: str, seen: np.ndarray) -> float:
    """Return how far apart two colours are in OKLab to somebody."""
    places = [TO_OKLAB @ np.cbrt(TO_CONES @ np.clip(seen @ linear(c), 0, 1)) for c in (one, other)]
    return float(np.linalg.norm(places[0] - places[1]))


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", WHITE) == pytest.approx(21)
    assert contrast("#777777", WHITE) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("page", [WHITE, DARK_PAGE])
def test_every_colour_stands_out_from_the_page(page: str) -> None:
    faint = [c for c in (*PALETTE, UP, DOWN, TOTAL, MUTED) if contrast(c, page) < 3]
    assert faint == []


@pytest.mark.parametrize("reader", SEEN_BY)
def test_no_two_colours_are_one_to_a_reader(reader: str) -> None:
    seen = np.array(SEEN_BY[reader])
    alike = [pair for pair in combinations(PALETTE, 2) if distance(*pair, seen) < 0.07]
    assert alike == []
    assert distance(UP, DOWN, seen) >= 0.07
    assert all(distance(*pair, seen) > 0.04 for pair in product((UP, DOWN), (TOTAL, MUTED)))
