"""Clothes and shoes."""

from collections.abc import Callable

from api.demo.pictures.pen import Pen

_TORSO = "M142 96 L84 122 66 150 62 306 98 314 110 186 118 176 118 334 Q200 344 282 334 L282 176 290 186 302 314 338 306 334 150 316 122 258 96"


def tshirt(pen: Pen) -> None:
    pen.body(
        "M146 94 L78 126 56 196 104 214 124 186 124 326 Q200 336 276 326 L276 186 296 214 344 196 322 126 254 94 Q200 132 146 94 Z"
    )
    pen.stroke("M146 94 Q200 134 254 94", pen.dark, 9)
    pen.seam(
        "M124 186 Q132 150 128 118 M276 186 Q268 150 272 118 M62 188 L108 205 M338 188 L292 205 M124 316 Q200 326 276 316"
    )
    if pen.cut == "pocket":
        pen.seam("M222 172 H258 V206 L240 216 222 206 Z", stitched=True)


def shirt(pen: Pen) -> None:
    pen.body(f"{_TORSO} Q200 112 142 96 Z")
    pen.seam("M200 122 V338 M118 176 Q124 148 120 118 M282 176 Q276 148 280 118 M64 288 L99 295 M336 288 L301 295")
    pen.flat("M150 84 Q200 100 250 84 L200 122 Z", pen.dark)
    if pen.cut == "bandcollar":
        pen.stroke("M146 94 Q198 124 200 124 Q202 124 254 94", pen.light, 12)
    else:
        pen.body("M150 84 L200 122 172 150 138 100 Z", pen.light)
        pen.body("M250 84 L200 122 228 150 262 100 Z", pen.light)
    for y in range(152, 330, 34):
        pen.disk(200, y, 3.6, pen.line)
    if pen.chance.random() < 0.6:
        pen.seam("M224 182 H264 V222 L244 230 224 222 Z")


def overshirt(pen: Pen) -> None:
    shirt(pen)
    pen.body("M132 178 H182 V224 L157 236 132 224 Z", pen.light)
    pen.body("M218 178 H268 V224 L243 236 218 224 Z", pen.light)
    pen.seam("M132 192 L157 202 182 192 M218 192 L243 202 268 192")
    pen.stroke("M200 124 V334", pen.dark, 3)


def _knit(pen: Pen) -> None:
    pen.body(f"{_TORSO} Q200 128 142 96 Z")
    pen.seam("M118 176 Q124 148 120 116 M282 176 Q276 148 280 116")
    pen.flat("M118 318 Q200 330 282 318 L282 334 Q200 346 118 334 Z", pen.dark)
    pen.flat("M63 288 L99 296 98 314 62 306 Z M337 288 L301 296 302 314 338 306 Z", pen.dark)
    pen.seam(" ".join(f"M{x} 322 V338" for x in range(126, 282, 10)), width=1.5)


def sweater(pen: Pen) -> None:
    _knit(pen)
    if pen.cut == "rollneck":
        pen.body("M152 66 Q200 78 248 66 L254 98 Q200 124 146 98 Z", pen.dark)
    else:
        pen.stroke("M144 95 Q200 136 256 95", pen.dark, 13)
    if pen.cut == "ribbed":
        pen.seam(" ".join(f"M{x} 140 V314" for x in range(128, 282, 12)))
    elif pen.is_plain and pen.chance.random() < 0.6:
        pen.seam(
            " ".join(
                f"M{x} 140 q7 12 0 24 q-7 12 0 24 q7 12 0 24 q-7 12 0 24 q7 12 0 24 q-7 12 0 24"
                for x in (168, 200, 232)
            )
        )


def cardigan(pen: Pen) -> None:
    _knit(pen)
    pen.flat("M150 92 Q200 108 250 92 L206 196 H194 Z", pen.deep)
    pen.stroke("M146 96 L196 198 V334 M254 96 L204 198 V334", pen.dark, 10)
    for y in range(210, 330, 28):
        pen.disk(204, y, 5, pen.light)
    pen.seam("M132 262 H176 V304 M224 304 V262 H268")


def hoodie(pen: Pen) -> None:
    _knit(pen)
    pen.body("M138 104 Q140 52 200 50 Q260 52 262 104 Q200 152 138 104 Z")
    pen.flat("M156 104 Q158 70 200 68 Q242 70 244 104 Q200 136 156 104 Z", pen.deep)
    if pen.cut == "halfzip":
        pen.stroke("M200 132 V214", "#d9d4c8", 5)
    else:
        pen.stroke("M184 122 V178 M216 122 V170", pen.light, 4)
    pen.seam("M148 262 Q200 252 252 262 L266 306 H134 Z")


