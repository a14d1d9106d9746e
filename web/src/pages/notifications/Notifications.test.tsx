import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { alert, channel, item, message, rule, show } from './testing'

const refused =
  (text: string, status = 400) =>
  () =>
    new Response(text, { status })
const rows = async (name: string) => within(await screen.findByRole('list', { name })).findAllByRole('listitem')

describe('alerts', () => {
  it('are those first that nobody has acknowledged, and one is acknowledged with a note', async () => {
    let note: unknown
    const acked = alert(2, { acked_at: '2026-11-24T03:05:00Z', acked_by: 'ann', note: 'on it' })
    show('', {
      'GET /v1/alerts': [acked, alert(1, { displayname: 'Nightly backup' })],
      'POST /v1/alerts/1/ack': async (r: Request) => ((note = await r.json()), alert(1)),
    })
    const [first, second] = await rows('Open alerts')
    expect(first).toHaveTextContent('Nightly backup')
    expect(first).toHaveTextContent('3 times')
    expect(second).toHaveTextContent(/Acknowledged by ann .*: on it/)
    expect(within(second!).queryByRole('button')).toBeNull()
    await userEvent.click(within(first!).getByRole('button', { name: 'Acknowledge Nightly backup, all' }))
    await userEvent.type(await screen.findByLabelText('Note for others (optional)'), 'I look')
    await userEvent.click(screen.getByRole('button', { name: 'Acknowledge' }))
    expect(await screen.findByText('Acknowledged the alert of Nightly backup')).toBeVisible()
    expect(note).toEqual({ note: 'I look' })
  })

  it('say what to do first on a new cluster', async () => {
    show('')
    expect(await screen.findByText('Nobody is notified yet')).toBeVisible()
    expect(screen.getByRole('link', { name: 'New channel' })).toHaveAttribute(
      'href',
      '/notifications?tab=channels&create=true',
    )
  })

  it('say that no rule keeps them', async () => {
    show('', {
      'GET /v1/channels': [channel('ops')],
      'GET /v1/rules': [{ ...rule, on: ['failed'], remind: undefined }],
    })
    expect(await screen.findByText(/No rule keeps alerts open/)).toBeVisible()
  })
})

