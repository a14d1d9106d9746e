import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import type { AxeResults, ContextObject } from 'axe-core'
import { expect } from './page.ts'

const axe = readFileSync(fileURLToPath(new URL('../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8')

const wide = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }
const all = (['light', 'dark'] as const).flatMap(scheme => [wide, phone].map(size => ({ scheme, size })))

/** With PICTURES set, every theme and size has its turn, and pictures to be looked at go to e2e/out/pictures. */
const turns = process.env.PICTURES
  ? all
  : [
      { scheme: 'light' as const, size: wide },
      { scheme: 'dark' as const, size: phone },
    ]

/** Checks that a page, or a part of it, does not scroll sideways and has no serious accessibility violation. */
export async function looksRight(page: Page, name: string, part?: string) {
  for (const { scheme, size } of turns) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await page.setViewportSize(size)
    await expect(page.locator('[aria-label^="Loading"]')).toHaveCount(0)
    // The menu slides while the size changes.
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), {
        message: `${name} at ${size.width} px scrolls sideways`,
      })
      .toBeLessThanOrEqual(0)
    if (process.env.PICTURES)
      await page.screenshot({ path: `e2e/out/pictures/${name}-${scheme}-${size.width}.png`, fullPage: !part })
    expect(await serious(page, part), `${name} at ${size.width} px, ${scheme}`).toEqual([])
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(wide)
}

/**
 * The serious accessibility violations of a page or a part of it, in words. `only` names rules: a theme changes nothing but
 * colours.
 */
export async function serious(page: Page, part?: string, only?: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  // Colours may be on their way from one theme to the other: they jump to the end. To wait for it would take as long as the browser
  // draws nothing, which may be for ever.
  await page.evaluate(() => {
    for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish()
  })
  const wanted = only ? { runOnly: only } : { rules: { 'target-size': { enabled: true } } }
  const how = { ...wanted, resultTypes: ['violations'] } // it describes each element of what it returns
  const { violations } = await page.evaluate(
    ([within, options]) =>
      (
        window as unknown as { axe: { run: (where: ContextObject | Document, how: object) => Promise<AxeResults> } }
      ).axe.run(within ? { include: [[within]] } : document, options),
    [part, how] as const,
  )
  return violations
    .filter(v => v.impact === 'serious' || v.impact === 'critical')
    .flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)} (${n.failureSummary?.split('\n').at(1)?.trim()})`))
}
