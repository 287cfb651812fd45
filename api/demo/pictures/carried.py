"""Bags, and what goes into them on the way to a mountain."""

from collections.abc import Callable

from api.demo.pictures.pen import Pen

_STRAP = "#4b3b2f"
_METAL = "#c6a24f"


def backpack(pen: Pen) -> None:
    pen.ground(200, 324, 110)
    pen.stroke("M176 84 Q178 58 200 58 Q222 58 224 84", pen.dark, 9)
    pen.body("M112 150 Q112 78 200 78 Q288 78 288 150 L298 306 Q298 322 282 322 H118 Q102 322 102 306 Z")
    pen.body("M110 160 Q112 84 200 84 Q288 84 290 160 Q290 184 270 188 H130 Q110 184 110 160 Z", pen.light)
    pen.body("M132 224 H268 V296 Q268 306 258 306 H142 Q132 306 132 296 Z", pen.dark)
    pen.seam("M132 244 H268", stitched=True)
    pen.stroke("M158 176 V224 M242 176 V224", _STRAP, 9)
    pen.flat("M150 198 h16 v14 h-16 z M234 198 h16 v14 h-16 z", _METAL)
    pen.stroke("M102 240 Q84 262 96 300 M298 240 Q316 262 304 300", pen.dark, 9)


def tote(pen: Pen) -> None:
    pen.ground(200, 324, 120)
    pen.stroke("M142 168 Q146 66 200 66 Q254 66 258 168", pen.dark, 12)
    pen.body("M92 148 H308 L322 312 Q322 322 310 322 H90 Q78 322 78 312 Z")
    pen.seam("M91 164 H309", stitched=True)
    pen.stroke("M158 148 Q160 98 200 98 Q240 98 242 148", pen.base, 12)
    pen.stroke("M158 148 V196 M242 148 V196", pen.dark, 12)
    if pen.is_plain:
        pen.flat("M170 238 h60 v34 h-60 z", pen.light, 0.8)
        pen.seam("M182 250 h36 M190 260 h20")


def duffel(pen: Pen) -> None:
    pen.ground(200, 324, 150)
    pen.stroke("M130 214 Q134 112 200 112 Q266 112 270 214", _STRAP, 12)
    pen.body("M62 222 Q62 168 116 166 H284 Q338 168 338 222 V288 Q338 322 304 322 H96 Q62 322 62 288 Z")
    pen.flat("M62 222 Q62 168 112 166 Q92 196 92 244 Q92 300 112 322 H96 Q62 322 62 288 Z", pen.dark)
    pen.flat("M338 222 Q338 168 288 166 Q308 196 308 244 Q308 300 288 322 H304 Q338 322 338 288 Z", pen.dark)
    pen.stroke("M130 176 V320 M270 176 V320", _STRAP, 12)
    pen.stroke("M104 184 H296", pen.deep, 5)
    pen.flat("M196 180 h26 v9 h-26 z", _METAL)


def hipbag(pen: Pen) -> None:
    pen.stroke("M40 156 Q200 84 360 156", pen.deep, 20)
    pen.flat("M172 96 h56 v34 h-56 z", "#2b2a28")
    pen.body("M74 168 Q200 128 326 168 Q334 262 264 274 H136 Q66 262 74 168 Z")
    pen.stroke("M96 182 Q200 150 304 182", pen.deep, 6)
    pen.flat("M290 172 l26 14 -5 9 -26 -14 z", _METAL)
    pen.seam("M112 222 Q200 206 288 222 M140 268 Q134 240 138 218 M260 268 Q266 240 262 218")


def messenger(pen: Pen) -> None:
    pen.ground(200, 324, 140)
    pen.stroke("M88 196 Q104 60 200 56 Q296 60 312 196", _STRAP, 14)
    pen.body("M72 180 H328 V304 Q328 322 310 322 H90 Q72 322 72 304 Z", pen.dark)
    pen.body("M66 168 H334 V254 Q334 276 312 276 H88 Q66 276 66 254 Z")
    pen.stroke("M132 252 V292 M268 252 V292", _STRAP, 14)
    pen.flat("M122 262 h20 v16 h-20 z M258 262 h20 v16 h-20 z", _METAL)
    pen.seam("M78 180 H322 V252 Q322 264 310 264 H90 Q78 264 78 252 Z", stitched=True)


def washbag(pen: Pen) -> None:
    pen.ground(200, 324, 116)
    pen.body("M96 214 Q98 190 122 190 H278 Q302 190 304 214 L312 304 Q312 322 294 322 H106 Q88 322 88 304 Z")
    pen.flat("M96 214 Q98 190 122 190 H278 Q302 190 304 214 L305 226 Q200 208 95 226 Z", pen.dark)
    pen.stroke("M110 198 H290", "#e9e2d4", 5)
    pen.flat("M280 192 h34 l6 8 -6 8 h-34 z", _METAL)
    pen.stroke("M96 236 Q60 236 62 262 Q64 284 92 282", _STRAP, 9)
    pen.seam("M92 286 H308", stitched=True)