def jacket(pen: Pen) -> None:
    pen.body(
        "M142 100 L92 122 70 152 58 312 100 322 112 196 118 186 112 352 H288 L282 186 288 196 300 322 342 312 330 152 308 122 258 100 Q200 128 142 100 Z"
    )
    pen.body("M136 106 Q138 48 200 46 Q262 48 264 106 Q200 148 136 106 Z")
    pen.flat("M156 106 Q158 68 200 66 Q242 68 244 106 Q200 134 156 106 Z", pen.deep)
    pen.stroke("M200 126 V352", pen.dark, 12)
    pen.stroke("M200 130 V346", pen.light, 2)
    pen.seam(
        "M118 186 Q124 156 120 122 M282 186 Q276 156 280 122 M132 270 H180 V322 H132 Z M220 270 H268 V322 H220 Z M132 284 H180 M220 284 H268"
    )
    if pen.cut == "insulated":
        pen.seam(
            "M117 216 H283 M116 250 H284 M114 334 H286 M76 180 L110 196 M66 244 L106 254 M324 180 L290 196 M334 244 L294 254",
            width=3,
        )


def trousers(pen: Pen) -> None:
    pen.body("M132 62 H268 L284 352 H220 L202 168 H198 L180 352 H116 Z")
    pen.flat("M132 62 H268 L269 82 H131 Z", pen.dark)
    pen.seam("M200 82 V168 M138 84 Q142 116 128 128 M262 84 Q258 116 272 128 M118 338 H181 M219 338 H282")
    pen.disk(200, 72, 4, pen.light)
    if pen.cut == "pleated":
        pen.seam("M160 90 L150 340 M240 90 L250 340")


def dress(pen: Pen) -> None:
    pen.body(
        "M152 60 Q160 100 200 104 Q240 100 248 60 L270 62 Q264 120 254 162 Q268 250 304 344 Q200 364 96 344 Q132 250 146 162 Q136 120 130 62 Z"
    )
    pen.seam("M146 164 Q200 176 254 164 M176 180 Q168 260 152 344 M224 180 Q232 260 248 344")
    if pen.cut == "wrap":
        pen.seam("M248 62 Q236 130 158 166")
        pen.stroke("M146 164 Q200 176 254 164", pen.dark, 9)
        pen.flat("M222 168 q26 18 18 58 q-8 -30 -26 -52 Z", pen.dark)


def skirt(pen: Pen) -> None:
    pen.body("M146 84 H254 Q272 190 316 318 Q200 348 84 318 Q128 190 146 84 Z")
    pen.flat("M146 84 H254 L257 108 H143 Z", pen.dark)
    if pen.cut == "pleated":
        pen.seam(" ".join(f"M{200 + x * 0.48:.0f} 108 L{200 + x} {330 - abs(x) * 0.1:.0f}" for x in range(-96, 97, 16)))
    elif pen.cut == "wrap":
        pen.seam("M164 108 Q196 220 246 328", width=3)
        pen.flat("M250 92 q44 10 52 62 q-16 -30 -54 -46 Z", pen.dark)
    else:
        pen.seam(
            "M176 110 Q166 220 150 326 M224 110 Q234 220 250 326 M140 116 Q146 146 132 160 M260 116 Q254 146 268 160"
        )


def socks(pen: Pen) -> None:
    for x, y in ((0, 0), (92, 22)):
        pen.body(
            f"M{108 + x} {74 + y} H{172 + x} V{214 + y} Q{176 + x} {236 + y} {206 + x} {252 + y} Q{232 + x} {270 + y} {214 + x} {296 + y} Q{186 + x} {314 + y} {140 + x} {280 + y} Q{108 + x} {256 + y} {108 + x} {214 + y} Z"
        )
        pen.flat(f"M{108 + x} {74 + y} H{172 + x} V{98 + y} H{108 + x} Z", pen.dark)
        pen.flat(
            f"M{206 + x} {252 + y} Q{232 + x} {270 + y} {214 + x} {296 + y} Q{200 + x} {306 + y} {182 + x} {301 + y} Q{188 + x} {270 + y} {206 + x} {252 + y} Z",
            pen.dark,
        )
        pen.flat(
            f"M{108 + x} {206 + y} Q{130 + x} {226 + y} {128 + x} {270 + y} Q{108 + x} {250 + y} {108 + x} {214 + y} Z",
            pen.dark,
        )


def _sole(pen: Pen, color: str, height: int = 22) -> None:
    pen.ground(206, 322, 150)
    pen.body(
        f"M62 {318 - height} H348 Q352 {318 - height // 2} 344 318 H70 Q58 {318 - height // 2} 62 {318 - height} Z",
        color,
    )


