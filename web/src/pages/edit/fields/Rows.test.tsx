import { MantineProvider } from '@mantine/core'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, it } from 'vitest'
import type { Row } from '../model/rows'
import { Rows } from './Rows'

function Form() {
  const [rows, setRows] = useState<Row[]>([])
  return <Rows rows={rows} onChange={setRows} what="a pair" />
}

it('puts the cursor in a row that was added, and back on the button when it is removed', async () => {
  const user = userEvent.setup()
  render(
    <MantineProvider env="test">
      <Form />
    </MantineProvider>,
  )
  const add = screen.getByRole('button', { name: 'Add a pair' })
  await user.click(add)
  await user.keyboard('team')
  expect(screen.getByLabelText('Key 1 of a pair')).toHaveValue('team')
  await user.click(add)
  expect(screen.getByLabelText('Key 2 of a pair')).toHaveFocus()
  await user.click(screen.getByRole('button', { name: 'Remove row 2' }))
  expect(add).toHaveFocus()
})
