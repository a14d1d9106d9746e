import type { Locator, Page } from '@playwright/test'
import { looksRight } from './looks.ts'
import { expect, test } from './page.ts'

const wrong = `# nightly work
- name: load
  schedule: "@daily"
  retrys: 3
  executor: shell
  executor_config:
    command: ./load
- name: broken
  schedule: @hourly
---
- name: load
  schedule: every night
  executor: shell
  executor_config:
    command: ./load again
  metadata:
    runbook: wiki/load
`

const right = `- name: load
  schedule: "@daily"
  executor: shell
  executor_config:
    command: ./load
---
name: report
parents:
- job: load
executor: shell
executor_config:
  command: ./report
`

async function open(page: Page, text: string): Promise<Locator> {
  await page.getByRole('button', { name: 'Import and export' }).click()
  await page.getByRole('menuitem', { name: 'Import jobs' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import jobs' })
  await dialog.getByLabel('Or paste it').fill(text)
  await dialog.getByRole('button', { name: 'Check' }).click()
  return dialog
}

test('an import shows all that is wrong at once, and leads to each line', async ({ cluster, visit }) => {
  const page = await visit('jobs')
  const dialog = await open(page, wrong)
  const errors = dialog.getByRole('alert', { name: /can’t be imported/ })
  await expect(errors).toContainText('4 errors')
  await expect(errors.getByRole('button')).toHaveText([
    'Line 2: load',
    'Line 9: broken',
    'Line 11: load',
    'Line 12: load',
  ])
  await expect(errors).toContainText('appears twice, on lines 2 and 11')
  await expect(dialog).toContainText('did you mean retries?')
  await expect(dialog).toContainText('is not a web address')

  const text = dialog.getByRole('textbox', { name: 'The text of the import' })
  const marked = text.locator('.cm-activeLine')
  await errors.getByRole('button', { name: 'Line 9: broken' }).click()
  await expect(text).toBeFocused()
  await expect(marked).toHaveText('  schedule: @hourly')
  await expect(text.locator('.cm-lintRange-error')).toHaveCount(4)
  await dialog.getByRole('button', { name: 'Line 17: load' }).click()
  await expect(marked).toHaveText('    runbook: wiki/load')
  await expect(marked).toBeInViewport()
  await looksRight(page, 'import-problems', '[role=dialog]')

  // Not fill: what the browser writes over coloured words has inline styles.
  await text.press('ControlOrMeta+a')
  await text.press('Delete')
  await page.keyboard.insertText(right)
  await expect(dialog.getByRole('button', { name: /^Import \d/ })).toHaveCount(0)
  await dialog.getByRole('button', { name: 'Check again' }).click()
  await expect(dialog.getByRole('alert')).toHaveCount(0)
  await dialog.getByRole('button', { name: 'Import 2 jobs' }).click()
  await expect(dialog).toHaveCount(0)
  expect(await cluster.get<{ parents: object[] }>('v1/jobs/report')).toMatchObject({ parents: [{ job: 'load' }] })
})

test('a file of JSON with a missing comma says where, and what else is wrong', async ({ visit }) => {
  const page = await visit('jobs')
  const dialog = await open(
    page,
    '[\n  {\n    "name": "a"\n    "schedule": "@daily"\n  },\n  {"name": "b", "schedule": "never"}\n]',
  )
  const errors = dialog.getByRole('alert', { name: /can’t be imported/ })
  await expect(errors.getByRole('button')).toHaveText(['Line 4: a', 'Line 6: b'])
  await errors.getByRole('button', { name: 'Line 6: b' }).click()
  await expect(dialog.locator('.cm-activeLine')).toContainText('"name": "b"')
})
