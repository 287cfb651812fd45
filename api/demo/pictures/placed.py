"""Furniture and lamps."""

from collections.abc import Callable

from api.demo.pictures.pen import Pen

_LEG = "#9a7048"
_CORD = "#3a3733"


def chair(pen: Pen) -> None:
    pen.ground(204, 334, 96)
    pen.stroke("M142 224 L128 334 M262 224 L280 334", pen.dark, 12)
    pen.stroke("M166 226 L164 318 M240 226 L246 318", pen.deep, 9)
    if pen.cut == "spindle":
        pen.stroke("M146 218 L138 78 M254 218 L262 78", pen.base, 12)
        pen.stroke(" ".join(f"M{x} 212 L{x + (x - 200) * 0.1:.0f} 92" for x in (164, 182, 200, 218, 236)), pen.dark, 6)
        pen.body("M124 62 Q200 44 276 62 L274 96 Q200 78 126 96 Z")
    else:
        pen.stroke("M150 218 L144 130 M250 218 L256 130", pen.dark, 10)
        pen.body("M118 84 Q200 60 282 84 Q290 150 268 164 Q200 150 132 164 Q110 150 118 84 Z")
    pen.body("M118 212 Q200 198 282 212 L292 236 Q200 250 108 236 Z", pen.light)


def stool(pen: Pen) -> None:
    pen.ground(200, 342, 80)
    pen.stroke("M168 122 L134 342 M232 122 L266 342", pen.dark, 12)
    pen.stroke("M182 122 L172 328 M218 122 L228 328", pen.deep, 8)
    pen.stroke("M145 270 H255", "#8d9295", 7)
    pen.body("M126 96 Q200 76 274 96 Q282 118 268 126 Q200 138 132 126 Q118 118 126 96 Z")
    pen.shine("M146 100 Q200 88 250 98", 5)


def armchair(pen: Pen) -> None:
    pen.ground(200, 334, 130)
    pen.stroke("M104 300 L94 334 M296 300 L306 334", _LEG, 12)
    top = 118 if pen.cut == "low" else 84
    pen.body(f"M108 228 V{top + 40} Q108 {top} 160 {top} H240 Q292 {top} 292 {top + 40} V228 Z")
    if pen.cut == "wing":
        pen.body("M96 196 Q84 96 124 88 Q142 130 132 196 Z M304 196 Q316 96 276 88 Q258 130 268 196 Z", pen.dark)
    elif top == 84:
        pen.seam("M168 96 V210 M200 92 V210 M232 96 V210")
    pen.body("M112 214 H288 V266 H112 Z", pen.light)
    pen.body(
        "M64 214 Q64 182 92 182 Q118 182 118 214 V264 H282 V214 Q282 182 308 182 Q336 182 336 214 V288 Q336 308 316 308 H84 Q64 308 64 288 Z"
    )
    pen.seam("M118 264 H282 M92 188 V300 M308 188 V300")


def sofa(pen: Pen) -> None:
    pen.ground(200, 326, 176)
    pen.stroke("M62 296 L54 326 M338 296 L346 326", _LEG, 11)
    pen.body("M58 260 V160 Q58 136 84 136 H316 Q342 136 342 160 V260 Z")
    pen.body("M62 212 H198 V258 H62 Z", pen.light)
    pen.body("M202 212 H338 V258 H202 Z", pen.light)
    pen.body(
        "M26 222 Q26 196 48 196 Q68 196 68 222 V256 H332 V222 Q332 196 352 196 Q374 196 374 222 V286 Q374 302 358 302 H42 Q26 302 26 286 Z"
    )
    pen.seam("M68 256 H332 M200 140 V210")
    pen.body("M84 168 L142 156 152 212 96 222 Z", pen.chance.choice(("#e9b83a", "#b4532a", "#8fb3d9", "#a3b18a")))


def _grain(pen: Pen, left: int, right: int, top: int) -> None:
    pen.seam(f"M{left} {top} Q{(left + right) // 2} {top - 4} {right} {top + 1}", width=1.5)


def table(pen: Pen) -> None:
    pen.ground(200, 330, 150)
    pen.stroke("M92 226 L72 330 M308 226 L328 330", pen.dark, 13)
    pen.stroke("M128 226 L120 314 M272 226 L280 314", pen.deep, 9)
    if pen.cut == "round":
        pen.oval(200, 220, 158, 25, pen.dark)
        pen.oval(200, 212, 158, 25, pen.base)
    else:
        pen.body("M44 210 L84 184 H316 L356 210 V228 H44 Z")
        pen.flat("M44 210 L84 184 H316 L356 210 Z", pen.light, 0.8)
    _grain(pen, 110, 290, 204)
    _grain(pen, 90, 306, 212)
    pen.flat("M214 176 h54 v9 h-54 z M220 168 h46 v8 h-46 z", "#b4532a")
    pen.flat("M132 196 Q122 168 140 154 Q158 168 150 196 Z", "#e9e2d4")


