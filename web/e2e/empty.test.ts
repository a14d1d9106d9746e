import type { Page } from '@playwright/test'
import { expect, test } from './page.ts'

// A cluster of its own: others fill theirs.
test.use({ plan: { nodes: [{ name: 'dk1', server: true }] } })
test.describe.configure({ timeout: 120_000 })

test('an empty cluster fits a phone: nothing is cut off', async ({ visit }) => {
  for (const path of ['', 'jobs', 'launches', 'timeline']) {
    const page = await visit(path)
    await page.setViewportSize({ width: 390, height: 844 })
    await expect(page.locator('[aria-label^="Loading"]')).toHaveCount(0)
    // What leaves its box is cut off, unless the box can be scrolled to it.
    await expect.poll(() => cutOff(page, 390), { message: `/${path}` }).toEqual([])
  }
})

/** The texts and buttons of the page that lie partly beyond the screen, and can't be scrolled to. */
const cutOff = (page: Page, width: number) =>
  page.evaluate(most => {
    const scrolls = (e: Element | null): boolean =>
      e !== null && (/auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement))
    return [...document.querySelectorAll('main *')]
      .filter(
        e => e.matches('button, a, pre') || [...e.childNodes].some(n => n.nodeType === 3 && n.textContent?.trim()),
      )
      .filter(e => {
        const { left, right, width: wide } = e.getBoundingClientRect()
        return wide > 1 && (left < 0 || right > most) && !scrolls(e.matches('pre') ? null : e.parentElement)
      })
      .map(e => e.outerHTML.slice(0, 120))
  }, width)
