import { clockTime } from './time'

/** Converts between instants and a zone's local times in the format of `<input type="datetime-local">`. */

/** `2026-11-24T03:30:00` in a zone; empty if the text is not a time. */
export function wallOf(instant: string, zone: string | undefined): string {
  const at = new Date(/T\d{2}:\d{2}$/.test(instant) ? `${instant}Z` : instant)
  if (!instant || Number.isNaN(at.getTime())) return ''
  return clockTime(at, zone).replace(' ', 'T')
}

/** The instant at which a zone's clocks show a time: the first if they show it twice, right after if they skip it. */
export function instantOf(wall: string, zone: string | undefined): string {
  const shown = Date.parse(`${wall}Z`)
  if (!wall || Number.isNaN(shown)) return ''
  const day = 24 * 3600_000
  const offsets = [shown - day, shown + day].map(at => offsetAt(at, zone))
  const fits = offsets.map(offset => shown - offset).filter(at => at + offsetAt(at, zone) === shown)
  const at = fits.length ? Math.min(...fits) : shown - offsets[0]!
  return new Date(at).toISOString().replace('.000', '')
}

function offsetAt(at: number, zone: string | undefined): number {
  return Date.parse(`${wallOf(new Date(at).toISOString(), zone)}Z`) - Math.floor(at / 1000) * 1000
}
