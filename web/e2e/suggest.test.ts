import type { Page } from '@playwright/test'
import { expect, test } from './page.ts'

/** What the form suggests while somebody types: what is in use already, and time zones by city. By keyboard only. */

// The browser logs refusals of an incomplete definition, and the 404 of a free name.
test.use({ allowed: /status of 40[04]/ })

const shell = { schedule: '@manually', executor: 'shell', executor_config: { command: 'true' } }

// Native selects have options, too.
const suggestionsOf = (page: Page) => page.locator('[role=option]:visible')

// Jobs of other stories have a team; nobody else has a squad.
test.beforeAll(({ cluster }) =>
  cluster.jobs(
    { name: 'suggest-a', owner: 'payments', metadata: { squad: 'ledger', tier: '1' }, ...shell },
    { name: 'suggest-b', owner: 'payments', metadata: { squad: 'ledger' }, ...shell },
    { name: 'suggest-c', owner: 'platform', metadata: { squad: 'search' }, ...shell },
  ),
)

test('owners, metadata and tags that are in use are suggested, and chosen with the keyboard', async ({
  cluster,
  visit,
}) => {
  const page = await visit('new')
  await page.getByLabel('Name', { exact: true }).fill('suggested')
  await page.getByText('Manual', { exact: true }).click()
  await page.getByRole('textbox', { name: 'Command' }).fill('true')

  const owner = page.getByRole('combobox', { name: 'Owner', exact: true })
  await owner.focus()
  await expect(suggestionsOf(page).filter({ hasText: /^platform$/ })).toBeVisible()
  await page.keyboard.type('pay')
  await expect(suggestionsOf(page)).toHaveText(['payments'])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(owner).toHaveValue('payments')
  await expect(page).toHaveURL(/\/ui\/new$/) // Enter has chosen, not saved

  // A row that was just added has the focus: letters are written, not taken for commands (d: theme, c: new job).
  const theme = await page.locator('html').getAttribute('data-mantine-color-scheme')
  await page.getByRole('button', { name: 'Add a tag' }).press('Enter')
  const key = page.getByRole('combobox', { name: 'Key of tag 1' })
  await expect(key).toBeFocused()
  await expect(suggestionsOf(page).filter({ hasText: /^at$/ })).toBeVisible()
  await page.keyboard.type('dc')
  await expect(key).toHaveValue('dc')
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme!)
  await key.fill('at')
  await page.keyboard.press('Tab')
  await expect(suggestionsOf(page)).toHaveText(['s1', 's2', 's3'])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('combobox', { name: 'Value of at' })).toHaveValue('s1')

  // On a button among fields, too.
  await page.getByRole('button', { name: 'Add a tag' }).focus()
  await page.keyboard.press('d')
  await page.keyboard.press('c')
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme!)
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('suggested')

  await page.getByText('Metadata', { exact: true }).first().click()
  await page.getByRole('button', { name: 'Add a pair' }).press('Enter')
  await page.keyboard.type('sq')
  await expect(suggestionsOf(page).filter({ hasText: /^squad$/ })).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await expect(suggestionsOf(page)).toHaveText(['ledger', 'search'])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('combobox', { name: 'Value of squad' })).toHaveValue('ledger')
  await page.keyboard.press('Control+Enter')
  await expect(page).toHaveURL(/\/ui\/jobs\/suggested$/)
  expect(await cluster.get<object>('v1/jobs/suggested')).toMatchObject({
    owner: 'payments',
    tags: { at: 's1' },
    metadata: { squad: 'ledger' },
  })
})

test('a time zone is found by its city, as people type it, and Enter takes it', async ({ cluster, visit }) => {
  const page = await visit('new')
  await page.getByLabel('Name', { exact: true }).fill('zoned')
  await page.getByLabel('Schedule', { exact: true }).fill('0 30 3 * * *')
  await page.getByRole('textbox', { name: 'Command' }).fill('true')
  const zone = page.getByRole('combobox', { name: 'Time zone' })
  for (const [typed, found] of [
    ['san fran', 'America/Los_Angeles'],
    ['Zürich', 'Europe/Zurich'],
    ['new york', 'America/New_York'],
    ['bombay', /^Asia\/(Kolkata|Calcutta)/],
  ] as const) {
    await zone.focus()
    await page.keyboard.press('Control+a')
    await page.keyboard.type(typed)
    await expect(suggestionsOf(page).first()).toHaveText(found instanceof RegExp ? found : new RegExp(`^${found}`))
    await page.keyboard.press('Enter')
    await expect(zone).toHaveValue(found)
    await expect(page).toHaveURL(/\/ui\/new$/)
  }
  await zone.focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.type('atlantis')
  await expect(page.getByText('No such zone or city')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  await expect(zone).toHaveValue(/^Asia\/(Kolkata|Calcutta)$/) // what was chosen last is kept
  await expect(page.getByText(/In Asia\/(Kolkata|Calcutta)/)).toBeVisible()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page).toHaveURL(/\/ui\/jobs\/zoned$/)
  expect((await cluster.get<{ timezone: string }>('v1/jobs/zoned')).timezone).toMatch(/^Asia\/(Kolkata|Calcutta)$/)
})
