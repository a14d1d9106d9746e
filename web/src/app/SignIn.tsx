import { Alert, Button, Divider, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState, type FormEvent } from 'react'
import { ApiError } from '@/api/error'
import { openID, signIn, waysQuery, whoAmI, type Session } from '@/api/session'
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
        {out.tokens ? (
          <Stack gap="sm">
            {ended && (
              <Text size="sm">
                Your session has ended. The page continues where you were; what you typed is still there.
              </Text>
            )}
            <Provider ended={ended} done={done} />
            <Form done={done} />
          </Stack>
        ) : (
          <ByBrowser />
        )}
      </main>
    </div>
  )
}

/**
 * The way to an OpenID Connect provider, if the server offers one. Over a page that is open below, it leads to another tab: what one
 * has typed would be lost otherwise.
 */
function Provider({ ended, done }: Omit<Props, 'out'>) {
  const { data: ways } = useQuery(waysQuery)
  useArrival(ended, done)
  if (!ways?.openid) return null
  const { name, problem } = ways.openid
  return (
    <>
      {ways.failed && (
        <Alert color="red" variant="light" role="alert" p="xs" title="Sign-in failed">
          {sentence(ways.failed.text)}
        </Alert>
      )}
      {/* A plain anchor: it leaves the page. */}
      <Button component="a" href={openID()} {...(ended && { target: '_blank', rel: 'noopener' })}>
        Sign in with {name}
      </Button>
      {problem && (
        <Text size="sm" c="red" role="status">
          {sentence(problem)} Tokens still work.
        </Text>
      )}
      <Divider label="or with a token" />
    </>
  )
}

/** Notices when somebody has signed in in another tab. */
function useArrival(active: boolean, done: (session: Session) => void) {
  useEffect(() => {
    if (!active) return
    const look = async () => {
      try {
        const session = await whoAmI()
        if (session?.signed_in) done(session)
      } catch {
        // Nobody has.
      }
    }
    const onFocus = () => void look()
    globalThis.addEventListener('focus', onFocus)
    return () => globalThis.removeEventListener('focus', onFocus)
  }, [active, done])
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

function Form({ done }: Pick<Props, 'done'>) {
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
