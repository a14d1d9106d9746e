import type { Page } from '@playwright/test'
import { expect, test, until } from './page.ts'

// The browser logs refusals of an incomplete definition, and the 404 of a free name.
test.use({ allowed: /status of 40[04]|Applying inline style/ })

/** What the bar says of a form without problems. */
const good = /^(Ready to save|Can be saved)$/

test('a shell job without a command, and an unknown key, are not called good', async ({ cluster, visit }) => {
  const page = await visit('new')
  const verdict = page.getByText(good)
  await page.getByLabel('Name', { exact: true }).fill('no-command')
  await page.getByLabel('Schedule', { exact: true }).fill('@daily')
  await expect(
    page
      .getByText(/command/)
      .filter({ hasText: /missing|empty|nothing/ })
      .first(),
  ).toBeVisible()
  await expect(verdict).toHaveCount(0)
  await page.getByRole('textbox', { name: 'Command' }).fill('true')
  await expect(verdict).toBeVisible()

  await page.getByText('YAML', { exact: true }).click()
  const editor = page.locator('.cm-content').first()
  await editor.click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(
    'name: unknown-key\nschedule: "@daily"\nretrys: 3\nexecutor: shell\nexecutor_config:\n  command: echo text\n',
  )
  await expect(page.getByText(/with 1 warning/)).toBeVisible()
  await expect(verdict).toHaveCount(0)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('list', { name: 'Problems' })).toContainText(/retrys.*retries/)
  await expect(page).toHaveURL(/\/ui\/new/)
  await expect(cluster.get('v1/jobs/unknown-key')).rejects.toThrow('404')
})

test('a column keeps its name and its cells when the list is sorted by it', async ({ cluster, visit }) => {
  const shell = (name: string, command: string) => ({
    name,
    schedule: '@manually',
    executor: 'shell',
    executor_config: { command },
  })
  await cluster.jobs(shell('column-good', 'true'), shell('column-bad', 'exit 3'), shell('column-never', 'true'))
  await cluster.send('POST', 'v1/jobs/column-good/run')
  await cluster.send('POST', 'v1/jobs/column-bad/run')
  await until('both ended', async () => {
    const ended = await cluster.get<{ last_launch: unknown }[]>('v1/jobs?q=column')
    return ended.filter(job => job.last_launch).length === 2
  })
  const page = await visit('jobs?search=column')
  await expect(page.getByRole('row')).toHaveCount(4)
  const headers = async () => (await page.getByRole('columnheader').allInnerTexts()).map(text => text.trim())
  // Times change while one looks; the rate of successes does not.
  const rates = async () => {
    const at = (await headers()).indexOf('Success')
    const found: string[] = []
    for (const row of (await page.getByRole('row').all()).slice(1)) {
      found.push(
        `${await row.getByRole('link').first().innerText()} ${await row.getByRole('cell').nth(at).innerText()}`,
      )
    }
    return found.toSorted()
  }
  const [names, before] = [await headers(), await rates()]
  expect(names).toContain('Success')
  expect(before.join()).toMatch(/column-bad.* 0 %/)
  const sortable = page.getByRole('columnheader').filter({ has: page.getByRole('button') })
  const columns = (await sortable.allInnerTexts()).map(text => text.trim())
  expect(columns).toContain('Next run')
  for (const column of columns) {
    for (let turn = 0; turn < 2; turn++) {
      await page.getByRole('columnheader', { name: column, exact: true }).getByRole('button').click()
      await expect(page.getByRole('row')).toHaveCount(4)
      expect(await headers(), `after a click on ${column}`).toEqual(names)
      expect(await rates(), `after a click on ${column}`).toEqual(before)
    }
  }
})

test('while job changes are frozen, the form does not say that they can be saved', async ({ cluster, visit }) => {
  await cluster.send('POST', 'v1/pause')
  try {
    const page = await visit('new')
    await page.getByLabel('Name', { exact: true }).fill('frozen')
    await page.getByLabel('Schedule', { exact: true }).fill('@daily')
    await page.getByRole('textbox', { name: 'Command' }).fill('true')
    await expect(page.getByText(/Job changes are frozen: unfreeze them/)).toBeVisible()
    await expect(page.getByText(good)).toHaveCount(0)
  } finally {
    await cluster.send('POST', 'v1/unpause')
  }
})

test('the bar with Save does not cover what has the focus', async ({ cluster, visit }) => {
  await cluster.jobs({
    name: 'covered',
    schedule: '@manually',
    executor: 'shell',
    executor_config: { command: 'true' },
  })
  const page = await visit('jobs/covered/edit')
  await page.setViewportSize({ width: 1440, height: 900 })
  const save = page.getByRole('button', { name: 'Save', exact: true })
  await save.waitFor()
  await page.getByLabel('Display name').focus()
  for (let press = 0; press < 40; press++) {
    await page.keyboard.press('Tab')
    const hidden = await coveredByBar(page)
    expect(hidden, `after ${press + 1} presses of Tab`).toBe('')
  }
})

/** What has the focus, if the bar with Save covers part of it. It fails if there is no bar. */
async function coveredByBar(page: Page): Promise<string> {
  return page.evaluate(() => {
    const focused = document.activeElement
    const save = [...document.querySelectorAll('button')].find(button => button.textContent?.trim() === 'Save')
    const bar = save?.closest('[data-form]')
    if (!bar) throw new Error('no bar with Save')
    if (!focused || focused === document.body || bar.contains(focused)) return ''
    const box = focused.getBoundingClientRect()
    const cover = bar.getBoundingClientRect()
    const overlaps =
      box.bottom > cover.top + 1 && box.top < cover.bottom - 1 && box.right > cover.left && box.left < cover.right
    return overlaps ? (focused.getAttribute('aria-label') ?? focused.outerHTML.slice(0, 120)) : ''
  })
}
