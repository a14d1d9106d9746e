import type { Page } from '@playwright/test'
import { looksRight } from './looks.ts'
import { expect, test } from './page.ts'
import { Receiver } from './receiver.ts'

/** What people do with notifications: they set them up, are notified of a failure, and see what did not arrive. */

test.describe.configure({ timeout: 300_000 }) // axe, on a busy machine
// 400 and 409 are refusals that the stories provoke; 404 is the icon's, which the browser asks for again after a link.
test.use({ plan: { nodes: [{ name: 's1', server: true }] }, allowed: /status of 40[049]/ })

const job = (name: string, command: string) => ({
  name,
  schedule: '@manually',
  executor: 'shell',
  executor_config: { command, shell: 'true' },
})

const tab = (page: Page, name: string) => page.getByRole('tab', { name })
const row = (page: Page, list: string, text: string | RegExp) =>
  page.getByRole('list', { name: list }).getByRole('listitem').filter({ hasText: text })
const bell = (page: Page) => page.getByRole('button', { name: /not acknowledged/ })

/** Opens a list of choices, chooses one and closes it. */
async function choose(page: Page, field: string, option: string) {
  await page.getByRole('combobox', { name: field }).press('ArrowDown')
  await page.getByRole('option', { name: option, exact: true }).click()
  await page.keyboard.press('Escape')
}

