import type { Cluster } from './cluster.ts'
import { looksRight } from './looks.ts'
import { expect, test, until } from './page.ts'

// The browser logs the 404 of a free name.
test.use({ allowed: /status of 404/ })
test.describe.configure({ timeout: 180_000 }) // axe, on a busy machine

const shell = (command: string) => ({ executor: 'shell', executor_config: { shell: 'true', command } })
const one = { server: 'true:1' }

interface Launch {
  id: string
  launch_id: string
}

const ends = (cluster: Cluster, job: string) => cluster.send<Launch>('POST', `v1/jobs/${job}/run?wait`)
const launches = (cluster: Cluster, job: string) => cluster.get<Launch[]>(`v1/jobs/${job}/launches`)

test.describe('a job that asks first', () => {
  const asks = { schedule: '@manually', tags: one, confirm: true }

  test('is not run, toggled or run again without a question', async ({ cluster, visit }) => {
    await cluster.jobs({ name: 'migrate', displayname: 'Migrate orders', ...asks, ...shell('echo migrated') })
    const page = await visit('jobs/migrate')
    await page.getByRole('button', { name: 'Run now' }).click()
    const question = page.getByRole('dialog', { name: 'Run Migrate orders now?' })
    await expect(question).toContainText('migrate: this job is set to ask before it is started or stopped.')
    await page.keyboard.press('Enter') // of somebody tired: it closes the question
    await expect(question).toHaveCount(0)
    expect(await launches(cluster, 'migrate')).toEqual([])

    await page.getByRole('button', { name: 'Disable' }).click()
    await page.getByRole('dialog', { name: 'Disable Migrate orders?' }).getByRole('button', { name: 'Cancel' }).click()
    expect(await cluster.get<object>('v1/jobs/migrate')).toMatchObject({ disabled: false })

    await page.getByRole('button', { name: 'Run now' }).click()
    await question.getByRole('button', { name: 'Run now' }).click()
    await expect(page).toHaveURL(/\/ui\/launches\/migrate\.\d+/)
    await expect(page.getByRole('log')).toContainText('migrated')
    await page.getByRole('button', { name: 'Run again' }).click()
    await question.getByRole('button', { name: 'Cancel' }).click()
    expect(await launches(cluster, 'migrate')).toHaveLength(1)
  })

  test('is not run by a key, the palette or a selection unless a person says so', async ({ cluster, visit }) => {
    await cluster.jobs(
      { name: 'ask-first', ...asks, ...shell('true') },
      { name: 'ask-never', schedule: '@manually', tags: one, ...shell('true') },
    )
    const page = await visit('jobs?search=ask')
    await page.getByRole('link', { name: 'ask-first', exact: true }).focus()
    await page.keyboard.press('r')
    await page.getByRole('dialog', { name: 'Run ask-first now?' }).getByRole('button', { name: 'Cancel' }).click()

    await page.keyboard.press('Control+k')
    await page.getByLabel('Find a job or a page').fill('ask-first')
    await page.getByText('Run ask-first now').click()
    await page.getByRole('dialog', { name: 'Run ask-first now?' }).getByRole('button', { name: 'Cancel' }).click()
    expect(await launches(cluster, 'ask-first')).toEqual([])

    await page.getByRole('checkbox', { name: 'Select all jobs on this page' }).check()
    await page.getByRole('region', { name: 'Selected jobs' }).getByRole('button', { name: 'Run now' }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByRole('checkbox', { name: 'Include 1 job that asks first' })).not.toBeChecked()
    await looksRight(page, 'bulk')
    await dialog.getByRole('button', { name: 'Run now: 1 job' }).click()
    await expect(dialog).toContainText('1 job left unchanged: it asks first')
    expect(await launches(cluster, 'ask-never')).toHaveLength(1)
    expect(await launches(cluster, 'ask-first')).toEqual([])
  })
})

const attack = `# <img src=x onerror="document.title='broken'">

<script>document.title = 'broken'</script>
<iframe src="javascript:parent.document.title='broken'"></iframe>

[click](javascript:document.title='broken') ![pixel](https://tracker.example.com/x.png)
<svg onload="document.title='broken'"><style>body{display:none}</style></svg>`

test('notes, runbook and metadata of somebody else do nothing', async ({ cluster, visit }) => {
  await cluster.jobs({
    name: 'trap',
    displayname: '<b onmouseover=alert(1)>trap</b>',
    schedule: '@manually',
    tags: one,
    ...shell('echo "<script>document.title=1</script>"; exit 3'),
    notes: attack,
    metadata: { runbook: "javascript:document.title='broken'", '<script>': '"><img src=x onerror=alert(1)>' },
  })
  await ends(cluster, 'trap')
  const page = await visit('jobs/trap')
  await expect(page.getByText("<script>document.title = 'broken'</script>", { exact: false })).toBeVisible()
  await expect(page.getByText('javascript:document.title', { exact: false }).first()).toBeVisible()
  expect(await page.locator('[href^="javascript:" i], main iframe, main script, main img, main style').count()).toBe(0)
  await expect(page.getByRole('link', { name: /runbook/i })).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'pixel' })).toHaveAttribute('href', 'https://tracker.example.com/x.png')
  await page.getByRole('link', { name: 'Show output' }).click()
  await expect(page.getByRole('link', { name: /runbook/i })).toHaveCount(0)
  await page.goto(`${cluster.url()}ui/jobs/trap/edit`)
  await page.getByText('Preview', { exact: true }).click()
  await expect(page.getByRole('link', { name: 'pixel' })).toBeVisible()
  expect(await page.title()).not.toMatch(/^broken/)
})

