import { Alert, Button, Stack, Text, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { ApiError } from '@/api/error'
import { signIn, type Session } from '@/api/session'
import type { SignedOut } from '@/api/signedOut'
import { reload } from './reload'
import classes from './SignIn.module.css'

interface Props {
  out: SignedOut
  /** Whether somebody was signed in, whose page is still open below. */
  ended: boolean
  done: (session: Session) => void
}

/** The form over the whole page. */
export function SignIn({ out, ended, done }: Props) {
  return (
    <div className={classes.cover} data-form>
      <main className={classes.box}>
        <h1 className={classes.title}>{ended ? 'Sign in again' : 'Sign in to dkron'}</h1>
        {out.tokens ? <Form ended={ended} done={done} /> : <ByBrowser />}
      </main>
    </div>
  )
}

function Form({ ended, done }: Omit<Props, 'out'>) {
  const [secret, setSecret] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()

  async function submit(event: FormEvent) {
    event.preventDefault()
    setBusy(true)
    try {
      done(await signIn(secret.trim()))
    } catch (e) {
      setError(e as Error)
      setBusy(false)
    }
  }

  return (
    <form onSubmit={event => void submit(event)}>
      <Stack gap="sm">
        {ended && (
          <Text size="sm">
            Your session has ended. The page continues where you were; what you typed is still there.
          </Text>
        )}
        <TextInput
          label="Token"
          type="password"
          placeholder="dkron_…"
          autoComplete="current-password"
          data-autofocus
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page has nothing else
          autoFocus
          value={secret}
          onChange={event => setSecret(event.currentTarget.value)}
        />
        {error && (
          <Alert color="red" variant="light" role="alert" p="xs">
            {reasonOf(error)}
          </Alert>
        )}
        <Button type="submit" loading={busy} disabled={!secret.trim()}>
          Sign in
        </Button>
        <Text size="sm" c="dimmed" component="div">
          A token says who you are and what you may do. Whoever manages this cluster makes one for you and gives you its
          secret:
          <pre className={classes.command}>
            dkron acl token create <span>--name=you</span> <span>--policy=viewer</span>
          </pre>
        </Text>
        <Text size="sm" c="dimmed" component="div">
          The first token of a new cluster comes from <code>dkron acl bootstrap</code>.
        </Text>
      </Stack>
    </form>
  )
}

function reasonOf(error: Error): string {
  if (!(error instanceof ApiError)) return error.message
  if (error.status === 401) return 'No token has this secret. It may have expired or been deleted.'
  if (error.status === 429) return 'Too many wrong attempts from your address. Wait half a minute, then try again.'
  return error.message
}

function ByBrowser() {
  return (
    <Stack gap="sm">
      <Text size="sm">
        This server asks for a user name and a password. Your browser shows the question when you reload the page.
      </Text>
      <Button onClick={reload}>Reload</Button>
    </Stack>
  )
}
