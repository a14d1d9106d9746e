import { expect, test } from 'vitest'
import { findZones } from './cities'

const zones = ['UTC', 'Local', ...Intl.supportedValuesOf('timeZone')]

test.each([
  ['Zürich', 'Europe/Zurich'],
  ['zurich', 'Europe/Zurich'],
  ['Genf', 'Europe/Zurich'],
  ['Bombay', /^Asia\/(Kolkata|Calcutta)$/],
  ['kolkata', /^Asia\/(Kolkata|Calcutta)$/],
  ['New York', 'America/New_York'],
  ['new_york', 'America/New_York'],
  ['San Francisco', 'America/Los_Angeles'],
  ['Peking', 'Asia/Shanghai'],
  ['köln', 'Europe/Berlin'],
  ['kobenhavn', 'Europe/Copenhagen'],
  ['Kyiv', /^Europe\/(Kyiv|Kiev)$/],
  ['europe/ber', 'Europe/Berlin'],
  ['utc', 'UTC'],
])('%s is in %s', (text, zone) => {
  const [first] = findZones(zones, text)
  expect(first?.zone).toMatch(zone)
})

test('the city is shown if the zone has another name', () => {
  expect(findZones(zones, 'san fran')).toEqual([{ zone: 'America/Los_Angeles', city: 'San Francisco' }])
  expect(findZones(zones, 'atlantis')).toEqual([])
  expect(findZones(zones, ' ')).toHaveLength(zones.length)
})
