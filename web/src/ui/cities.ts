/**
 * Zones by the cities that people type. A zone is named after one city, often not the one where somebody lives, and in
 * the spelling of the time zone database. Browsers know the zones but no other cities, and complete lists of cities are
 * megabytes; so this has the largest cities and the usual other spellings, and is extended when one is missed.
 */
const cities: Record<string, string> = {
  'Africa/Cairo': 'Kairo, Alexandria',
  'Africa/Casablanca': 'Rabat, Marrakesh, Marrakech',
  'Africa/Johannesburg': 'Cape Town, Kapstadt, Pretoria, Durban',
  'Africa/Lagos': 'Abuja',
  'Africa/Nairobi': 'Mombasa',
  'America/Argentina/Buenos_Aires': 'Buenos Aires, Rosario, Cordoba',
  'America/Bogota': 'Bogotá, Medellin, Cali',
  'America/Chicago':
    'Dallas, Houston, Austin, San Antonio, Minneapolis, New Orleans, St. Louis, Nashville, Milwaukee, Memphis, Kansas City',
  'America/Denver': 'Salt Lake City, Albuquerque, Colorado Springs, Boulder',
  'America/Edmonton': 'Calgary',
  'America/Halifax': 'Nova Scotia',
  'America/Los_Angeles':
    'San Francisco, Seattle, San Diego, San Jose, Portland, Las Vegas, Sacramento, Oakland, Palo Alto, Silicon Valley',
  'America/Mexico_City': 'Ciudad de México, Guadalajara',
  'America/New_York':
    'Boston, Washington, Miami, Atlanta, Philadelphia, Orlando, Pittsburgh, Charlotte, Cleveland, Baltimore, Ashburn, Tampa',
  'America/Detroit': 'Ann Arbor',
  'America/Phoenix': 'Tucson',
  'America/Santiago': 'Valparaiso',
  'America/Sao_Paulo': 'Rio de Janeiro, Brasília, Brasilia, Curitiba, Belo Horizonte',
  'America/Toronto': 'Montréal, Ottawa, Québec',
  'America/Vancouver': 'Victoria',
  'America/Winnipeg': 'Manitoba',
  'Asia/Baghdad': 'Bagdad',
  'Asia/Bangkok': 'Phuket, Chiang Mai',
  'Asia/Dhaka': 'Dacca, Chittagong',
  'Asia/Dubai': 'Abu Dhabi',
  'Asia/Ho_Chi_Minh': 'Saigon, Hanoi, Da Nang',
  'Asia/Hong_Kong': 'Hongkong, Kowloon',
  'Asia/Jakarta': 'Bandung',
  'Asia/Jerusalem': 'Tel Aviv, Haifa',
  'Asia/Karachi': 'Lahore, Islamabad',
  'Asia/Kathmandu': 'Katmandu',
  'Asia/Kolkata':
    'Calcutta, Mumbai, Bombay, Delhi, New Delhi, Bangalore, Bengaluru, Chennai, Madras, Hyderabad, Pune, Ahmedabad',
  'Asia/Kuala_Lumpur': 'Penang',
  'Asia/Makassar': 'Bali, Denpasar',
  'Asia/Manila': 'Cebu, Quezon City',
  'Asia/Riyadh': 'Jeddah, Mecca, Mekka',
  'Asia/Seoul': 'Busan',
  'Asia/Shanghai': 'Beijing, Peking, Shenzhen, Guangzhou, Canton, Hangzhou, Chengdu, Wuhan, Tianjin, Nanjing',
  'Asia/Singapore': 'Singapur',
  'Asia/Taipei': 'Kaohsiung',
  'Asia/Tehran': 'Teheran',
  'Asia/Tokyo': 'Tokio, Osaka, Kyoto, Yokohama, Nagoya, Sapporo, Fukuoka',
  'Asia/Yangon': 'Rangoon',
  'Asia/Yekaterinburg': 'Ekaterinburg, Jekaterinburg',
  'Atlantic/Reykjavik': 'Reykjavík',
  'Australia/Adelaide': 'South Australia',
  'Australia/Brisbane': 'Gold Coast, Cairns',
  'Australia/Melbourne': 'Geelong',
  'Australia/Sydney': 'Canberra, Newcastle',
  'Europe/Amsterdam': 'Rotterdam, The Hague, Den Haag, Utrecht, Eindhoven',
  'Europe/Athens': 'Athen, Thessaloniki',
  'Europe/Belgrade': 'Belgrad, Beograd, Novi Sad',
  'Europe/Berlin':
    'München, Munich, Hamburg, Köln, Cologne, Frankfurt, Stuttgart, Düsseldorf, Leipzig, Dresden, Hannover, Nürnberg, Nuremberg, Bremen',
  'Europe/Brussels': 'Brüssel, Bruxelles, Antwerp, Antwerpen, Gent',
  'Europe/Bucharest': 'Bukarest, Cluj',
  'Europe/Copenhagen': 'Kopenhagen, København, Aarhus',
  'Europe/Dublin': 'Cork',
  'Europe/Helsinki': 'Tampere, Espoo',
  'Europe/Istanbul': 'Ankara, Izmir, Constantinople',
  'Europe/Kyiv': 'Kiev, Kiew, Lviv, Odesa, Odessa, Kharkiv',
  'Europe/Lisbon': 'Lissabon, Lisboa, Porto',
  'Europe/London': 'Manchester, Edinburgh, Glasgow, Birmingham, Cambridge, Oxford, Bristol, Leeds, Cardiff, Belfast',
  'Europe/Luxembourg': 'Luxemburg',
  'Europe/Madrid': 'Barcelona, Valencia, Sevilla, Seville, Bilbao',
  'Europe/Moscow': 'Moskau, Moskva, Saint Petersburg, St. Petersburg',
  'Europe/Oslo': 'Bergen, Trondheim',
  'Europe/Paris': 'Lyon, Marseille, Toulouse, Strasbourg, Nice, Bordeaux, Lille, Nantes',
  'Europe/Prague': 'Prag, Praha, Brno',
  'Europe/Rome':
    'Rom, Roma, Milano, Milan, Mailand, Torino, Turin, Napoli, Naples, Venice, Venezia, Florence, Firenze, Bologna',
  'Europe/Sofia': 'Plovdiv, Varna',
  'Europe/Stockholm': 'Göteborg, Gothenburg, Malmö',
  'Europe/Vienna': 'Wien, Graz, Linz, Salzburg, Innsbruck',
  'Europe/Warsaw': 'Warschau, Warszawa, Kraków, Cracow, Krakau, Gdansk, Wroclaw, Poznan',
  'Europe/Zurich':
    'Zürich, Bern, Basel, Genf, Genève, Geneva, Lausanne, Luzern, Lucerne, Winterthur, St. Gallen, Lugano',
  'Pacific/Auckland': 'Wellington, Christchurch',
  'Pacific/Honolulu': 'Hawaii',
}

