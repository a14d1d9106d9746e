import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { preferences } from '@/preferences/preferences'
import { show } from '@/testing/show'
import { Settings } from './Settings'

const history = { count: 100, age: '0s', bytes: 0, total_bytes: 4294967296 }
const answers = { 'GET /v1/settings': { history }, 'GET /v1/pause': { paused: false } }
const open = (more: object = {}) => show('/', [{ path: '/', component: Settings }], { ...answers, ...more })

it('saves the history settings for all servers', async () => {
  let stored: unknown
  open({ 'PUT /v1/settings': async (r: Request) => (stored = await r.json()) })
  const field = await screen.findByLabelText('Executions per job')
  await userEvent.clear(field)
  await userEvent.type(field, '500')
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  expect(await screen.findByText('Saved for all servers')).toBeVisible()
  expect(stored).toEqual({ history: { ...history, count: 500 } })
})

it('shows the server’s error, and keeps the input', async () => {
  open({ 'PUT /v1/settings': () => new Response('history.age must be a duration, not "soon"', { status: 400 }) })
  const field = await screen.findByLabelText('Age')
  await userEvent.clear(field)
  await userEvent.type(field, 'soon')
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  expect(await screen.findByText(/history.age must be a duration/)).toBeVisible()
  expect(field).toHaveValue('soon')
})

it('asks before it freezes job changes', async () => {
  const { asked } = open({ 'POST /v1/pause': { paused: true } })
  await userEvent.click(await screen.findByRole('button', { name: 'Freeze changes' }))
  const dialog = await screen.findByRole('dialog')
  await userEvent.click(within(dialog).getByRole('button', { name: 'Cancel' }))
  expect(asked).not.toContain('POST /v1/pause')
  await userEvent.click(screen.getByRole('button', { name: 'Freeze changes' }))
  await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Freeze' }))
  expect(await screen.findByText('Job changes are frozen')).toBeVisible()
})

it('keeps the choices of this browser', async () => {
  open()
  await userEvent.click(await screen.findByRole('radio', { name: '200' }))
  expect(preferences().pageSize).toBe(200)
  expect(JSON.parse(localStorage.getItem('dkron-preferences')!)).toMatchObject({ pageSize: 200 })
})

it('finds a time zone by a city', async () => {
  open()
  const field = await screen.findByRole('combobox', { name: 'Time zone' })
  await userEvent.clear(field)
  await userEvent.type(field, 'bombay')
  await userEvent.click(await screen.findByRole('option', { name: /Asia\/(Kolkata|Calcutta) – Bombay/ }))
  expect(preferences().zone).toMatch(/^Asia\/(Kolkata|Calcutta)$/)
})
