"""Where a larger chain opens its next stores."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    name: str
    country_code: str
    region: str | None
    postal_code: str
    street: str
    latitude: float
    longitude: float
    timezone: str


_BERLIN, _VIENNA, _PARIS = "Europe/Berlin", "Europe/Vienna", "Europe/Paris"
_EAST, _CENTRAL, _MOUNTAIN, _WEST = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"

CITIES = (
    City("Amsterdam", "NL", None, "1016", "Prinsengracht", 52.3702, 4.8952, "Europe/Amsterdam"),
    City("Munich", "DE", None, "80469", "Reichenbachstraße", 48.1316, 11.5762, _BERLIN),
    City("Vienna", "AT", None, "1070", "Neubaugasse", 48.2019, 16.3490, _VIENNA),
    City("Paris", "FR", None, "75003", "Rue de Bretagne", 48.8633, 2.3622, _PARIS),
    City("Chicago", "US", "IL", "60622", "North Milwaukee Avenue", 41.9088, -87.6775, _CENTRAL),
    City("Aarhus", "DK", None, "8000", "Jægergårdsgade", 56.1496, 10.2045, "Europe/Copenhagen"),
    City("Antwerp", "BE", None, "2000", "Kloosterstraat", 51.2148, 4.3957, "Europe/Brussels"),
    City("Cologne", "DE", None, "50672", "Ehrenstraße", 50.9378, 6.9383, _BERLIN),
    City("Seattle", "US", "WA", "98122", "East Pike Street", 47.6141, -122.3191, _WEST),
    City("Barcelona", "ES", None, "08003", "Carrer de la Princesa", 41.3853, 2.1810, "Europe/Madrid"),
    City("Rotterdam", "NL", None, "3012", "Nieuwe Binnenweg", 51.9146, 4.4659, "Europe/Amsterdam"),
    City("Milan", "IT", None, "20123", "Corso Magenta", 45.4660, 9.1760, "Europe/Rome"),
    City("Boston", "US", "MA", "02116", "Newbury Street", 42.3505, -71.0810, _EAST),
    City("Stuttgart", "DE", None, "70173", "Calwer Straße", 48.7770, 9.1744, _BERLIN),
    City("Lyon", "FR", None, "69001", "Rue de la République", 45.7660, 4.8357, _PARIS),
    City("Krakow", "PL", None, "31-011", "Szewska", 50.0619, 19.9343, "Europe/Warsaw"),
    City("Ghent", "BE", None, "9000", "Mageleinstraat", 51.0530, 3.7240, "Europe/Brussels"),
    City("Denver", "US", "CO", "80202", "Larimer Street", 39.7479, -104.9994, _MOUNTAIN),
    City("Graz", "AT", None, "8010", "Sporgasse", 47.0722, 15.4404, _VIENNA),
    City("Dresden", "DE", None, "01099", "Louisenstraße", 51.0665, 13.7531, _BERLIN),
    City("San Francisco", "US", "CA", "94110", "Valencia Street", 37.7599, -122.4214, _WEST),
    City("Warsaw", "PL", None, "00-272", "Mokotowska", 52.2236, 21.0189, "Europe/Warsaw"),
    City("Utrecht", "NL", None, "3511", "Twijnstraat", 52.0839, 5.1216, "Europe/Amsterdam"),
    City("Madrid", "ES", None, "28004", "Calle de Fuencarral", 40.4250, -3.7010, "Europe/Madrid"),
    City("Minneapolis", "US", "MN", "55401", "North Washington Avenue", 44.9847, -93.2692, _CENTRAL),
    City("Odense", "DK", None, "5000", "Vestergade", 55.3953, 10.3810, "Europe/Copenhagen"),
    City("Bremen", "DE", None, "28203", "Ostertorsteinweg", 53.0738, 8.8230, _BERLIN),
    City("Bologna", "IT", None, "40126", "Via Zamboni", 44.4960, 11.3490, "Europe/Rome"),
    City("Austin", "US", "TX", "78704", "South Congress Avenue", 30.2493, -97.7497, _CENTRAL),
    City("Salzburg", "AT", None, "5020", "Linzer Gasse", 47.8022, 13.0475, _VIENNA),
    City("Nantes", "FR", None, "44000", "Rue Crébillon", 47.2135, -1.5630, _PARIS),
    City("Philadelphia", "US", "PA", "19106", "North 3rd Street", 39.9533, -75.1453, _EAST),
)
