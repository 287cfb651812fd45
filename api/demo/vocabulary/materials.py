"""What the demo's products are made of, in our words and in the taxonomy's."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Material:
    """`value` is the taxonomy's; `colors`, where there are any, are the only ones it comes in."""

    value: str
    sentence: str
    colors: tuple[str, ...] = ()
    markup: float = 1.0


_OAK = ("Soaped", "Oiled", "Smoked", "Black")
_BEECH = ("Soaped", "Moss", "Clay", "Black")

MATERIALS: dict[str, Material] = {
    # Textiles
    "Linen": Material("Linen", "European flax, washed until it is soft.", markup=1.15),
    "Cotton": Material("Cotton", "Organic cotton from the Aegean coast."),
    "Jersey": Material("Cotton", "A dense cotton jersey that keeps its shape."),
    "Poplin": Material("Cotton", "A fine poplin that needs no iron when it is hung up wet."),
    "Percale": Material("Cotton", "Percale of 200 threads to the inch: cool, matt and a little crisp."),
    "Flannel": Material("Flannel", "Brushed on both sides, for when the windows have ice on them."),
    "Corduroy": Material("Corduroy", "Eight ribs to the inch, softer with every winter.", markup=1.1),
    "Denim": Material("Denim", "Dry denim of 12 ounces, woven in Castellón.", ("Indigo", "Charcoal", "Cream")),
    "Twill": Material("Twill", "A tight cotton twill that wears from the inside out."),
    "Lyocell": Material("Lyocell", "Made of wood from managed forests; falls like silk.", markup=1.1),
    "Merino": Material(
        "Merino", "Merino of 18 microns, which does not scratch and hardly ever needs washing.", markup=1.3
    ),
    "Lambswool": Material("Wool", "Spun from the first shearing, so it is light for how warm it is.", markup=1.2),
    "Wool": Material("Wool", "Wool from one herd in the Harz, undyed where the color allows.", markup=1.2),
    "Fleece": Material("Fleece", "Recycled fleece that dries over a chair in an hour."),
    "Terry": Material("Terrycloth", "Long loops, 600 grams to the square meter."),
    "Waffle": Material("Cotton", "A waffle weave: takes up water like terry and dries twice as fast."),
    "Canvas": Material("Canvas", "Canvas of 16 ounces, waxed at the seams."),
    "Ripstop": Material("Nylon", "Recycled nylon with a ripstop grid: a tear stays as small as it began."),
    "Shell": Material(
        "Polyester", "Three layers, taped seams, no fluorine: rain beads off and sweat gets out.", markup=1.2
    ),
    "Velvet": Material("Velvet", "A short cotton velvet that is dark against the hand and light with it."),
    "Felt": Material("Felt", "Wool felt of 5 millimeters, cut without waste."),
    "Suede": Material("Suede", "Calf suede, brushed and proofed."),
    "Leather": Material("Leather", "Tanned with oak bark in Tuscany.", ("Tan", "Brown", "Black"), 1.3),
    # Woods
    "Oak": Material("Wood", "Solid European oak, finished by hand.", _OAK, 1.2),
    "Beech": Material("Wood", "Bent beech: thin where it may be, strong where it must.", _BEECH),
    "Walnut": Material("Wood", "Walnut with the grain running through.", ("Umber",), 1.45),
    "Birch": Material("Wood", "Birch plywood from Finland, its edges left visible.", ("Soaped", "Black")),
    "Ash": Material("Wood", "White ash, straight in the grain.", ("Soaped", "Oiled", "Moss"), 1.1),
    # Of the table and the fire
    "Stoneware": Material("Ceramic", "Stoneware, thrown and glazed by hand; each one differs a little."),
    "Porcelain": Material(
        "Porcelain", "Thin porcelain, hard enough for every day.", ("White", "Cream", "Fog", "Blue"), 1.15
    ),
    "Glass": Material("Glass", "Blown by mouth of recycled glass.", ("Clear", "Amber", "Smoke", "Sea")),
    "Enamel": Material("Metal", "Steel under two coats of enamel. It chips with dignity."),
    "Iron": Material("Iron", "Cast iron that holds its heat through a second helping.", markup=1.2),
    "Steel": Material(
        "Stainless steel", "Stainless steel, brushed, no coating to wear off.", ("Steel", "Graphite"), 1.1
    ),
    "Brass": Material("Brass", "Unlacquered brass, which darkens where it is touched.", ("Brass",), 1.35),
    "Aluminum": Material("Aluminum", "Spun aluminum with a matt powder coat."),
    "Titanium": Material("Metal", "Titanium: half the weight of steel, and it does not taste.", ("Graphite",), 1.6),
    "Rattan": Material("Rattan", "Rattan, woven wet and dried on the frame.", ("Oiled", "Smoked")),
    "Paper": Material("Paper", "Long-fibered mulberry paper on a bamboo frame.", ("White", "Sand")),
    "Opal Glass": Material("Glass", "Opal glass in three layers: it glows and never glares.", ("White", "Cream"), 1.2),
    "Cork": Material("Cork", "Cork from Alentejo, pressed without glue.", ("Oiled",)),
}