def suitcase(pen: Pen) -> None:
    pen.ground(200, 334, 100)
    pen.stroke("M164 118 V52 H236 V118", "#8d9295", 8)
    pen.disk(140, 326, 9, "#2b2a28")
    pen.disk(260, 326, 9, "#2b2a28")
    pen.body("M112 130 Q112 106 136 106 H264 Q288 106 288 130 V298 Q288 320 264 320 H136 Q112 320 112 298 Z")
    pen.seam(" ".join(f"M{x} 124 V304" for x in range(142, 270, 23)), width=5)
    pen.flat("M112 206 H288 V214 H112 Z", pen.deep)
    pen.flat("M176 92 h48 v14 h-48 z M190 200 h20 v20 h-20 z", "#2b2a28")
    pen.shine("M124 136 V292")


def tent(pen: Pen) -> None:
    pen.ground(200, 324, 166)
    pen.body("M200 104 Q296 150 358 322 H42 Q104 150 200 104 Z")
    pen.flat("M200 104 Q172 200 120 322 H42 Q104 150 200 104 Z", pen.light, 0.7)
    pen.body("M200 104 Q214 214 290 322 H150 Q196 214 200 104 Z", pen.dark)
    pen.flat("M200 150 Q206 238 252 322 H184 Q200 238 200 150 Z", "#2b2823")
    pen.stroke("M200 104 Q296 150 358 322 M200 104 Q104 150 42 322", pen.deep, 4)
    pen.stroke("M52 300 L18 332 M348 300 L382 332", "#f3ede0", 2.5)
    pen.glow(214, 296, 46)


def sleepingbag(pen: Pen) -> None:
    if pen.cut == "square":
        pen.body("M122 62 H278 Q290 62 290 76 V330 Q290 346 276 346 H124 Q110 346 110 330 V76 Q110 62 122 62 Z")
        pen.flat("M130 62 H270 V118 L224 104 H130 Z", "#efe7d8")
        pen.seam("M110 150 H290 M110 190 H290 M110 230 H290 M110 270 H290 M110 310 H290")
        pen.stroke("M270 66 V210", "#e9b83a", 5)
        return
    pen.body("M138 84 Q200 36 262 84 Q296 130 276 200 L252 340 Q200 364 148 340 L124 200 Q104 130 138 84 Z")
    pen.flat("M158 108 Q200 68 242 108 Q258 140 236 168 Q200 182 164 168 Q142 140 158 108 Z", pen.deep)
    pen.flat("M166 120 Q200 96 234 120 Q240 150 226 160 Q200 168 174 160 Q160 150 166 120 Z", "#efe7d8")
    for y in range(196, 340, 30):
        pen.seam(f"M{124 + (y - 196) * 0.17:.0f} {y} Q200 {y + 14} {276 - (y - 196) * 0.17:.0f} {y}")
    pen.stroke("M236 172 Q262 190 252 240", "#e9b83a", 5)


def mat(pen: Pen) -> None:
    pen.ground(200, 324, 130)
    pen.body("M116 214 H330 Q344 214 344 268 Q344 322 330 322 H116 Z")
    pen.disk(116, 268, 54, pen.dark)
    for radius, color in ((46, pen.base), (36, pen.dark), (26, pen.base), (16, pen.dark), (7, pen.deep)):
        pen.disk(116, 268, radius, color)
    pen.stroke("M206 214 V322 M282 214 V322", "#2f2c28", 10)
    pen.flat("M198 252 h16 v20 h-16 z M274 252 h16 v20 h-16 z", _METAL)
    pen.shine("M140 226 H326")


def poles(pen: Pen) -> None:
    for top, foot in ((134, 250), (266, 150)):
        pen.stroke(f"M{top} 60 L{foot} 352", "#d5d8d9", 7)
        middle = (top + foot) / 2
        pen.stroke(f"M{top} 96 L{middle:g} 206", pen.base, 11)
        pen.stroke(f"M{top} 56 L{top + (foot - top) * 0.17:g} 106", "#3a2f27", 18)
        pen.stroke(f"M{top} 52 q-22 24 4 52", pen.dark, 5)
        pen.oval(foot - (foot - top) * 0.07, 332, 17, 6, pen.deep)


def knife(pen: Pen) -> None:
    pen.flat("M214 158 Q300 70 338 74 Q340 112 246 192 Z", "#c9ced0")
    pen.flat("M214 158 Q300 70 338 74 Q292 98 228 174 Z", "#eef1f1")
    pen.body("M66 316 Q58 296 74 282 L206 150 Q222 140 238 158 Q252 174 240 190 L106 320 Q84 334 66 316 Z")
    pen.seam("M84 300 L220 166")
    for x, y in ((100, 296), (160, 236), (216, 178)):
        pen.disk(x, y, 5, _METAL)
    pen.stroke("M74 312 q-26 10 -22 30", _STRAP, 5)


CARRIED: dict[str, tuple[Callable[[Pen], None], bool]] = {
    **{shape.__name__: (shape, False) for shape in (backpack, tote, duffel, messenger, washbag, suitcase, tent, mat)},
    **{shape.__name__: (shape, True) for shape in (hipbag, sleepingbag, poles, knife)},
}
"""Each with whether it lies flat."""
