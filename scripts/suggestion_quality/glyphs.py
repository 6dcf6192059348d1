"""Look-alike characters by their pictures: what a reader or a scanner takes for one another.

Characters are drawn in a Chinese font, blurred, and compared point by point, so that the errors made
with it owe nothing to the decomposition that corrections know.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = 40
BLUR = 1.2
NEIGHBOURS = 5
LEAST_SIMILARITY = 0.75


def look_alikes(chars: Sequence[str]) -> dict[str, list[str]]:
    """For each character up to five of the others that look most like it, the closest first."""
    pictures = np.stack([_picture(char, _font()) for char in chars])
    pictures -= pictures.mean(axis=1, keepdims=True)
    pictures /= np.linalg.norm(pictures, axis=1, keepdims=True)
    found = {}
    for number, char in enumerate(chars):
        similarity = pictures @ pictures[number]
        similarity[number] = -1.0
        closest = np.argpartition(-similarity, NEIGHBOURS)[:NEIGHBOURS]
        closest = closest[np.argsort(-similarity[closest])]
        alike = [chars[n] for n in closest.tolist() if similarity[n] >= LEAST_SIMILARITY]
        if alike:
            found[char] = alike
    return found


def _font() -> ImageFont.FreeTypeFont:
    asked = subprocess.run(
        ["fc-match", "--format=%{file}\n%{index}", "Noto Sans CJK SC:lang=zh-cn"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    path, index = asked.stdout.split("\n")
    if "CJK" not in path:
        raise FileNotFoundError("no Noto CJK font; on Debian: apt-get install fonts-noto-cjk")
    return ImageFont.truetype(path, SIZE - 8, index=int(index) & 0xFFFF)


def _picture(char: str, font: ImageFont.FreeTypeFont) -> NDArray[np.float32]:
    image = Image.new("L", (SIZE, SIZE))
    ImageDraw.Draw(image).text((SIZE / 2, SIZE / 2), char, 255, font, anchor="mm")
    blurred = image.filter(ImageFilter.GaussianBlur(BLUR))
    return np.asarray(blurred, np.float32).reshape(-1)