def desk(pen: Pen) -> None:
    pen.ground(200, 334, 160)
    pen.stroke("M72 212 L62 334 M328 212 L338 334", pen.dark, 12)
    pen.stroke("M100 212 V316 M300 212 V316", pen.deep, 8)
    pen.body("M44 188 H356 V208 H44 Z")
    pen.body("M60 208 H340 V248 H60 Z", pen.light)
    pen.seam("M200 208 V248 M120 228 h22 M258 228 h22", width=3)
    pen.stroke("M96 188 V140 L138 104", _CORD, 5)
    pen.flat("M122 92 L160 112 146 132 112 118 Z", "#2f6f8f")
    pen.flat("M236 182 h70 v6 h-70 z M242 174 h62 v8 h-62 z M238 166 h58 v8 h-58 z", "#c98f2d")


def sideboard(pen: Pen) -> None:
    pen.ground(200, 334, 164)
    pen.stroke("M76 296 L66 334 M324 296 L334 334", pen.dark, 11)
    pen.body("M40 188 H360 V302 H40 Z")
    slats = pen.cut == "slatted"
    for left in (52, 204):
        pen.body(f"M{left} 200 h144 v90 h-144 z", pen.light)
        if slats:
            pen.seam(" ".join(f"M{x} 202 v86" for x in range(left + 9, left + 140, 9)))
        else:
            pen.seam(
                f"M{left + 20} 216 Q{left + 70} 210 {left + 126} 217 M{left + 12} 246 Q{left + 60} 240 {left + 132} 247 M{left + 24} 272 h96"
            )
    pen.disk(186, 244, 5, "#c6a24f")
    pen.disk(214, 244, 5, "#c6a24f")
    pen.flat("M84 188 Q72 150 96 134 Q120 150 108 188 Z", "#6f8f86")
    pen.stroke("M96 136 Q84 96 62 84 M96 136 Q102 92 126 78 M96 136 Q98 110 92 70", "#5d6b45", 4)
    pen.flat("M250 112 h68 v76 h-68 z", "#efe9df")
    pen.flat("M262 124 h44 v52 h-44 z", "#c47b5a")


def bench(pen: Pen) -> None:
    pen.ground(200, 330, 160)
    pen.stroke("M86 236 L70 330 M314 236 L330 330", pen.dark, 13)
    pen.stroke("M112 236 L106 316 M288 236 L294 316", pen.deep, 9)
    pen.stroke("M82 290 H318", pen.dark, 7)
    pen.body("M44 212 L76 194 H324 L356 212 V232 H44 Z")
    pen.flat("M44 212 L76 194 H324 L356 212 Z", pen.light, 0.8)
    pen.seam("M54 206 H346 M64 200 H336")


def pouf(pen: Pen) -> None:
    pen.ground(200, 326, 122)
    pen.body("M86 206 Q78 326 132 326 H268 Q322 326 314 206 Z")
    pen.oval(200, 206, 114, 42, pen.light)
    pen.seam("M118 238 Q112 290 132 324 M164 247 Q160 300 170 325 M236 247 Q240 300 230 325 M282 238 Q288 290 268 324")
    pen.seam("M86 206 Q200 292 314 206")
    for x, y in ((200, 200), (150, 196), (250, 196), (176, 220), (224, 220)) if pen.cut == "tufted" else ((200, 202),):
        pen.disk(x, y, 7, pen.dark)


def tablelamp(pen: Pen) -> None:
    pen.ground(200, 322, 74)
    pen.glow(200, 186, 150)
    if pen.cut == "mushroom" or (pen.cut == "plain" and pen.chance.random() < 0.5):
        pen.body("M184 196 H216 L238 308 Q238 320 222 320 H178 Q162 320 162 308 Z", pen.dark)
        pen.body("M92 198 Q98 100 200 98 Q302 100 308 198 Q200 214 92 198 Z")
    else:
        pen.body("M200 214 Q262 228 258 282 Q254 320 226 320 H174 Q146 320 142 282 Q138 228 200 214 Z")
        pen.flat("M193 190 h14 v28 h-14 z", "#c6a24f")
        pen.body("M152 94 H248 L286 198 H114 Z", "#f3ead2")
    pen.shine("M124 180 Q132 130 166 114", 5)


