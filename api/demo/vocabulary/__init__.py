"""The words that the demo's products are made of, by department."""

from api.demo.vocabulary import bags, clothing, furniture, kitchen, lighting, linens, outdoor, shoes
from api.demo.vocabulary.kind import Kind

DEPARTMENTS: dict[str, tuple[Kind, ...]] = {
    "Clothing": clothing.KINDS,
    "Shoes": shoes.KINDS,
    "Luggage & Bags": bags.KINDS,
    "Kitchen & Dining": kitchen.KINDS,
    "Linens & Bedding": linens.KINDS,
    "Furniture": furniture.KINDS,
    "Lighting": lighting.KINDS,
    "Camping & Hiking": outdoor.KINDS,
}
"""Each department is named like the category of the taxonomy that its kinds' categories are below."""

SERIES = (
    *("Alva", "Anker", "Arvid", "Asta", "Aurora", "Birk", "Bjarne", "Bodil", "Brage", "Dagny", "Dorte", "Ebba"),
    *("Edda", "Eik", "Eira", "Elin", "Embla", "Espen", "Falk", "Fenja", "Finn", "Flora", "Freja", "Frida"),
    *("Gerda", "Grane", "Greta", "Gudrun", "Gunnar", "Halvor", "Hauk", "Hedda", "Heidi", "Helge", "Hilda", "Hulda"),
    *("Ida", "Inga", "Ingrid", "Iris", "Ivar", "Jarl", "Jonna", "Jorun", "Kaia", "Kari", "Kjell", "Knut"),
    *("Lasse", "Leif", "Linnea", "Liv", "Lotta", "Lykke", "Magne", "Maja", "Malin", "Marit", "Mats", "Mette"),
    *("Mila", "Moa", "Nanna", "Nils", "Njord", "Nora", "Oda", "Olaf", "Oline", "Orm", "Pernille", "Petra"),
    *("Pil", "Ragna", "Rasmus", "Reidar", "Rune", "Saga", "Selma", "Sif", "Signe", "Sigrid", "Siri", "Skade"),
    *("Solveig", "Stella", "Stig", "Sunniva", "Svea", "Tilda", "Tora", "Tove", "Truls", "Tuva", "Ulla", "Ylva"),
)
