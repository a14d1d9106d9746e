import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useQuery } from '@tanstack/react-query'
import { afterEach, expect, it } from 'vitest'
import { leaderQuery, setPaused } from '@/api/cluster'
import { signedOut } from '@/api/signedOut'
import { show } from '@/testing/show'
import { attempt } from '@/ui/act'
import { May } from '@/ui/may'
import { Account } from './Account'
import { Gate } from './Gate'

const all = { read: 'all', stop: 'all', run: 'all', write: 'all', admin: 'all', manage: 'all' }
const none = { ...all, run: 'none', write: 'none', admin: 'none', manage: 'none' }
const session = (accessor: string, may = all) => ({
  access_control: true,
  signed_in: true,
  how: 'token',
  accessor,
  name: accessor,
  type: 'client',
  policies: ['viewer'],
  expires_at: null,
  may,
})

const refused = () => new Response('sign in', { status: 401, headers: { 'WWW-Authenticate': 'Bearer realm="dkron"' } })

afterEach(() => {
  cleanup() // first: a page that is open would ask again
  signedOut.end()
})

function Content() {
  const { data } = useQuery(leaderQuery)
  return (
    <>
      <Account />
      <input aria-label="Draft" />
      <May verb="run">
        <button type="button">Run now</button>
      </May>
      <button type="button" onClick={() => void attempt('freeze', () => setPaused(true))}>
        Freeze
      </button>
      {data && <p>The leader is {data.Name}</p>}
    </>
  )
}

const page = () => (
  <Gate>
    <Content />
  </Gate>
)

/** A server on which a token's secret is its accessor. */
function open(who?: string) {
  let signedIn = who
  const guarded = (answer: () => unknown) => () => (signedIn ? answer() : refused())
  const { asked } = show('/', [{ path: '/', component: page }], {
    'GET /v1/acl/session': guarded(() => session(signedIn!, signedIn === 'vera' ? none : all)),
    'POST /v1/acl/session': async (r: Request) => {
      const { secret } = (await r.json()) as { secret: string }
      if (secret === 'wrong') return refused()
      signedIn = secret
      return session(secret, secret === 'vera' ? none : all)
    },
    'DELETE /v1/acl/session': () => {
      signedIn = undefined
      return {}
    },
    'GET /v1/leader': guarded(() => ({ Name: 's1' })),
    'POST /v1/pause': guarded(() => ({ paused: true })),
  })
  return { asked, end: () => (signedIn = undefined) }
}

async function signIn(secret: string) {
  await userEvent.clear(await screen.findByLabelText('Token'))
  await userEvent.type(screen.getByLabelText('Token'), secret)
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }))
}

it('asks for a token, says if it is wrong, and then shows the page', async () => {
  open()
  expect(await screen.findByRole('heading', { name: 'Sign in to dkron' })).toBeVisible()
  expect(screen.queryByLabelText('Draft')).toBeNull()
  await signIn('wrong')
  expect(await screen.findByRole('alert')).toHaveTextContent('No token has this secret')
  await signIn('ada')
  expect(await screen.findByText('The leader is s1')).toBeVisible()
  expect(screen.getByRole('button', { name: 'Run now' })).toBeVisible()
})

it('does not offer what one may not do', async () => {
  open('vera')
  expect(await screen.findByRole('button', { name: 'Account of vera' })).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Run now' })).toBeNull()
})

it('keeps the page under the form when a session ends, and asks the server nothing until it is back', async () => {
  const { asked, end } = open('ada')
  await userEvent.type(await screen.findByLabelText('Draft'), 'typed')
  await screen.findByText('The leader is s1')
  end()
  await userEvent.click(screen.getByRole('button', { name: 'Freeze' }))
  expect(await screen.findByRole('heading', { name: 'Sign in again' })).toBeVisible()
  expect(screen.getByLabelText('Draft').closest('[inert]')).not.toBeNull()
  const before = asked.length
  await attempt('freeze', () => setPaused(true))
  expect(asked.length).toBe(before)
  await signIn('ada')
  await waitFor(() => expect(screen.queryByLabelText('Token')).toBeNull())
  expect(screen.getByLabelText('Draft')).toHaveValue('typed')
  expect(screen.getByLabelText('Draft').closest('[inert]')).toBeNull()
  await waitFor(() => expect(asked.slice(before)).toContain('GET /v1/leader'))
})

it('keeps nothing for another person', async () => {
  const { end } = open('ada')
  await userEvent.type(await screen.findByLabelText('Draft'), 'typed')
  await screen.findByText('The leader is s1')
  end()
  await userEvent.click(screen.getByRole('button', { name: 'Freeze' }))
  await signIn('vera')
  expect(await screen.findByRole('button', { name: 'Account of vera' })).toBeVisible()
  expect(screen.getByLabelText('Draft')).toHaveValue('')
  expect(screen.queryByRole('button', { name: 'Run now' })).toBeNull()
})