def floorlamp(pen: Pen) -> None:
    pen.ground(200, 360, 84)
    if pen.cut == "tripod" or (pen.cut == "plain" and pen.chance.random() < 0.5):
        pen.glow(200, 128, 130)
        pen.stroke("M200 150 V240 M200 230 L146 360 M200 230 L254 360 M200 230 V352", _LEG, 9)
        pen.body("M148 62 H252 L282 158 H118 Z")
        pen.shine("M160 78 L142 142", 5)
    else:
        pen.glow(280, 152, 110)
        pen.stroke("M126 354 V142 Q128 54 206 54 Q276 56 280 104", _CORD, 8)
        pen.body("M228 150 Q232 100 280 98 Q328 100 332 150 Z")
        pen.oval(280, 150, 52, 9, "#fff3cf")
        pen.oval(126, 354, 54, 11, pen.dark)


def desklamp(pen: Pen) -> None:
    pen.ground(160, 322, 84)
    pen.glow(282, 196, 96)
    pen.stroke("M160 306 L108 196 L218 118", pen.dark, 9)
    pen.disk(108, 196, 10, pen.deep)
    pen.disk(218, 118, 9, pen.deep)
    pen.body("M212 96 Q244 78 264 102 L322 160 Q290 206 238 196 Q214 150 206 124 Z")
    pen.flat("M322 160 Q290 206 238 196 Q284 190 322 160 Z", "#fff3cf")
    pen.body("M96 304 Q160 286 224 304 V314 Q160 328 96 314 Z")


def pendant(pen: Pen) -> None:
    pen.glow(200, 230, 150)
    pen.stroke("M200 0 V120", _CORD, 4)
    if pen.cut in ("dome", "wide"):
        pen.body("M70 246 Q76 124 200 120 Q324 124 330 246 Z")
        pen.oval(200, 246, 130, 18, "#fff3cf")
    elif pen.cut == "plain":
        pen.body("M172 122 H228 L318 250 H82 Z")
        pen.oval(200, 250, 118, 15, "#fff3cf")
    else:
        pen.body("M200 118 A96 96 0 1 1 199.9 118 Z")
        pen.seam(
            " ".join(
                f"M{200 - w} {y} Q200 {y + 14} {200 + w} {y}"
                for y, w in ((150, 68), (180, 88), (214, 96), (248, 88), (280, 66))
            )
        )
    pen.flat("M186 104 h28 v20 h-28 z", pen.deep)


def walllamp(pen: Pen) -> None:
    pen.glow(212, 120, 110)
    pen.glow(212, 276, 110)
    pen.body("M96 150 Q96 138 108 138 H132 Q144 138 144 150 V246 Q144 258 132 258 H108 Q96 258 96 246 Z", pen.dark)
    pen.stroke("M144 198 H186", pen.deep, 11)
    pen.body("M176 132 H248 L256 198 248 264 H176 L168 198 Z")
    pen.oval(212, 132, 36, 7, "#fff3cf")
    pen.oval(212, 264, 36, 7, "#fff3cf")
    pen.shine("M188 146 V250", 5)


def stringlights(pen: Pen) -> None:
    for top, sag in ((78, 84), (190, 78)):
        pen.stroke(f"M-10 {top} Q200 {top + sag * 2} 410 {top}", _CORD, 4)
        for part in (0.1, 0.3, 0.5, 0.7, 0.9):
            x, y = 420 * part - 10, top + 4 * sag * part * (1 - part)
            pen.body(f"M{x - 8:g} {y + 12:g} q-16 24 8 36 q24 -12 8 -36 Z")
            pen.flat(f"M{x - 7:g} {y:g} h14 v15 h-14 z", "#2b2a28")
            pen.glow(x, y + 32, 40)


def lantern(pen: Pen) -> None:
    pen.ground(200, 334, 84)
    pen.glow(200, 220, 140)
    pen.stroke("M132 178 Q120 60 200 56 Q280 60 268 178", "#6f7577", 6)
    pen.body("M146 122 Q150 88 200 86 Q250 88 254 122 L262 150 H138 Z")
    pen.flat("M148 150 H252 Q264 220 250 276 H150 Q136 220 148 150 Z", "#fff6da")
    pen.flat("M200 262 Q180 244 200 196 Q220 244 200 262 Z", "#e8a24a")
    pen.stroke("M148 150 Q136 220 150 276 M252 150 Q264 220 250 276 M142 212 H258", pen.deep, 4)
    pen.body("M134 276 H266 L276 322 Q276 332 264 332 H136 Q124 332 124 322 Z")
    pen.shine("M148 290 L144 320", 5)


PLACED: dict[str, tuple[Callable[[Pen], None], bool]] = {
    shape.__name__: (shape, False)
    for shape in (
        *(chair, stool, armchair, sofa, table, desk, sideboard, bench, pouf),
        *(tablelamp, floorlamp, desklamp, pendant, walllamp, stringlights, lantern),
    )
}
"""Each with whether it lies flat: none does."""
