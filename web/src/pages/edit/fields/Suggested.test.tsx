import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, it } from 'vitest'
import { show } from '@/testing/show'
import { Suggested } from './Suggested'

const keys = ['team', 'squad', 'tier'].map(value => ({ value, count: 1 }))

it('offers only what contains the text, also before the server has answered', async () => {
  const Page = () => {
    const [value, setValue] = useState('')
    return <Suggested aria-label="Key" field="metadata" value={value} onChange={setValue} />
  }
  const slow = new Promise(() => {}) // a busy server
  show('/', [{ path: '/', component: Page }], {
    'GET /v1/suggestions': (request: Request) => (request.url.includes('text=') ? slow : { values: keys }),
  })
  const user = userEvent.setup()
  const key = await screen.findByRole('combobox', { name: 'Key' })
  await user.click(key)
  await screen.findByRole('option', { name: 'team' })
  await user.type(key, 'sq')
  expect(screen.getAllByRole('option').map(option => option.textContent)).toEqual(['squad'])
  await user.keyboard('{ArrowDown}{Enter}')
  expect(key).toHaveValue('squad')
})
