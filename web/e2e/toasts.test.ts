import type { Page } from '@playwright/test'
import { expect, test } from './page.ts'

/** What was done is reported above everything else, and must not be in the way of what comes next. */

test.describe.configure({ timeout: 120_000 })

const shell = (command: string) => ({ schedule: '@manually', tags: { server: 'true:1' }, executor: 'shell', executor_config: { shell: 'true', command } }) // prettier-ignore

interface Seen {
  /** What a toast has covered part of. */
  covered: string[]
  /** What was on the page together with a toast. */
  together: string[]
}

/** Looks at each frame of the page for toasts that cover Save or the log. */
async function watchToasts(page: Page) {
  await page.evaluate(() => {
    const covered = new Set<string>()
    const together = new Set<string>()
    const look = () => {
      const save = [...document.querySelectorAll('button')].find(button => button.textContent?.trim() === 'Save')
      for (const toast of document.querySelectorAll('.mantine-Notifications-notification'))
        for (const [name, element] of [
          ['Save', save],
          ['the log', document.querySelector('[role=log]')],
        ] as const) {
          if (!element) continue
          together.add(name)
          const [a, b] = [toast.getBoundingClientRect(), element.getBoundingClientRect()]
          if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) covered.add(name)
        }
      requestAnimationFrame(look)
    }
    look()
    Object.assign(globalThis, { toastsSeen: () => ({ covered: [...covered], together: [...together] }) })
  })
  return () => page.evaluate(() => (globalThis as unknown as { toastsSeen: () => Seen }).toastsSeen())
}

for (const [width, height] of [
  [1440, 900],
  [390, 844],
] as const)
  test(`a toast leaves the log and Save free, and goes by itself, at ${width} px`, async ({ cluster, visit }) => {
    const name = `toasted-${width}`
    await cluster.jobs({ name, ...shell('echo ready; sleep 300') })
    const page = await visit(`jobs/${name}`)
    await page.setViewportSize({ width, height })
    const seen = await watchToasts(page)

    await page.getByRole('button', { name: 'Run now' }).click()
    await expect(page.getByRole('log')).toContainText('ready')
    await page.getByRole('button', { name: 'Stop', exact: true }).first().click()
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
    await expect(page.getByRole('alert').filter({ hasText: 'Stopping' })).toBeVisible()
    expect((await seen()).together).toContain('the log')

    // From here the page is not loaded again, so that the toast shows while the form is open.
    await page.getByRole('link', { name }).first().click()
    const phone = width < 768
    const menu = async (item: string) => {
      if (phone) await page.getByRole('button', { name: 'More actions' }).click()
      await page.getByRole(phone ? 'menuitem' : 'button', { name: item }).click()
    }
    await menu('Disable')
    const disabled = page.getByRole('alert').filter({ hasText: 'Disabled' })
    await expect(disabled).toBeVisible()
    if (phone) await menu('Edit')
    else await page.getByRole('link', { name: 'Edit' }).click()
    await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeVisible()
    await disabled.hover()
    await expect(disabled).toHaveCount(0, { timeout: 15_000 })
    expect(await seen()).toEqual({ covered: [], together: expect.arrayContaining(['Save', 'the log']) as string[] })
  })
