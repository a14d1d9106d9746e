import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterAll, expect, it, vi } from 'vitest'
import type { Review } from '@/api/jobs'
import { mount } from '@/testing/show'
import { ReviewOfImport } from './ReviewOfImport'

// Editors measure text, which only browsers can; see e2e/import.test.ts.
vi.mock('@/ui/code/MarkedText', () => ({
  MarkedText: ({ label, shown }: { label: string; shown?: { line: number; column: number } }) => (
    <div aria-label={label}>{shown && `line ${shown.line}, column ${shown.column} is shown`}</div>
  ),
}))
afterAll(() => vi.doUnmock('@/ui/code/MarkedText')) // other files have the real one

const review = (more: Partial<Review>): Review => ({
  create: ['new'],
  update: ['old'],
  unchanged: [],
  errors: 0,
  warnings: 0,
  problems: [],
  changes: [],
  ...more,
})

const now = '- name: bad\n  schedule: x\n'

function show(more: Partial<Review>, changed?: string) {
  const onSure = vi.fn<() => void>()
  const onCheck = vi.fn<() => void>()
  const component = () => (
    <ReviewOfImport
      review={review(more)}
      checked={now}
      text={changed ?? now}
      onText={() => {}}
      wrong=""
      busy={false}
      onBack={() => {}}
      onCheck={onCheck}
      onSure={onSure}
    />
  )
  mount('/', [
    { path: '/', component },
    { path: '/jobs/$job', component: () => null },
  ])
  return { onSure, onCheck, user: userEvent.setup({ delay: null }) }
}

const warning = {
  job: 'new',
  field: 'retrys',
  text: 'retrys is unknown',
  severity: 'warning',
  refused: false,
  line: 1,
  column: 3,
} as const
const error = {
  job: 'bad',
  field: 'schedule',
  text: 'schedule is wrong',
  severity: 'error',
  refused: true,
  line: 2,
  column: 3,
} as const

it('shows every error, and imports nothing', async () => {
  show({ errors: 2, problems: [error, { ...error, job: 'worse' }] })
  const alert = await screen.findByRole('alert')
  expect(alert).toHaveTextContent(/2 errors.*Line 2: badschedule.*Line 2: worse/)
  expect(screen.getByRole('button', { name: 'Import 2 jobs' })).toBeDisabled()
})

it('imports with warnings only after they were accepted', async () => {
  const { onSure, user } = show({ warnings: 1, problems: [warning] })
  const button = await screen.findByRole('button', { name: 'Import 2 jobs' })
  expect(button).toBeDisabled()
  await user.click(screen.getByLabelText('Import despite the warnings'))
  await user.click(button)
  expect(onSure).toHaveBeenCalledOnce()
})

it('shows what changes, field by field', async () => {
  show({ changes: [{ job: 'old', field: 'tags.role', was: 'web', is: null }] })
  expect(await screen.findByRole('region', { name: 'What changes' })).toHaveTextContent('oldtags.roleweb → none')
})

it('has a link from each problem to its line', async () => {
  const { user } = show({ errors: 1, problems: [error] })
  await user.click(await screen.findByRole('button', { name: 'Line 2: bad' }))
  expect(await screen.findByLabelText('The text of the import')).toHaveTextContent('line 2, column 3 is shown')
})

it('checks a text again that was changed, before it imports it', async () => {
  const { onSure, onCheck, user } = show({}, '- name: good\n')
  expect(screen.queryByRole('button', { name: /Import/ })).toBeNull()
  await user.click(await screen.findByRole('button', { name: 'Check again' }))
  expect(onCheck).toHaveBeenCalledOnce()
  expect(onSure).not.toHaveBeenCalled()
})

it('shows what changes without JSON', async () => {
  const change = (field: string, was: unknown, is: unknown) => ({ job: 'old', field, was, is })
  show({
    changes: [
      change(
        'parents',
        [
          { job: 'extract', on: '' },
          { job: 'load', on: 'failure' },
        ],
        [],
      ),
      change('retries', 0, 3),
      change('owner', '', 'data'),
    ],
  })
  const changes = await screen.findByRole('region', { name: 'What changes' })
  expect(changes).toHaveTextContent('parentsjob: extract; job: load, on: failure → none')
  expect(changes).toHaveTextContent('retries0 → 3')
  expect(changes).toHaveTextContent('ownernone → data')
})