describe('messages', () => {
  it('show why one was not delivered, and send it again', async () => {
    const failed = message(7, { state: 'failed', error: 'answered 500 Internal Server Error', attempts: 6 })
    const { asked } = show('?tab=messages', {
      'GET /v1/messages': [failed, message(6, { error: 'b@x.test refused: 550 no such mailbox' })],
      'POST /v1/messages/7/resend': message(7, { state: 'waiting' }),
    })
    const [first, second] = await rows('Messages')
    expect(first).toHaveTextContent('not delivered')
    expect(first).toHaveTextContent('answered 500')
    expect(within(first!).getByRole('link', { name: 'Launch' })).toHaveAttribute('href', '/launches/job-7.1')
    expect(second).toHaveTextContent('delivered')
    expect(second).toHaveTextContent('b@x.test refused')
    expect(within(second!).queryByRole('button')).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'Send again: job-7 failed' }))
    expect(await screen.findByText('It is being sent to ops')).toBeVisible()
    expect(asked).toContain('POST /v1/messages/7/resend')
  })

  it('send one at once that waits for its next attempt', async () => {
    const waits = message(7, { state: 'waiting', error: 'answered 503', attempts: 2, next: '2026-11-24T03:01:00Z' })
    show('?tab=messages', { 'GET /v1/messages': [waits, message(8, { state: 'waiting' })] })
    const [first, second] = await rows('Messages')
    expect(first).toHaveTextContent('retrying')
    expect(first).toHaveTextContent('2 attempts failed, next')
    expect(within(first!).getByRole('button', { name: /^Send now/ })).toBeVisible()
    expect(within(second!).queryByRole('button')).toBeNull()
  })

  it('name the setting of what that could not send, which is sent again unless it was of its moment', async () => {
    const letter = (number: number, through: string, setting: string, resendable: boolean) =>
      message(number, { state: 'failed', error: 'answered 503', channel: through, setting, resendable })
    const { asked } = show('?tab=messages', {
      'GET /v1/messages': [
        letter(7, 'settings:webhook', 'webhook-endpoint', true),
        letter(6, 'settings:cronitor', 'cronitor-endpoint', false),
      ],
      'POST /v1/messages/7/resend': letter(7, 'settings:webhook', 'webhook-endpoint', true),
    })
    const [first, second] = await rows('Messages')
    expect(first).toHaveTextContent('through the setting webhook-endpoint')
    expect(second).toHaveTextContent('not sent again: it says what happens at that moment')
    expect(within(second!).queryByRole('button')).toBeNull()
    await userEvent.click(within(first!).getByRole('button', { name: 'Send again: job-7 failed' }))
    expect(await screen.findByText('It is being sent through the setting webhook-endpoint')).toBeVisible()
    expect(asked).toContain('POST /v1/messages/7/resend')
  })

  it('say who has acknowledged or silenced since what they report', async () => {
    const acked = { acked_at: '2026-11-24T03:05:00Z', acked_by: 'ann', note: 'on it' }
    const at = '2026-11-24T03:06:00Z'
    const silenced = { number: 1, from: at, until: at, by: 'bob', at, reason: 'the disk is replaced' }
    show('?tab=messages', {
      'GET /v1/messages': [
        message(7, { items: [item('a', acked)] }),
        message(6, { items: [item('b'), item('c', { silenced })], total: 2 }),
      ],
    })
    const [first, second] = await rows('Messages')
    expect(first).toHaveTextContent(/Acknowledged by ann .*: on it/)
    expect(second).toHaveTextContent(/Silenced by bob .*: the disk is replaced/)
  })

  it('are filtered by channel and state, which are in the address', async () => {
    const { asked, router } = show('?tab=messages&channel=ops', { 'GET /v1/channels': [channel('ops')] })
    expect(await screen.findByText('No messages match these filters')).toBeVisible()
    await userEvent.click(screen.getByRole('combobox', { name: 'State' }))
    await userEvent.click(await screen.findByRole('option', { name: 'not delivered' }))
    await expect.poll(() => asked.at(-1)).toBe('GET /v1/messages?channel=ops&state=failed&_start=0&_end=50')
    expect(router.state.location.search).toMatchObject({ channel: 'ops', state: 'failed' })
  })

  it('list all that they report', async () => {
    show('?tab=messages', { 'GET /v1/messages': [message(7, { items: [item('a'), item('b')], more: 3, total: 9 })] })
    const [first] = await rows('Messages')
    expect(first).toHaveTextContent('a failed and 4 more')
    expect(first).toHaveTextContent('9 events')
    expect(first).toHaveTextContent('b failed: exit code 1 on n1')
  })
})