it('shows nothing after signing out', async () => {
  open('ada')
  await userEvent.click(await screen.findByRole('button', { name: 'Account of ada' }))
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Sign out' }))
  expect(await screen.findByRole('heading', { name: 'Sign in to dkron' })).toBeVisible()
  expect(screen.queryByLabelText('Draft')).toBeNull()
})

it('sends those whom a proxy has signed in to the proxy to sign out', async () => {
  show('/', [{ path: '/', component: page }], {
    'GET /v1/acl/session': { ...session(''), signed_in: false, how: 'header', name: 'ann', subject: 'ann' },
    'GET /v1/leader': { Name: 's1' },
  })
  await userEvent.click(await screen.findByRole('button', { name: 'Account of ann' }))
  expect(await screen.findByText(/The proxy in front has signed you in/)).toBeVisible()
  expect(screen.queryByRole('menuitem', { name: 'Sign out' })).toBeNull()
})

it('takes an answer to a request from before the sign-in for what it is: old', async () => {
  let signedIn = false
  let answer: ((response: Response) => void) | undefined
  show('/', [{ path: '/', component: page }], {
    'GET /v1/leader': () => new Promise<Response>(resolve => (answer ??= resolve)),
    'GET /v1/acl/session': () => (signedIn ? session('ada') : refused()),
    'POST /v1/acl/session': () => {
      signedIn = true
      return session('ada')
    },
  })
  await signIn('ada')
  expect(await screen.findByRole('button', { name: 'Run now' })).toBeVisible()
  answer?.(refused())
  await new Promise(resolve => setTimeout(resolve)) // it has arrived
  expect(screen.queryByLabelText('Token')).toBeNull()
})

it('is as before on a server without access control, or an older one', async () => {
  show('/', [{ path: '/', component: page }], { 'GET /v1/leader': { Name: 's1' } })
  expect(await screen.findByText('The leader is s1')).toBeVisible()
  expect(screen.getByRole('button', { name: 'Run now' })).toBeVisible()
  expect(screen.queryByRole('button', { name: /Account/ })).toBeNull()
})

it('says that the browser asks where there are no tokens', async () => {
  const basic = () => new Response('', { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="dkron"' } })
  show('/', [{ path: '/', component: page }], { 'GET /v1/acl/session': basic, 'GET /v1/leader': basic })
  expect(await screen.findByText(/a user name and a password/)).toBeVisible()
  expect(screen.queryByLabelText('Token')).toBeNull()
})

const ways = (more = {}) => ({ tokens: true, openid: { name: 'Example Corp', ...more }, failed: null })

/** A server that offers OpenID Connect. */
function offering(answer: unknown, who = () => undefined as unknown) {
  return show('/', [{ path: '/', component: page }], {
    'GET /v1/signin': () => answer,
    'GET /v1/acl/session': () => who() ?? refused(),
    'GET /v1/leader': () => (who() ? { Name: 's1' } : refused()),
    'POST /v1/pause': () => (who() ? { paused: true } : refused()),
  })
}

it('offers the provider besides tokens', async () => {
  offering(ways())
  const link = await screen.findByRole('link', { name: 'Sign in with Example Corp' })
  expect(new URL(link.getAttribute('href')!).pathname).toMatch(/\/v1\/signin\/openid$/)
  expect(link).not.toHaveAttribute('target')
  expect(screen.getByLabelText('Token')).toBeVisible()
  expect(screen.queryByRole('alert')).toBeNull()
})

it('says why a sign-in failed, as text, and that a provider can’t be reached', async () => {
  const text = 'none of the groups <b>dev</b> has a role'
  offering({ ...ways({ problem: 'the provider https://id.example.com can’t be reached' }), failed: { text } })
  expect(await screen.findByRole('alert')).toHaveTextContent('None of the groups <b>dev</b> has a role.')
  expect(screen.getByText('The provider https://id.example.com can’t be reached. Tokens still work.')).toBeVisible()
  expect(screen.getByLabelText('Token')).toBeVisible()
})

it('keeps the page when somebody signs in again in another tab, and nothing for another person', async () => {
  let who: unknown
  const ann = { ...session(''), how: 'openid', name: 'ann', subject: '1' }
  who = ann
  offering(ways(), () => who)
  await userEvent.type(await screen.findByLabelText('Draft'), 'typed')
  const leave = async () => {
    who = undefined
    await userEvent.click(screen.getByRole('button', { name: 'Freeze' }))
    expect(await screen.findByRole('link', { name: 'Sign in with Example Corp' })).toHaveAttribute('target', '_blank')
  }
  const comeBack = async (next: unknown) => {
    who = next
    globalThis.dispatchEvent(new Event('focus'))
    await waitFor(() => expect(screen.queryByLabelText('Token')).toBeNull())
  }
  await leave()
  await comeBack(ann)
  expect(screen.getByLabelText('Draft')).toHaveValue('typed')
  await leave()
  await comeBack({ ...ann, subject: '2' })
  expect(screen.getByLabelText('Draft')).toHaveValue('')
})
