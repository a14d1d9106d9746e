import { MantineProvider } from '@mantine/core'
import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useEffect } from 'react'
import { describe, expect, it } from 'vitest'
import { EditingContext, useDraft } from '../draft'
import type { Executor } from '../executors/executors'
import type { Definition } from '../model/form'
import { executors as described } from '../testing'
import { Work } from './Work'

let config: unknown
let schedule: unknown

function Form({ start, executors }: { start: Definition; executors: readonly Executor[] | undefined }) {
  const draft = useDraft(start)
  useEffect(() => {
    config = draft.definition.executor_config
    schedule = draft.definition.schedule
  })
  return (
    <EditingContext value={{ ...draft, notes: {}, executors, processors: [], exists: false }}>
      <Work />
    </EditingContext>
  )
}

function show(executor: string, executor_config = {}, executors: readonly Executor[] | undefined = described) {
  render(
    <MantineProvider env="test">
      <Form start={{ executor, executor_config }} executors={executors} />
    </MantineProvider>,
  )
  return userEvent.setup({ delay: null })
}

describe('the form of an executor', () => {
  it('has a field for each key, with its label, help, default and example', () => {
    show('kinds')
    const text = screen.getByLabelText('Text')
    expect(text).toHaveAccessibleDescription('What Text means. Default: usual.')
    expect(text).toHaveAttribute('placeholder', 'usual')
    expect(screen.getByLabelText('Free')).toHaveAttribute('placeholder', 'an example')
    expect(screen.getByLabelText('Lines').tagName).toBe('TEXTAREA')
    expect(screen.getByLabelText('Secret')).toHaveAttribute('type', 'password')
    expect(screen.getByLabelText('Number')).toHaveAttribute('inputmode', 'numeric')
    expect(screen.getByLabelText('List')).toHaveAttribute('placeholder', 'one\ntwo')
    expect(screen.getByLabelText('Strange').tagName).toBe('INPUT')
    expect(screen.getByRole('group', { name: 'Map' })).toBeVisible()
    const choice = screen.getByLabelText('Choice')
    expect(within(choice).getAllByRole('option')).toHaveLength(3)
  })

  it('keeps the order of the description, and folds away rare keys', () => {
    show('http')
    expect(screen.getAllByText(/^(Method|URL)/, { selector: 'label' }).map(label => label.textContent)).toEqual([
      'Method *',
      'URL *',
    ])
    expect(screen.queryByText('More settings')).not.toBeInTheDocument()
  })

  it('unfolds rare keys that have a value', () => {
    show('kinds', { rare: 'x' })
    expect(screen.getByLabelText('Rare')).toHaveValue('x')
  })

  it('writes a switch only where it differs from the default', async () => {
    const user = show('kinds')
    const [on, off, flag] = [/^On/, /^Off/, /^Flag/].map(name => screen.getByRole('switch', { name }))
    expect([on, off, flag].map(input => (input as HTMLInputElement).checked)).toEqual([true, false, false])
    await user.click(on!)
    await user.click(off!)
    await user.click(flag!)
    expect(config).toEqual({ on: 'false', off: 'true', flag: 'true' })
    await user.click(on!)
    await user.click(off!)
    await user.click(flag!)
    expect(config).toEqual({})
  })

  it('takes any word for a flag, and what it reads as no for a boolean', () => {
    show('kinds', { flag: 'false', on: '0' })
    expect(screen.getByRole('switch', { name: /^Flag/ })).toBeChecked()
    expect(screen.getByRole('switch', { name: /^On/ })).not.toBeChecked()
  })

  it('offers usual values and takes others', async () => {
    const user = show('kinds')
    await user.click(screen.getByRole('combobox', { name: 'Offers' }))
    await user.click(await screen.findByRole('option', { name: 'y' }))
    expect(config).toEqual({ offers: 'y' })
    await user.clear(screen.getByRole('combobox', { name: 'Offers' }))
    await user.type(screen.getByRole('combobox', { name: 'Offers' }), 'PURGE')
    expect(config).toEqual({ offers: 'PURGE' })
  })

  it('writes lines and pairs as JSON', async () => {
    const user = show('kinds')
    await user.type(screen.getByLabelText('List'), 'a: 1\nb: 2')
    expect(config).toEqual({ list: '["a: 1","b: 2"]' })
    await user.click(within(screen.getByRole('group', { name: 'Map' })).getByRole('button', { name: /Add/ }))
    await user.type(screen.getByLabelText('Key 1 of an entry'), 'k')
    expect(config).toEqual({ list: '["a: 1","b: 2"]', map: '{"k":""}' })
  })

  it('shows keys that are not described as they are', () => {
    show('shell', { command: 'true', future: 'x' })
    expect(screen.getByDisplayValue('future')).toBeVisible()
  })

  it.each(['silent', 'kafka'])('without a description is keys and values: %s', name => {
    show(name, { topic: 'a' })
    expect(screen.getByDisplayValue('topic')).toBeVisible()
    expect(screen.queryByLabelText(/^Command/)).not.toBeInTheDocument()
  })

  it('is keys and values on an older server', () => {
    show('shell', { command: 'true' }, [])
    expect(screen.getByLabelText('Name of the executor')).toHaveValue('shell')
    expect(screen.getByDisplayValue('command')).toBeVisible()
  })

  it('has no fields for an executor without keys, and starts nothing that checks in', async () => {
    const checkin: Executor = { name: 'checkin', what: 'Runs nothing.', fields: [] }
    const user = show('kinds', {}, [...described, checkin])
    await user.selectOptions(screen.getByLabelText('Executor'), 'checkin')
    expect(screen.getByLabelText('Executor')).toHaveAccessibleDescription('Runs nothing.')
    expect(screen.queryByRole('group', { name: 'Keys and values' })).not.toBeInTheDocument()
    expect(schedule).toBe('@manually')
    expect(config).toEqual({})
  })

  it('offers every executor', async () => {
    const user = show('shell', { command: 'true' })
    const select = screen.getByLabelText('Executor')
    expect(within(select).getAllByRole('option').slice(1, 5)).toHaveLength(4)
    await user.selectOptions(select, 'http')
    expect(screen.getByLabelText(/^URL/)).toBeVisible()
    await user.selectOptions(select, 'shell')
    expect(screen.getByLabelText(/^Command/)).toHaveValue('true')
  })
})
