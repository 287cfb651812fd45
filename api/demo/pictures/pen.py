"""What the pictures are drawn with: shapes in the shades of one color, on paper that lets that color stand out."""

from colorsys import hls_to_rgb, rgb_to_hls
from random import Random

_LIGHT_PAPERS = (("#f3efe8", "#ddd5c8"), ("#edf0ee", "#ccd6d2"), ("#f2ece9", "#dccdc6"), ("#eef0f4", "#ccd3de"))
_DEEP_PAPERS = (("#b9b2a2", "#94907f"), ("#a3b0ac", "#7c8d89"), ("#b5a196", "#917a70"), ("#9fabb8", "#76869a"))
# Above this lightness a color would vanish on light paper.
_PALE = 0.76
_PATTERNS = {
    "striped": '<pattern id="p" width="18" height="18" patternUnits="userSpaceOnUse"><path d="M0 4.5H18" stroke="{ink}" '
    'stroke-width="6"/></pattern>',
    "checked": '<pattern id="p" width="24" height="24" patternUnits="userSpaceOnUse"><path d="M0 6H24M6 0V24" '
    'stroke="{ink}" stroke-width="11" stroke-opacity=".5"/></pattern>',
    "dotted": '<pattern id="p" width="22" height="22" patternUnits="userSpaceOnUse"><circle cx="5" cy="5" r="3" fill="{ink}"/>'
    '<circle cx="16" cy="16" r="3" fill="{ink}"/></pattern>',
}


class Pen:
    """Draws in a square of 400; `chance` is the same for the same shape and number, so that pictures stay as they are."""

    def __init__(self, shade: str, cut: str, seed: str) -> None:
        self.chance = Random(seed)
        self.base = shade
        self.lightness = _hls(shade)[1]
        self.is_pale = self.lightness > _PALE
        self.light = tinted(shade, 1.14)
        self.dark = tinted(shade, 0.78)
        self.deep = tinted(shade, 0.55)
        # What is sewn or cut into a nearly black thing must be lighter than it.
        self.line = tinted(shade, 1.9) if self.lightness < 0.2 else self.deep
        self.cut = cut
        self.is_plain = cut not in _PATTERNS
        self._parts: list[str] = []

    def body(self, path: str, fill: str | None = None) -> None:
        """A main part: in its color and pattern, with light from the left."""
        self.flat(path, fill or self.base)
        if not self.is_plain and fill is None:
            self.flat(path, "url(#p)")
        self.flat(path, "url(#s)")

    def flat(self, path: str, fill: str, opacity: float = 1) -> None:
        faint = f' opacity="{opacity:g}"' if opacity < 1 else ""
        self._parts.append(f'<path d="{path}" fill="{fill}"{faint}/>')

    def stroke(self, path: str, color: str, width: float = 8) -> None:
        self._parts.append(f'<path d="{path}" fill="none" stroke="{color}" stroke-width="{width:g}"/>')

    def seam(self, path: str, *, stitched: bool = False, width: float = 2) -> None:
        dashes = ' stroke-dasharray="5 4"' if stitched else ""
        self._parts.append(
            f'<path d="{path}" fill="none" stroke="{self.line}" stroke-width="{width:g}" stroke-opacity=".55"{dashes}/>'
        )

    def shine(self, path: str, width: float = 6) -> None:
        self._parts.append(
            f'<path d="{path}" fill="none" stroke="#fff" stroke-width="{width:g}" stroke-opacity=".38"/>'
        )

    def disk(self, x: float, y: float, r: float, fill: str) -> None:
        self._parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{fill}"/>')

    def oval(self, x: float, y: float, rx: float, ry: float, fill: str) -> None:
        self._parts.append(f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" fill="{fill}"/>')

    def glow(self, x: float, y: float, r: float) -> None:
        """Lamps are on."""
        self._parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="url(#g)"/>')

    def ground(self, x: float, y: float, rx: float) -> None:
        """The shadow of what stands there."""
        self._parts.append(
            f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="9" fill="#1b1a17" opacity=".2" filter="url(#b)"/>'
        )

    def picture(self, title: str, *, is_flat: bool) -> str:
        """Flat things lie on the paper, others stand in front of a wall."""
        near, far = (_DEEP_PAPERS if self.is_pale else _LIGHT_PAPERS)[self.chance.randrange(len(_LIGHT_PAPERS))]
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="800" height="800" role="img">'
            f"<title>{title}</title><defs>"
            f'<linearGradient id="w" x2=".6" y2="1"><stop stop-color="{near}"/><stop offset="1" stop-color="{far}"/>'
            '</linearGradient><linearGradient id="s" x2="1" y2=".7"><stop stop-color="#fff" stop-opacity=".22"/>'
            '<stop offset=".45" stop-color="#fff" stop-opacity="0"/><stop offset="1" stop-opacity=".2"/></linearGradient>'
            '<radialGradient id="g"><stop stop-color="#fff3c4" stop-opacity=".85"/>'
            '<stop offset="1" stop-color="#fff3c4" stop-opacity="0"/></radialGradient>'
            '<filter id="b" x="-20%" y="-200%" width="140%" height="500%"><feGaussianBlur stdDeviation="6"/></filter>'
            '<filter id="d" x="-20%" y="-20%" width="140%" height="150%"><feDropShadow dx="3" dy="7" stdDeviation="7" '
            'flood-color="#1b1a17" flood-opacity=".28"/></filter>'
            f"{_PATTERNS.get(self.cut, '').format(ink=self._ink())}</defs>"
            f'<rect width="400" height="400" fill="url(#w)"/>{self._backdrop(is_flat=is_flat)}'
            f'<g stroke-linejoin="round" stroke-linecap="round"{" filter=" + chr(34) + "url(#d)" + chr(34) if is_flat else ""}>'
            f"{''.join(self._parts)}</g></svg>\n"
        )

    def _ink(self) -> str:
        return self.dark if self.is_pale else tinted(self.base, 1.35)

    def _backdrop(self, *, is_flat: bool) -> str:
        by = self.chance.randint(-16, 16)
        if is_flat:
            shapes = (
                f'<circle cx="{200 + by / 2:g}" cy="{204 - by / 4:g}" r="{154 + by}"/>',
                f'<rect x="{56 - by}" y="{48 - by / 2:g}" width="{288 + 2 * by}" height="{304 + by}" rx="22"/>',
            )
            return f'<g fill="#fff" opacity=".2">{self.chance.choice(shapes)}</g>'
        behind = (
            f'<path d="M{78 - by} 320V188A{122 + by} {122 + by} 0 0 1 {322 + by} 188V320Z"/>',
            f'<circle cx="{200 - by}" cy="176" r="{130 + by}"/>',
            f'<circle cx="{262 + by}" cy="{128 - by}" r="{70 + by}"/>',
        )
        floor = '<path d="M0 320H400V400H0Z" fill="#201c16" opacity=".09"/>'
        return f'<g fill="#fff" opacity=".24">{self.chance.choice(behind)}</g>{floor}'


def tinted(shade: str, factor: float) -> str:
    """Darker below 1, lighter above."""
    hue, lightness, saturation = _hls(shade)
    toward_white = lightness + (1 - lightness) * min(factor - 1, 1)
    mixed = toward_white if factor > 1 else lightness * factor
    if factor < 1 and lightness > _PALE:
        # The shade of cream is no mustard.
        saturation *= 0.6
    red, green, blue = hls_to_rgb(hue, min(mixed, 0.98), saturation)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _hls(shade: str) -> tuple[float, float, float]:
    red, green, blue = (int(shade[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return rgb_to_hls(red, green, blue)
