"""What is laid: the table, and the bed."""

from collections.abc import Callable

from api.demo.pictures.pen import Pen


def mug(pen: Pen) -> None:
    pen.ground(190, 322, 92)
    left, top = (124, 124) if pen.cut == "tall" else pen.chance.choice(((112, 150), (112, 178)))
    right = 380 - left
    pen.stroke(
        f"M{right - 6} {top + 36} Q{right + 62} {top + 34} {right + 52} {top + 92} Q{right + 38} {top + 126} {right - 8} {top + 116}",
        pen.dark,
        18,
    )
    pen.body(
        f"M{left} {top} H{right} L{right - 6} 300 Q{right - 8} 320 {right - 30} 320 H{left + 30} Q{left + 8} 320 {left + 6} 300 Z"
    )
    pen.oval(190, top, (right - left) / 2, 15, pen.dark)
    pen.oval(190, top + 3, (right - left) / 2 - 9, 11, "#5b4334")
    if pen.cut == "speckled":
        for _ in range(26):
            pen.disk(pen.chance.randint(left + 10, right - 10), pen.chance.randint(top + 24, 306), 1.8, pen.deep)
    elif pen.chance.random() < 0.5:
        pen.flat(
            f"M{left + 5} 270 Q190 286 {right - 5} 270 L{right - 6} 300 Q{right - 8} 320 {right - 30} 320 H{left + 30} Q{left + 8} 320 {left + 6} 300 Z",
            "#cdb491",
        )
    pen.shine(f"M{left + 20} {top + 34} V280")


def campcup(pen: Pen) -> None:
    pen.ground(190, 322, 96)
    pen.stroke("M274 196 H326 Q336 196 334 210 L328 262 Q326 272 314 272 H270", pen.dark, 11)
    pen.body("M98 160 H282 L270 304 Q268 320 250 320 H130 Q112 320 110 304 Z")
    pen.oval(190, 160, 92, 15, pen.deep)
    pen.oval(190, 163, 84, 11, "#f4f1ea")
    pen.stroke("M98 160 Q190 190 282 160", "#2b2a28" if pen.lightness > 0.3 else "#e9e4d8", 5)
    for _ in range(14):
        pen.disk(pen.chance.randint(122, 262), pen.chance.randint(200, 306), pen.chance.choice((1.6, 2.4)), pen.light)
    pen.shine("M122 194 L130 290")


def bowl(pen: Pen) -> None:
    pen.ground(200, 322, 90)
    pen.body("M66 186 H334 Q328 286 238 306 L234 320 H166 L162 306 Q72 286 66 186 Z")
    pen.oval(200, 186, 134, 26, pen.dark)
    pen.oval(200, 191, 122, 20, pen.light)
    if pen.chance.random() < 0.5:
        pen.flat("M69 206 Q200 252 331 206 Q330 218 326 228 Q200 272 74 228 Q70 218 69 206 Z", pen.deep, 0.5)
    pen.shine("M92 232 Q104 268 138 288")


def plate(pen: Pen) -> None:
    pen.disk(200, 204, 142, pen.dark)
    pen.disk(200, 200, 142, pen.base)
    pen.body("M200 58 A142 142 0 1 1 199.9 58 Z")
    inner = 124 if pen.cut == "coupe" else 88 if pen.cut == "rimmed" else 104
    pen.disk(200, 202, inner, pen.dark)
    pen.disk(200, 204, inner - 3, pen.light)
    if pen.chance.random() < 0.5:
        pen.stroke("M200 64 A136 136 0 1 1 199.9 64 Z", pen.deep, 3)
    pen.shine("M92 150 A120 120 0 0 1 160 88")


def teapot(pen: Pen) -> None:
    pen.ground(200, 322, 104)
    pen.stroke("M276 190 Q352 186 344 248 Q338 292 284 288", pen.dark, 16)
    pen.body("M120 224 Q88 222 62 168 L42 176 Q64 272 126 286 Z")
    pen.body("M200 150 Q300 152 300 240 Q300 320 240 320 H160 Q100 320 100 240 Q100 152 200 150 Z")
    pen.body("M150 154 Q200 120 250 154 Q200 176 150 154 Z", pen.dark)
    pen.disk(200, 128, 13, pen.chance.choice((pen.deep, "#b98351")))
    pen.shine("M126 210 Q124 262 146 292")


