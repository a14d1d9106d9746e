import type { Page } from '@playwright/test'
import { expect, test, until } from './page.ts'

// The browser logs refusals of an incomplete definition, and the 404 of a free name.
test.use({ allowed: /status of 40[04]|Applying inline style/ })

test('a shell job without a command, and an unknown key, are not called good', async ({ cluster, visit }) => {
  const page = await visit('new')
  const verdict = page.getByText('Can be saved', { exact: true })
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
  await expect(page.getByText(/retrys.*retries/).first()).toBeVisible()
  await expect(verdict).toHaveCount(0)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
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
  const cells = async (column: string) => {
    const headers = await page.getByRole('columnheader').allInnerTexts()
    const at = headers.findIndex(text => text.trim() === column)
    expect(at, `${column} is one of ${headers.join(', ')}`).toBeGreaterThanOrEqual(0)
    const rows = await page.getByRole('row').all()
    const found: string[] = []
    for (const row of rows.slice(1)) {
      found.push(
        `${await row.getByRole('link').first().innerText()} ${await row.getByRole('cell').nth(at).innerText()}`,
      )
    }
    return found.toSorted()
  }
  for (const column of ['Success', 'Last run']) {
    const before = await cells(column)
    for (const order of [/sort=/, /order=desc|sort=/]) {
      await page.getByRole('columnheader', { name: column }).getByRole('button').click()
      await expect(page).toHaveURL(order)
      expect(await cells(column)).toEqual(before)
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
    await expect(page.getByText('Can be saved', { exact: true })).toHaveCount(0)
  } finally {
    await cluster.send('POST', 'v1/unpause')
  }
})

test('neither the bar nor a message covers what is typed or pressed', async ({ cluster, visit }) => {
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

/** What has the focus, if the bar with Save covers part of it. */
async function coveredByBar(page: Page): Promise<string> {
  return page.evaluate(() => {
    const focused = document.activeElement
    const save = [...document.querySelectorAll('button')].find(button => button.textContent?.trim() === 'Save')
    const bar = save?.closest('[class*="bar" i]')
    if (!focused || focused === document.body || !bar || bar.contains(focused)) return ''
    const box = focused.getBoundingClientRect()
    const cover = bar.getBoundingClientRect()
    const overlaps =
      box.bottom > cover.top + 1 && box.top < cover.bottom - 1 && box.right > cover.left && box.left < cover.right
    return overlaps ? (focused.getAttribute('aria-label') ?? focused.outerHTML.slice(0, 120)) : ''
  })
}
