import type { Tone } from '@/ui/state'

/** The colours of the theme for the canvas, which has no CSS variables. */
export interface Palette {
  page: string
  panel: string
  line: string
  strong: string
  text: string
  soft: string
  accent: string
  accentSoft: string
  hover: string
  fill: Record<Tone, string>
  ink: Record<Tone, string>
  tint: Record<Tone, string>
  /** Text on a bar. */
  onFill: string
  font: string
}

const tones: readonly Tone[] = ['good', 'bad', 'live', 'wait', 'odd', 'calm']

/** The current colours at an element. */
export function paletteOf(element: Element, dark: boolean): Palette {
  const style = getComputedStyle(element)
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const all = (prefix: string, suffix = '') =>
    Object.fromEntries(tones.map(t => [t, read(`${prefix}${t}${suffix}`)])) as Record<Tone, string>
  return {
    page: read('page'),
    panel: read('panel'),
    line: read('line'),
    strong: read('line-strong'),
    text: read('text'),
    soft: read('text-soft'),
    accent: read('accent'),
    accentSoft: read('accent-soft'),
    hover: read('hover'),
    fill: all('fill-'),
    ink: all(''),
    tint: all('', '-soft'),
    onFill: read(dark ? 'page' : 'text'),
    font: style.fontFamily,
  }
}