def carafe(pen: Pen) -> None:
    pen.ground(200, 322, 84)
    pen.body("M164 84 H236 V168 Q292 210 288 278 Q284 320 240 320 H160 Q116 320 112 278 Q108 210 164 168 Z")
    pen.flat(
        "M126 232 Q200 246 274 232 Q290 250 288 278 Q284 320 240 320 H160 Q116 320 112 278 Q110 250 126 232 Z",
        pen.dark,
        0.55,
    )
    pen.oval(200, 84, 36, 8, pen.deep)
    if pen.cut == "stoppered":
        pen.disk(200, 64, 24, "#c89b6b")
    elif pen.cut == "fluted":
        pen.seam(
            " ".join(
                f"M{x} 180 Q{x + (x - 200) * 0.7:.0f} 240 {x + (x - 200) * 0.4:.0f} 316" for x in range(172, 232, 14)
            )
        )
    pen.shine("M136 236 Q128 276 146 304")


def tumbler(pen: Pen) -> None:
    for x, top in ((0, 168), (116, 186)):
        pen.ground(148 + x, 322, 54)
        pen.body(
            f"M{92 + x} {top} H{204 + x} L{196 + x} 310 Q{194 + x} 320 {182 + x} 320 H{114 + x} Q{102 + x} 320 {100 + x} 310 Z"
        )
        pen.flat(
            f"M{96 + x} {top + 50} H{200 + x} L{196 + x} 310 Q{194 + x} 320 {182 + x} 320 H{114 + x} Q{102 + x} 320 {100 + x} 310 Z",
            pen.dark,
            0.5,
        )
        pen.oval(148 + x, top, 56, 10, pen.light)
        pen.shine(f"M{110 + x} {top + 24} L{114 + x} 296")


def pot(pen: Pen) -> None:
    pen.ground(200, 322, 128)
    pen.stroke("M76 220 H50 V252 H80 M324 220 H350 V252 H320", pen.deep, 13)
    pen.body("M72 198 H328 L322 292 Q320 320 290 320 H110 Q80 320 78 292 Z")
    pen.body("M64 198 Q70 158 200 156 Q330 158 336 198 Z", pen.dark)
    pen.flat("M62 194 H338 V206 H62 Z", pen.deep)
    pen.disk(200, 142, 17, pen.chance.choice(("#c6a24f", "#2b2a28", pen.deep)))
    pen.shine("M96 222 L102 288")


def pan(pen: Pen) -> None:
    pen.body(
        "M252 244 L352 344 Q362 356 350 364 Q340 372 330 362 L232 262 Z",
        pen.chance.choice(("#6d4a33", pen.dark, "#9a7048")),
    )
    pen.disk(170, 176, 124, pen.dark)
    pen.body("M170 52 A124 124 0 1 1 169.9 52 Z")
    pen.disk(170, 178, 104, pen.deep)
    pen.disk(170, 182, 98, tint_of_iron(pen))
    pen.shine("M86 132 A100 100 0 0 1 142 86")
    pen.disk(342, 354, 5, "#f3efe8")


def tint_of_iron(pen: Pen) -> str:
    return "#34353a" if pen.lightness < 0.5 else "#9fa6a9"


def board(pen: Pen) -> None:
    pen.body(
        "M118 112 Q118 92 138 92 H170 V58 Q170 42 200 42 Q230 42 230 58 V92 H262 Q282 92 282 112 V332 Q282 352 262 352 H138 Q118 352 118 332 Z"
    )
    pen.disk(200, 66, 9, "#efe9df")
    pen.seam(" ".join(f"M{x} 104 Q{x + 5} 220 {x - 3} 346" for x in range(140, 272, 20)))
    if pen.chance.random() < 0.5:
        pen.seam("M136 130 H264 V334 H136 Z", width=4)


def mill(pen: Pen) -> None:
    pen.ground(200, 322, 52)
    top = 120 if pen.cut == "short" else 70
    pen.body(
        f"M168 {top + 74} Q184 {top + 130} 164 {top + 170} Q158 296 154 320 H246 Q242 296 236 {top + 170} Q216 {top + 130} 232 {top + 74} Z"
    )
    pen.body(f"M160 {top + 66} Q156 {top + 8} 200 {top + 6} Q244 {top + 8} 240 {top + 66} Z", pen.light)
    pen.flat(f"M158 {top + 64} H242 V{top + 76} H158 Z", "#c6a24f")
    pen.disk(200, top, 10, "#c6a24f")
    pen.shine(f"M178 {top + 186} Q172 280 170 306")