def sneaker(pen: Pen) -> None:
    _sole(pen, "#f6f2ea", 24)
    pen.body("M64 298 L68 208 Q98 224 140 196 L164 190 Q196 244 262 254 Q340 262 348 298 Z")
    pen.flat("M270 256 Q340 264 348 298 H262 Q256 274 270 256 Z", pen.light)
    pen.flat("M64 298 L66 248 Q94 258 96 298 Z", pen.dark)
    pen.stroke(
        "M158 216 L184 198 M172 232 L200 212 M188 244 L218 226 M208 252 L236 238",
        "#fffdf6" if not pen.is_pale else pen.deep,
        5,
    )
    pen.seam("M96 298 Q104 236 150 206 M66 306 H346", stitched=True)


def hiker(pen: Pen) -> None:
    _sole(pen, "#3a3733", 30)
    pen.flat(
        "M76 318 h18 v9 h-18 z M112 318 h18 v9 h-18 z M148 318 h18 v9 h-18 z M220 318 h18 v9 h-18 z M256 318 h18 v9 h-18 z M292 318 h18 v9 h-18 z",
        "#3a3733",
    )
    pen.body("M64 290 L78 122 Q120 112 168 122 L176 190 Q196 232 262 238 Q342 246 348 290 Z")
    pen.flat("M76 132 Q120 112 170 132 L172 148 Q120 130 75 148 Z", pen.deep)
    pen.flat("M280 241 Q342 250 348 290 H268 Q262 262 280 241 Z", pen.dark)
    pen.stroke("M150 168 L184 160 M152 190 L190 184 M160 212 L204 204 M178 230 L222 218", "#d8a13a", 5)
    pen.seam("M64 276 Q110 262 128 190 L134 130", stitched=True)


def boot(pen: Pen) -> None:
    _sole(pen, "#4a3a2e", 18)
    pen.body("M64 302 Q76 210 86 104 Q130 94 172 104 L182 202 Q200 244 264 252 Q340 260 348 302 Z")
    pen.flat("M118 102 H152 L160 214 Q134 230 114 212 Z", pen.deep)
    pen.seam("M124 108 L122 210 M133 106 V214 M142 106 L148 212", width=1.5)
    pen.stroke("M92 96 q-10 -18 2 -22 q10 -2 8 20", pen.dark, 5)
    pen.shine("M250 262 Q310 270 330 288")


def loafer(pen: Pen) -> None:
    _sole(pen, "#4a3a2e", 16)
    pen.body("M64 304 Q62 240 92 226 Q128 258 176 238 Q214 222 246 246 Q340 262 348 304 Z")
    pen.flat("M92 226 Q128 258 176 238 Q196 230 210 230 Q160 262 122 260 Q98 254 92 226 Z", pen.deep)
    pen.seam("M214 232 Q230 262 312 270 Q330 274 336 290")
    pen.body("M172 240 L206 226 228 274 194 286 Z", pen.dark)
    pen.flat("M188 252 l14 -6 8 18 -14 6 Z", pen.deep)


def sandal(pen: Pen) -> None:
    _sole(pen, "#5b4636", 18)
    pen.body("M58 302 Q60 282 96 286 Q180 292 236 282 Q300 270 350 290 Q352 300 348 304 H64 Z", "#b98a5c")
    pen.body("M222 290 Q226 222 276 220 Q330 226 338 288 L312 290 Q304 252 276 250 Q250 252 250 290 Z")
    pen.body("M96 290 Q100 214 150 210 Q196 214 204 288 L178 291 Q172 244 150 242 Q124 244 124 290 Z")
    pen.disk(186, 254, 8, "#c6a24f")
    pen.disk(324, 262, 8, "#c6a24f")


def slipper(pen: Pen) -> None:
    _sole(pen, "#6b5d4c", 14)
    pen.body("M62 306 Q66 284 92 280 Q150 290 172 252 Q210 216 270 232 Q346 252 350 306 Z")
    pen.flat("M92 280 Q150 290 172 252 Q184 240 198 233 Q186 292 120 298 Q94 296 92 280 Z", pen.light)
    pen.seam("M172 252 Q188 288 150 304", stitched=True)
    pen.stroke("M172 252 Q206 212 272 232", pen.dark, 8)


WORN: dict[str, tuple[Callable[[Pen], None], bool]] = {
    **{shape.__name__: (shape, True) for shape in (tshirt, shirt, overshirt, sweater, cardigan, hoodie, jacket)},
    **{shape.__name__: (shape, True) for shape in (trousers, dress, skirt, socks)},
    **{shape.__name__: (shape, False) for shape in (sneaker, hiker, boot, loafer, sandal, slipper)},
}
"""Each with whether it lies flat."""
