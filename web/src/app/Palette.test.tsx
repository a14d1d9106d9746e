import { act, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { show } from '@/testing/show'
import { openPalette, Palette } from './Palette'

it('opens the first result on Enter', async () => {
  const answer = ({ url }: Request) => {
    const found = url.includes('_search=db-back') ? [{ name: 'db-backup' }] : []
    return Response.json(found, { headers: { 'X-Total-Count': String(found.length) } })
  }
  show(
    '/',
    [
      { path: '/', component: Palette },
      { path: '/jobs/$job', component: () => 'the page of the job' },
    ],
    { 'GET /v1/jobs': answer },
  )
  const user = userEvent.setup()
  await expect.poll(() => (act(openPalette), screen.queryByLabelText('Find a job or a page'))).not.toBeNull()
  await user.type(screen.getByLabelText('Find a job or a page'), 'db-back')
  await screen.findByText('db-backup')
  await user.keyboard('{Enter}')
  expect(await screen.findByText('the page of the job')).toBeVisible()
})
