import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const [light, dark] = readFileSync('src/app/theme.css', 'utf8').split('[data-mantine')

const colour = (theme: string, name: string) => new RegExp(`--${name}: #([0-9a-f]{6});`).exec(theme)![1]!

/** The relative luminance of WCAG 2. */
function luminance(hex: string): number {
  const [r, g, b] = [0, 2, 4].map(at => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (high! + 0.05) / (low! + 0.05)
}

const grounds = ['soft', 'hover']

it.each([
  ['light', light!],
  ['dark', dark!],
])('text on a light button can be read in the %s theme', (_, theme) => {
  for (const ground of grounds)
    expect(contrast(colour(theme, 'accent'), colour(theme, `accent-${ground}`))).toBeGreaterThan(4.5)
})

it.each(['good', 'bad', 'live', 'wait', 'odd', 'calm'])('the tone %s can be read on its own ground', tone => {
  for (const theme of [light!, dark!])
    expect(contrast(colour(theme, tone), colour(theme, `${tone}-soft`))).toBeGreaterThan(4.5)
})

it('a light button of the dark theme stands out from a panel', () => {
  expect(luminance(colour(dark!, 'accent-soft'))).toBeGreaterThan(2 * luminance('161a22'))
})

it.each([
  ['light', light!, 'ffffff'],
  ['dark', dark!, '161a22'],
])('the edge of a box to tick is seen on a panel of the %s theme', (_, theme, panel) => {
  expect(contrast(colour(theme, 'edge'), panel)).toBeGreaterThan(3)
  for (const file of ['src/pages/jobs/Tick.module.css', 'src/app/theme.css'])
    expect(readFileSync(file, 'utf8')).toContain('var(--edge)')
})