test('a channel, a rule, a failure, and what became of it', async ({ cluster, visit }) => {
  const receiver = await Receiver.start()
  try {
    const page = await visit('notifications')
    await expect(page.getByText('Nobody is notified yet')).toBeVisible()
    await expect(bell(page)).toBeHidden()
    await looksRight(page, 'notices-empty')

    await test.step('a channel is created, with an error at its field, and tested', async () => {
      await page.getByRole('link', { name: 'New channel' }).click()
      await page.getByLabel('Name', { exact: false }).first().fill('team')
      await page.getByLabel('Type').selectOption('slack')
      await page.getByLabel('URL').fill('https://hooks.example.com/secret')
      await page.getByRole('button', { name: 'Save' }).click()
      await expect(page.getByText(/settings.url holds a secret/)).toBeVisible()
      await expect(page.getByLabel('URL')).toBeFocused()
      await looksRight(page, 'notices-channel')
      await page.getByLabel('Type').selectOption('webhook')
      await page.getByLabel('URL').fill(receiver.url)
      await page.getByRole('button', { name: 'Preview' }).click()
      await expect(page.getByLabel('The message')).toContainText('example failed')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('button', { name: 'Test team' }).click()
      await expect(page.getByText('The test message was delivered.')).toBeVisible()
      expect(receiver.bodies).toHaveLength(1)
      await looksRight(page, 'notices-channels')
    })

    await test.step('a rule is created', async () => {
      await tab(page, 'Rules').click()
      await page.getByRole('link', { name: 'New rule' }).first().click()
      await page.getByLabel('Name', { exact: false }).first().fill('backups')
      await page.getByLabel('Names').fill('backup-*')
      await page.getByRole('button', { name: 'Save' }).click()
      await expect(page.getByText(/channels is missing/)).toBeVisible()
      await expect(page.getByRole('combobox', { name: 'Channels' })).toBeFocused()
      await looksRight(page, 'notices-rule')
      await choose(page, 'Channels', 'team')
      await page.getByLabel('Severity').selectOption('Critical')
      await page.getByLabel('Remind every').fill('1s')
      await page.getByRole('button', { name: 'Save' }).click()
      await expect(page.getByText(/remind 1s is too short/)).toBeVisible()
      await page.getByLabel('Remind every').fill('4h')
      await page.getByRole('button', { name: 'Save' }).click()
      const rule = row(page, 'Rules', 'backups')
      await expect(rule).toContainText('Started failing, Recovered')
      await expect(rule).toContainText('reminds every 4 h')
    })

    await test.step('its channel can’t be deleted, and the page says why', async () => {
      await tab(page, 'Channels').click()
      await page.getByRole('button', { name: 'Delete team' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await expect(page.getByText(/is used by the rules backups/)).toBeVisible()
      const refusal = page.getByRole('alert').filter({ hasText: 'Can’t delete the channel team' })
      await refusal.getByRole('button', { name: 'Close' }).click()
    })

    await test.step('a job fails: the bell has it, the message arrives, somebody acknowledges it', async () => {
      await cluster.jobs(job('backup-db', 'echo the disk is full; exit 3'), job('report', 'exit 1'))
      await cluster.send('POST', 'v1/jobs/report/run?wait')
      await cluster.send('POST', 'v1/jobs/backup-db/run?wait')
      await expect(bell(page)).toHaveText('1')
      await bell(page).click()
      await page.getByRole('menuitem', { name: /backup-db/ }).click()
      await expect(page).toHaveURL(/\/ui\/jobs\/backup-db$/)
      await expect(row(page, 'Open alerts', 'exit code 3')).toBeVisible()
      await looksRight(page, 'notices-job')

      await bell(page).click()
      await looksRight(page, 'notices-bell', '[role="menu"]')
      await page.getByRole('menuitem', { name: 'All alerts' }).click()
      await looksRight(page, 'notices-alerts')
      await page.getByRole('button', { name: 'Acknowledge backup-db, backups' }).click()
      await page.getByLabel('Note for others (optional)').fill('I free some space')
      await page.keyboard.press('Enter')
      await expect(row(page, 'Open alerts', 'backup-db')).toContainText(/Acknowledged by .*: I free some space/)
      await expect(bell(page)).toBeHidden()

      await tab(page, 'Messages').click()
      const sent = row(page, 'Messages', 'backup-db started failing')
      await expect(sent).toContainText('delivered')
      await expect.poll(() => receiver.bodies.at(-1)).toContain('the disk is full')
      await sent.getByRole('link', { name: 'Launch' }).click()
      await expect(page.getByText('the disk is full').first()).toBeVisible()
    })
  } finally {
    receiver.stop()
  }
})

test('a message that does not arrive is seen, and sent again', async ({ cluster, visit }) => {
  const receiver = await Receiver.start()
  try {
    receiver.status = 500
    await cluster.send('PUT', 'v1/channels/down', { type: 'webhook', settings: { url: receiver.url } })
    await cluster.send('PUT', 'v1/rules/nightly', { on: ['failed'], match: { jobs: ['nightly'] }, channels: ['down'] })
    await cluster.jobs(job('nightly', 'exit 4'))
    await cluster.send('POST', 'v1/jobs/nightly/run?wait')
    const page = await visit('notifications?tab=messages&channel=down')
    const alert = row(page, 'Messages', 'nightly failed')
    await expect(alert).toContainText('retrying')
    await expect(alert).toContainText('answered 500')
    await expect(alert.getByRole('button', { name: /^Send now/ })).toBeVisible()

    await tab(page, 'Channels').click()
    await page.getByRole('button', { name: 'Test down' }).click()
    await expect(page.getByText(/The test message was not delivered: .*answered 500/)).toBeVisible({ timeout: 30_000 })
    await page.goto(`${cluster.url()}ui/notifications?tab=messages&channel=down`)
    const tried = row(page, 'Messages', 'Test of the channel down')
    await expect(tried).toContainText('not delivered')
    await looksRight(page, 'notices-messages')

    receiver.status = 200
    await tried.getByRole('button', { name: /^Send again/ }).click()
    await expect(tried).not.toContainText('not delivered')
    await expect(tried).toContainText('delivered')
    await alert.getByRole('button', { name: /^Send now/ }).click() // it would go by itself: the pause between attempts grows
    await expect(alert).toContainText('delivered')
    await expect(alert.getByRole('button')).toBeHidden()
    await expect(tried.getByRole('button')).toBeHidden()
  } finally {
    receiver.stop()
  }
})

test('a job is silenced on its page, and jobs by a filter', async ({ cluster, visit }) => {
  await cluster.send('PUT', 'v1/channels/other', { type: 'job', settings: { job: 'none' } })
  await cluster.send('PUT', 'v1/rules/loud', {
    on: ['failed', 'recovered'],
    match: { jobs: ['loud'] },
    channels: ['other'],
  })
  await cluster.jobs(job('loud', 'exit 5'))
  await cluster.send('POST', 'v1/jobs/loud/run?wait')
  const page = await visit('jobs/loud')
  await page.getByRole('button', { name: 'Silence for 8 h' }).click()
  await page.getByLabel('Reason').fill('the disk is replaced')
  await page.keyboard.press('Enter')
  await expect(page.getByText(/^Silent until/)).toBeVisible()
  await looksRight(page, 'notices-silent')
  await cluster.send('POST', 'v1/jobs/loud/run?wait')
  const [alert] = await cluster.get<{ job: string; count: number }[]>('v1/alerts')
  expect(alert).toMatchObject({ job: 'loud', count: 1 }) // nothing was noticed meanwhile

  await page.getByRole('link', { name: 'Notifications' }).first().click()
  await tab(page, 'Silences').click()
  await page.getByRole('link', { name: 'New silence' }).click()
  await page.getByLabel('Reason').fill('the network is moved')
  await page.getByLabel('Owner').fill('platform')
  await page.getByRole('button', { name: 'Tags: add a pair' }).click()
  await page.getByLabel('Tags: name 1').fill('role')
  await page.getByLabel('Tags: value 1').fill('db')
  await looksRight(page, 'notices-silence')
  await page.getByRole('button', { name: 'Silence', exact: true }).click()
  const silence = row(page, 'Silences', 'owner platform · tag role=db')
  await expect(silence).toContainText('silent')
  await looksRight(page, 'notices-silences')
  await silence.getByRole('button', { name: /^End/ }).click()
  await expect(silence).toContainText('over')
})