const notes = `Settles yesterday’s orders with the bank. **Never run it twice for one day.**

## When it fails

1. Look whether the bank answers: \`curl -sI https://bank.example.com/health\`
2. After \`503\`, wait ten minutes and run it again.
3. Otherwise call [the people on duty](https://wiki.example.com/on-call).

| exit code | meaning |
|---|---|
| 17 | the bank refused the batch |
| 3 | the database is read-only |
`

test('a job’s page shows what is wrong, its runbook, its notes, its parents and children', async ({
  cluster,
  visit,
}) => {
  await cluster.jobs({
    name: 'orders',
    displayname: 'Collect orders',
    schedule: '@manually',
    tags: one,
    ...shell('true'),
  })
  await cluster.jobs({
    name: 'settle',
    displayname: 'Settle orders',
    parents: [{ job: 'orders', on: 'success' }],
    tags: one,
    owner: 'payments',
    owner_email: 'payments@example.com',
    metadata: { runbook: 'https://wiki.example.com/settle', team: 'payments' },
    confirm: true,
    notes,
    ...shell('echo connecting; echo "ERROR 503 from upstream" >&2; exit 17'),
  })
  await cluster.jobs({ name: 'report', parents: [{ job: 'settle', on: 'always' }], tags: one, ...shell('true') })
  await ends(cluster, 'orders')
  await until('the chain has run', async () => (await launches(cluster, 'report')).length > 0)
  await ends(cluster, 'settle')

  const page = await visit('jobs/settle')
  const error = page.getByRole('region', { name: /Failing since/ })
  await expect(error).toContainText('2 times in a row')
  await expect(error).toContainText(/exit code 17 on s\d: ERROR 503 from upstream/)
  const runbook = error.getByRole('link', { name: 'Open runbook' })
  await expect(runbook).toHaveAttribute('href', 'https://wiki.example.com/settle')
  await expect(runbook).toHaveAttribute('rel', 'noopener noreferrer')
  await expect(page.getByRole('heading', { name: 'When it fails' })).toBeVisible()
  await expect(page.locator('section', { hasText: 'Waits for' }).last()).toContainText('success')
  await expect(page.locator('section', { hasText: 'Children' }).last()).toContainText(
    /success\s*report\s*after every end/,
  )
  await looksRight(page, 'job')
  await error.getByRole('link', { name: 'Show output' }).click()
  await expect(page.getByRole('log')).toContainText('ERROR 503 from upstream')
  await expect(page.getByRole('link', { name: 'Open runbook' })).toBeVisible()
})

test('a launch leads to the one before and after, and to the revision that it ran', async ({ cluster, visit }) => {
  const job = { name: 'steps', schedule: '@manually', tags: one }
  await cluster.jobs({ ...job, ...shell('echo first') })
  const first = (await ends(cluster, 'steps')).launch_id
  await cluster.jobs({ ...job, ...shell('echo second') })
  const second = (await ends(cluster, 'steps')).launch_id
  const page = await visit(`launches/${first}`)
  await expect(page.getByText('revision 1')).toBeVisible()
  await expect(page.getByText('; changed since')).toBeVisible()
  await expect(page.locator('code', { hasText: 'echo first' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'No earlier launch is kept' })).toBeVisible()
  await looksRight(page, 'launch')
  await page.keyboard.press(']')
  await expect(page).toHaveURL(new RegExp(`${second}$`))
  await expect(page.locator('code', { hasText: 'echo second' })).toBeVisible()
  await expect(page.getByText('; changed since')).toHaveCount(0)
  await expect(page.getByRole('link', { name: /^Previous launch/ })).toBeVisible() // it is known by now
  await page.keyboard.press('[')
  await expect(page).toHaveURL(new RegExp(`${first}$`))
  await page.getByRole('link', { name: /^Next launch: success/ }).click()
  await expect(page).toHaveURL(new RegExp(`${second}$`))
  await page.getByRole('link', { name: 'revision 2' }).click()
  await expect(page).toHaveURL(/jobs\/steps\?tab=versions&revision=2/)
  await expect(page.getByText('echo second').first()).toBeVisible()
})

test('notes and the question are set in the form, and letters go to the field that was added', async ({
  cluster,
  visit,
}) => {
  const page = await visit('new')
  await page.getByLabel('Name', { exact: true }).fill('written')
  await page.getByLabel('Schedule', { exact: true }).fill('@daily')
  await page.getByRole('textbox', { name: 'Command' }).fill('true')
  await page.getByRole('switch', { name: 'Ask first' }).check({ force: true })
  await page.getByRole('button', { name: 'Add a tag' }).click()
  await page.keyboard.type('dc') // d changes the theme, c opens a new job
  await expect(page.getByRole('combobox', { name: 'Key of tag 1' })).toHaveValue('dc')
  await expect(page).toHaveURL(/\/ui\/new$/)
  await page.getByRole('combobox', { name: 'Value of dc' }).fill('dc1')
  const text = page.getByRole('textbox', { name: 'Notes' })
  await text.fill('x'.repeat(16_385))
  await expect(text).toHaveAccessibleDescription(/at most 16,384 bytes, these have 16,385/)
  await text.fill(notes)
  await page.getByText('Preview', { exact: true }).click()
  await expect(page.getByRole('heading', { name: 'When it fails' })).toBeVisible()
  await looksRight(page, 'form')
  await page.getByRole('button', { name: 'Save and run now' }).click()
  await page.getByRole('dialog', { name: 'Save and run written now?' }).getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page).toHaveURL(/\/ui\/jobs\/written$/)
  expect(await cluster.get<object>('v1/jobs/written')).toMatchObject({ confirm: true, notes, tags: { dc: 'dc1' } })
  expect(await launches(cluster, 'written')).toEqual([])
})
