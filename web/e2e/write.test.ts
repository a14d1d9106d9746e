import { expect, test, until } from './page.ts'

interface Job {
  schedule: string
  executor_config: Record<string, string>
  tags: Record<string, string> | null
  revision: number
}

// The browser logs refusals of an incomplete definition, and the 404 of a free name.
test.use({ allowed: /status of 40[04]/ })

test('a job is created, shown, changed and reverted', async ({ cluster, visit }) => {
  const page = await visit()
  await page.keyboard.press('c')
  await page.getByLabel('Display name').fill('Nightly copy')
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('nightly-copy')
  await page.getByLabel('Schedule', { exact: true }).fill('0 30 2 * * *')
  await expect(page.getByText('Every day at 02:30')).toBeVisible()
  await page.getByRole('textbox', { name: 'Command' }).fill('echo copied')
  await page.getByRole('button', { name: 'Save', exact: true }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'Nightly copy' })).toBeVisible()
  await expect(page).toHaveURL(/\/ui\/jobs\/nightly-copy$/)
  const stored = await cluster.get<Job>('v1/jobs/nightly-copy')
  expect(stored.schedule).toBe('0 30 2 * * *')
  expect(stored.executor_config).toMatchObject({ command: 'echo copied' })

  await page.getByRole('link', { name: 'Edit' }).click()
  await page.getByRole('textbox', { name: 'Command' }).fill('echo copied twice')
  await page.keyboard.press('Control+Enter')
  await expect(page).toHaveURL(/\/ui\/jobs\/nightly-copy$/)
  expect((await cluster.get<Job>('v1/jobs/nightly-copy')).executor_config.command).toBe('echo copied twice')

  await page.getByRole('tab', { name: 'Versions' }).click()
  await expect(page.getByText('echo copied twice').first()).toBeVisible()
  await page.getByText('Revision 1').first().click()
  await page.getByRole('button', { name: /^Revert/ }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Revert/ })
    .click()
  await until('the first command is back', async () => {
    const job = await cluster.get<Job>('v1/jobs/nightly-copy')
    return job.executor_config.command === 'echo copied' && job.revision === 3
  })
})

test('an error is shown at its field, and nothing is stored', async ({ cluster, visit }) => {
  const page = await visit('new')
  await page.getByLabel('Name', { exact: true }).fill('wrong')
  await page.getByLabel('Schedule', { exact: true }).fill('every now and then')
  await expect(page.getByText(/parse job schedule|schedule/i).first()).toBeVisible()
  await page.getByRole('textbox', { name: 'Command' }).fill('true')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page).toHaveURL(/\/ui\/new/)
  await expect(cluster.get('v1/jobs/wrong')).rejects.toThrow('404')
})

test('a warning is shown in the form and on the job, which is stored', async ({ cluster, visit }) => {
  const page = await visit('new')
  await page.getByLabel('Name', { exact: true }).fill('doubtful')
  await page.getByLabel('Schedule', { exact: true }).fill('0 0 31 2 *')
  await page.getByRole('textbox', { name: 'Command' }).fill('true')
  await expect(page.getByText('Never: no year has such a day (on day 31 of February at 00:00)')).toBeVisible()
  await expect(page.getByText('schedule never fires: no year has such a day.', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page).toHaveURL(/\/ui\/new$/)
  await page.getByRole('button', { name: 'Save anyway' }).click()

  await expect(page).toHaveURL(/\/ui\/jobs\/doubtful$/)
  await expect(page.getByRole('heading', { name: 'doubtful' })).toBeVisible()
  await expect(page.getByText('schedule never fires: no year has such a day.')).toBeVisible()
  expect((await cluster.get<Job>('v1/jobs/doubtful')).schedule).toBe('0 0 31 2 *')
})

test.describe('as text', () => {
  // Chromium adds a style attribute to text that replaces coloured text, and then blocks it by the policy.
  test.use({ allowed: /status of 40[04]|Applying inline style/ })

  test('the same job is written as YAML, with the policy in force', async ({ cluster, visit }) => {
    const page = await visit('new')
    await page.getByText('YAML', { exact: true }).click()
    const editor = page
      .getByRole('textbox', { name: /YAML|definition/i })
      .or(page.locator('.cm-content'))
      .first()
    await editor.click()
    await page.keyboard.press('Control+a')
    await page.keyboard.insertText(
      'name: as-text\nschedule: "@every 1h"\nexecutor: shell\nexecutor_config:\n  command: echo text\ntags:\n  role: nobody\n',
    )
    await expect(page.getByText(/No (live )?node/i).first()).toBeVisible()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'as-text' })).toBeVisible()
    expect((await cluster.get<Job>('v1/jobs/as-text')).tags).toEqual({ role: 'nobody' })
  })
})

test('unsaved changes are not lost by a click', async ({ visit }) => {
  const page = await visit('new')
  await page.getByLabel('Name', { exact: true }).fill('half')
  await page.getByRole('link', { name: 'Jobs' }).first().click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('half')
})