// Browsers list some zones under the name that they had before.
const older: Record<string, string> = {
  'America/Argentina/Buenos_Aires': 'America/Buenos_Aires',
  'Asia/Ho_Chi_Minh': 'Asia/Saigon',
  'Asia/Kathmandu': 'Asia/Katmandu',
  'Asia/Kolkata': 'Asia/Calcutta',
  'Asia/Yangon': 'Asia/Rangoon',
  'Europe/Kyiv': 'Europe/Kiev',
}

const citiesOf: Record<string, string[]> = Object.fromEntries(
  Object.entries(cities).flatMap(([zone, list]) => {
    const before = older[zone]
    const all = before ? [...list.split(', '), cityOf(zone)] : list.split(', ')
    return before
      ? [
          [zone, all],
          [before, all],
        ]
      : [[zone, all]]
  }),
)

/** The last part of a zone's name, as it is written elsewhere. */
function cityOf(zone: string): string {
  return zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')
}

/** Without case, accents and signs: `Zürich` and `zurich` are the same. */
const plain = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/ø/gi, 'o')
    .toLowerCase()
    .replace(/[^a-z0-9+/]+/g, ' ')
    .trim()

/** A zone that was found, and the city that was meant if its name has another. */
interface Found {
  zone: string
  city?: string
}

/** The zones that a text may mean: those whose name or city begins with it come first. */
export function findZones(zones: readonly string[], text: string): Found[] {
  const wanted = plain(text)
  if (!wanted) return zones.map(zone => ({ zone }))
  const ranked = zones.flatMap((zone): (Found & { rank: number })[] => {
    const own = [plain(zone), plain(cityOf(zone))]
    const city = citiesOf[zone]?.find(c => plain(c).startsWith(wanted))
    if (own.some(name => name.startsWith(wanted))) return [{ rank: 0, zone }]
    if (city) return [{ rank: 1, zone, city }]
    if (own.some(name => name.includes(wanted))) return [{ rank: 2, zone }]
    return []
  })
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ zone, city }) => ({ zone, city }))
}

/** The options whose zones a text may mean, as the filter of a field; others are found by their label. */
export function zoneOptions<T extends { value: string; label: string }>(options: readonly T[], text: string): T[] {
  const byZone = new Map(options.map(option => [option.value, option]))
  const found = findZones([...byZone.keys()], text).map(({ zone }) => byZone.get(zone)!)
  const wanted = plain(text)
  const named = options.filter(option => option.label !== option.value && plain(option.label).includes(wanted))
  return [...new Set([...named, ...found])]
}