describe('channels', () => {
  it('are written with the settings of their type, and an error is at its field', async () => {
    let written: unknown
    let answer: unknown = refused('settings.url is not an address; write one such as https://example.com/hook')
    show('?tab=channels&create=true', {
      'PUT /v1/channels/ops': async (r: Request) => {
        written = await r.json()
        return typeof answer === 'function' ? (answer as () => unknown)() : answer
      },
    })
    await userEvent.type(await screen.findByLabelText(/^Name/), 'ops')
    await userEvent.type(await screen.findByLabelText(/^To/), 'ops@example.com')
    await userEvent.selectOptions(screen.getByLabelText('Type'), 'webhook')
    expect(screen.queryByLabelText(/^To/)).toBeNull()
    const url = screen.getByLabelText(/^URL/)
    await userEvent.type(url, 'nowhere')
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText(/settings.url is not an address/)).toBeVisible()
    expect(url).toBeInvalid()
    expect(url).toHaveFocus()
    expect(written).toEqual({ type: 'webhook', settings: { url: 'nowhere' } })
    answer = channel('ops')
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('Saved the channel ops')).toBeVisible()
  })

  it('are not replaced by a new one of the same name', async () => {
    const { asked } = show('?tab=channels&create=true', { 'GET /v1/channels': [channel('ops')] })
    await userEvent.type(await screen.findByLabelText(/^Name/), 'ops')
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText(/there is a channel of that name already/)).toBeVisible()
    expect(asked.some(call => call.startsWith('PUT'))).toBe(false)
  })

  it('show what came of a test', async () => {
    let outcome = message(1, { test: true, state: 'failed', error: 'answered 403 Forbidden' })
    show('?tab=channels', { 'GET /v1/channels': [channel('ops')], 'POST /v1/channels/ops/test': () => outcome })
    await userEvent.click(await screen.findByRole('button', { name: 'Test ops' }))
    expect(await screen.findByText(/not delivered: answered 403 Forbidden/)).toBeVisible()
    outcome = message(2, { test: true })
    await userEvent.click(screen.getByRole('button', { name: 'Test ops' }))
    expect(await screen.findByText('The test message was delivered.')).toBeVisible()
  })

  it('say which rules keep one from being deleted', async () => {
    const text = 'channel "ops" is used by the rules all; change or remove those first'
    show('?tab=channels', { 'GET /v1/channels': [channel('ops')], 'DELETE /v1/channels/ops': refused(text, 409) })
    await userEvent.click(await screen.findByRole('button', { name: 'Delete ops' }))
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Delete' }))
    expect(await screen.findByText('Can’t delete the channel ops')).toBeVisible()
    expect(screen.getByText(text)).toBeVisible()
  })

  it('show what a message would say, also about a past launch', async () => {
    let about: unknown
    show('?tab=channels&edit=ops', {
      'GET /v1/channels': [channel('ops')],
      'GET /v1/launches': [{ id: 'db.1', job: 'db', ended_at: '2026-11-24T03:00:00Z' }],
      'POST /v1/channels/ops/preview': async (r: Request) => (
        (about = await r.json()),
        { subject: 'db failed', body: 'exit code 3' }
      ),
    })
    await userEvent.selectOptions(await screen.findByLabelText('About'), await screen.findByText(/^About db/))
    await userEvent.click(screen.getByRole('button', { name: 'Preview' }))
    expect(await screen.findByText(/exit code 3/)).toBeVisible()
    expect(about).toEqual({ type: 'webhook', settings: { url: 'https://example.com/hook' }, launch: 'db.1' })
  })
})

describe('rules', () => {
  it('need a channel first', async () => {
    show('?tab=rules&create=true')
    expect(await screen.findByText('A rule needs a channel')).toBeVisible()
  })

  it('are written whole, and ask for a figure only with its event', async () => {
    let written: unknown
    show('?tab=rules&create=true', {
      'GET /v1/channels': [channel('ops')],
      'PUT /v1/rules/backups': async (r: Request) => ((written = await r.json()), rule),
    })
    await userEvent.type(await screen.findByLabelText(/^Name\b/, { selector: '[required]' }), 'backups')
    expect(screen.queryByLabelText('Failures in a row')).toBeNull()
    await userEvent.click(screen.getByRole('combobox', { name: /^Events/ }))
    await userEvent.click(await screen.findByRole('option', { name: 'Failed several times in a row' }))
    await userEvent.type(screen.getByLabelText('Failures in a row'), '3')
    await userEvent.type(screen.getByLabelText('Names'), 'backup-*, report')
    await userEvent.click(screen.getByRole('combobox', { name: /^Channels/ }))
    await userEvent.click(await screen.findByRole('option', { name: 'ops' }))
    await userEvent.type(screen.getByLabelText('Remind every'), '4h')
    await userEvent.type(screen.getByLabelText('From'), '22:00')
    await userEvent.type(screen.getByLabelText('To'), '07:00')
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('Saved the rule backups')).toBeVisible()
    expect(written).toEqual({
      disabled: false,
      on: ['first_failure', 'recovered', 'nth_failure'],
      in_a_row: 3,
      match: { jobs: ['backup-*', 'report'], owner: '', tags: {}, metadata: {} },
      channels: ['ops'],
      severity: 'warning',
      quiet: { from: '22:00', to: '07:00', zone: '' },
      remind: '4h',
    })
  })

  it('show an error at its field', async () => {
    show('?tab=rules&edit=all', {
      'GET /v1/channels': [channel('ops')],
      'GET /v1/rules': [rule],
      'PUT /v1/rules/all': refused('remind 1s is too short: at least 1m0s'),
    })
    const remind = await screen.findByLabelText('Remind every')
    expect(remind).toHaveValue('4h')
    await userEvent.clear(remind)
    await userEvent.type(remind, '1s')
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText(/remind 1s is too short/)).toBeVisible()
    expect(remind).toBeInvalid()
  })
})

