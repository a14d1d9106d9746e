import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useEffect } from 'react'
import { expect, it } from 'vitest'
import { listen, useShortcuts } from './shortcuts'

let heard: string[] = []

function Page() {
  useEffect(() => listen(), [])
  useShortcuts([{ keys: 'd', what: 'Theme', action: () => heard.push('d') }])
  return (
    <>
      <a href="#x">link</a>
      <input type="checkbox" aria-label="tick of a list" />
      <input aria-label="field" />
      <form>
        <button type="button">in a form</button>
      </form>
      <fieldset>
        <input type="checkbox" aria-label="tick of a form" />
      </fieldset>
      <div data-form>
        <button type="button">Add a tag</button>
      </div>
    </>
  )
}

it('acts on a letter only where nothing can be typed next', async () => {
  heard = []
  const user = userEvent.setup()
  render(<Page />)
  await user.keyboard('d')
  expect(heard).toHaveLength(1)
  for (const [element, acts] of [
    [screen.getByRole('link'), true],
    [screen.getByLabelText('tick of a list'), true],
    [screen.getByLabelText('field'), false],
    [screen.getByRole('button', { name: 'in a form' }), false],
    [screen.getByLabelText('tick of a form'), false],
    [screen.getByRole('button', { name: 'Add a tag' }), false],
  ] as const) {
    heard = []
    element.focus()
    await user.keyboard('d')
    expect({ element: element.outerHTML, acts: heard.length > 0 }).toEqual({ element: element.outerHTML, acts })
  }
})

it('takes a list that is empty, and keys that come and go', async () => {
  heard = []
  const Few = ({ keys }: { keys: string[] }) => {
    useEffect(() => listen(), [])
    useShortcuts(keys.map(k => ({ keys: k, what: k, action: () => heard.push(k) })))
    return null
  }
  const { rerender } = render(<Few keys={[]} />)
  await userEvent.keyboard('e')
  rerender(<Few keys={['e']} />)
  await userEvent.keyboard('e')
  rerender(<Few keys={[]} />)
  await userEvent.keyboard('e')
  expect(heard).toEqual(['e'])
})
