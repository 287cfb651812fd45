"""What can be seen in a picture, by the eyes of a browser: it decodes the PNG and counts its colors."""

import base64
import json
from dataclasses import dataclass

from tests.browser.devtools import Page

_COUNT = """
(async ([png, area]) => {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const { x, y, width, height } = area ?? { x: 0, y: 0, width: bitmap.width, height: bitmap.height };
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(bitmap, -x, -y);
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const name = (pixel) => [0, 8, 16].map((shift) => ((pixel >> shift) & 255).toString(16).padStart(2, "0")).join("");
  return Object.fromEntries([...counts].map(([pixel, count]) => [`#${name(pixel)}`, count / pixels.length]));
})
"""


@dataclass(frozen=True, slots=True)
class Area:
    """In whole pixels."""

    x: int
    y: int
    width: int
    height: int


async def colors(eyes: Page, png: bytes, area: Area | None = None) -> dict[str, float]:
    """Each color, such as `#0f766e`, with its share of the area, or of the whole picture."""
    place = None if area is None else {"x": area.x, "y": area.y, "width": area.width, "height": area.height}
    arguments = json.dumps([base64.b64encode(png).decode(), place])
    counted: dict[str, float] = await eyes.evaluate(f"{_COUNT}({arguments})")
    return counted
