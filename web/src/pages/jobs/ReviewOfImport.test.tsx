import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import type { Review } from '@/api/jobs'
import { mount } from '@/testing/show'
import { ReviewOfImport } from './ReviewOfImport'

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

function show(more: Partial<Review>) {
  const onSure = vi.fn<() => void>()
  const component = () => <ReviewOfImport review={review(more)} busy={false} onBack={() => {}} onSure={onSure} />
  mount('/', [
    { path: '/', component },
    { path: '/jobs/$job', component: () => null },
  ])
  return { onSure, user: userEvent.setup({ delay: null }) }
}

const warning = { job: 'new', field: 'retrys', text: 'retrys is unknown', severity: 'warning', refused: false } as const
const error = { job: 'bad', field: 'schedule', text: 'schedule is wrong', severity: 'error', refused: true } as const

it('shows every error, and imports nothing', async () => {
  show({ errors: 2, problems: [error, { ...error, job: 'worse' }] })
  const alert = await screen.findByRole('alert')
  expect(alert).toHaveTextContent(/2 errors.*badschedule.*worse/)
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