describe('silences', () => {
  it('are written for a job, with a reason', async () => {
    let written: unknown
    const stored = { number: 1, match: { jobs: ['db'] }, from: null, until: null, reason: 'x' }
    show('?tab=silences&create=true&job=db', {
      'POST /v1/silences': async (r: Request) => ((written = await r.json()), stored),
    })
    expect(await screen.findByLabelText('Names')).toHaveValue('db')
    await userEvent.type(screen.getByLabelText(/^Reason/), 'the disk is replaced')
    await userEvent.selectOptions(screen.getByLabelText('For'), '8 hours')
    await userEvent.click(screen.getByRole('button', { name: 'Silence' }))
    expect(await screen.findByText('Silenced db')).toBeVisible()
    expect(written).toMatchObject({ match: { jobs: ['db'] }, duration: '8h', reason: 'the disk is replaced' })
  })

  it('are those first that hold, and one is ended', async () => {
    const silence = (number: number, until: string) => ({
      number,
      match: { jobs: [`job-${number}`] },
      from: '2026-01-01T00:00:00Z',
      until,
      reason: 'work',
      created_at: '2026-01-01T00:00:00Z',
      created_by: 'ann',
      ended_by: '',
    })
    const { asked } = show('?tab=silences', {
      'GET /v1/silences': [silence(2, '2026-01-01T01:00:00Z'), silence(1, '2999-01-01T00:00:00Z')],
      'DELETE /v1/silences/1': silence(1, '2026-01-01T02:00:00Z'),
    })
    const [first, second] = await rows('Silences')
    expect(first).toHaveTextContent('silent')
    expect(second).toHaveTextContent('over')
    expect(within(second!).queryByRole('button')).toBeNull()
    await userEvent.click(within(first!).getByRole('button', { name: 'End now: job-1' }))
    expect(await screen.findByText('Ended the silence of job-1')).toBeVisible()
    expect(asked).toContain('DELETE /v1/silences/1')
  })

  it('that have not begun are cancelled, not ended', async () => {
    const silence = (number: number, from: string, until: string, ended_by = '') => ({
      number,
      match: { jobs: [`job-${number}`] },
      from,
      until,
      reason: 'work',
      created_at: '2026-01-01T00:00:00Z',
      created_by: 'ann',
      ended_by,
    })
    const gone = silence(2, '2026-03-01T00:00:00Z', '2026-02-01T00:00:00Z', 'bob')
    const { asked } = show('?tab=silences', {
      'GET /v1/silences': [silence(1, '2998-01-01T00:00:00Z', '2999-01-01T00:00:00Z'), gone],
      'DELETE /v1/silences/1': silence(1, '2998-01-01T00:00:00Z', '2026-01-01T02:00:00Z'),
    })
    const [first, second] = await rows('Silences')
    expect(first).toHaveTextContent('planned')
    expect(second).toHaveTextContent(/cancelled.*cancelled by bob/)
    await userEvent.click(within(first!).getByRole('button', { name: 'Cancel: job-1' }))
    expect(await screen.findByText('Cancelled the silence of job-1')).toBeVisible()
    expect(asked).toContain('DELETE /v1/silences/1')
  })
})