def blanket(pen: Pen) -> None:
    pen.ground(200, 322, 138)
    for place, top in enumerate((258, 204, 150)):
        inset = place * 5
        pen.body(
            f"M{76 + inset} {top} Q{60 + inset} {top + 30} {76 + inset} {top + 58} H{324 - inset} Q{340 - inset} {top + 30} {324 - inset} {top} Z",
            pen.dark if place == 1 else None,
        )
        pen.seam(f"M{84 + inset} {top + 29} H{318 - inset}")
    pen.body("M232 148 H292 V280 H232 Z")
    pen.seam(" ".join(f"M{x} 280 v16" for x in range(236, 292, 7)), width=3)
    pen.shine("M92 164 H210", 5)


def duvet(pen: Pen) -> None:
    pen.ground(200, 322, 150)
    pen.body(
        "M70 196 Q74 152 128 152 Q166 146 198 160 Q234 146 272 152 Q326 152 330 196 Q322 214 200 214 Q78 214 70 196 Z",
        pen.light,
    )
    pen.body("M48 250 Q56 196 130 200 H270 Q344 196 352 250 V296 Q352 320 326 320 H74 Q48 320 48 296 Z")
    pen.body("M48 250 Q56 196 130 200 H270 Q344 196 352 250 Q286 226 200 236 Q114 226 48 250 Z", pen.light)
    pen.seam("M110 262 Q130 290 122 318 M196 252 Q206 286 198 318 M286 260 Q274 290 282 318")


def pillow(pen: Pen) -> None:
    pen.body(
        "M62 108 Q132 92 200 96 Q268 92 338 108 Q322 200 338 296 Q268 312 200 308 Q132 312 62 296 Q78 200 62 108 Z"
    )
    pen.seam(
        "M84 128 Q142 114 200 117 Q258 114 316 128 Q304 200 316 276 Q258 290 200 287 Q142 290 84 276 Q96 200 84 128 Z",
        stitched=True,
    )
    pen.seam("M62 108 Q92 140 112 146 M338 108 Q308 140 288 146 M62 296 Q92 266 110 260 M338 296 Q308 266 290 260")


def towel(pen: Pen) -> None:
    pen.stroke("M52 92 H348", "#8d7a63", 12)
    pen.body("M112 86 Q200 80 288 86 V318 Q200 328 112 318 Z")
    pen.flat("M112 86 Q128 84 140 84 V230 Q126 232 112 230 Z", pen.dark, 0.6)
    pen.flat("M112 270 Q200 280 288 270 V286 Q200 296 112 286 Z", pen.dark)
    pen.flat("M112 294 Q200 304 288 294 V298 Q200 308 112 298 Z", pen.light)
    pen.seam(" ".join(f"M{x} 320 v12" for x in range(118, 288, 9)), width=3)


def teatowel(pen: Pen) -> None:
    pen.stroke("M270 92 q6 -26 20 -18 q10 8 -4 22", pen.dark, 5)
    pen.body("M128 92 Q200 86 288 92 Q292 204 288 322 Q200 330 128 322 Z", pen.dark)
    pen.body("M112 84 Q190 80 262 85 Q266 200 262 312 Q190 318 112 312 Q108 200 112 84 Z")
    pen.seam("M186 82 Q190 200 186 315 M112 198 Q190 204 264 198")
    pen.flat(
        "M112 274 Q190 280 263 274 V284 Q190 290 112 284 Z M112 292 Q190 298 263 292 V296 Q190 302 112 296 Z", pen.dark
    )


def cloth(pen: Pen) -> None:
    pen.ground(200, 326, 150)
    pen.stroke("M98 250 L88 326 M302 250 L312 326", "#9a7048", 10)
    pen.body(
        "M64 174 L110 132 H290 L336 174 L342 264 Q320 282 300 264 Q280 282 258 266 Q236 284 214 268 Q192 284 170 266 Q148 284 126 266 Q104 284 84 266 Q70 278 58 264 Z"
    )
    pen.flat("M64 174 L110 132 H290 L336 174 Z", pen.light, 0.75)
    pen.seam("M60 250 Q200 270 340 250")
    pen.flat("M182 150 Q170 116 188 96 Q200 90 212 96 Q230 116 218 150 Z", "#6f8f86")
    pen.stroke("M200 98 Q190 66 172 54 M200 98 Q206 62 228 50", "#5d6b45", 4)


LAID: dict[str, tuple[Callable[[Pen], None], bool]] = {
    **{shape.__name__: (shape, False) for shape in (mug, campcup, bowl, teapot, carafe, tumbler, pot, mill)},
    **{shape.__name__: (shape, False) for shape in (blanket, duvet, cloth)},
    **{shape.__name__: (shape, True) for shape in (plate, pan, board, pillow, towel, teatowel)},
}
"""Each with whether it lies flat."""
