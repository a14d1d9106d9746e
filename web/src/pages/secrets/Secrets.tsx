import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { timeOf } from '@/api/client'
import { deleteSecret, encryptionQuery, secretKeys, secretsQuery, type Secret } from '@/api/secrets'
import { ask, attempt, tell } from '@/ui/act'
import list from '@/ui/alerts/List.module.css'
import { Empty } from '@/ui/Empty'
import { Icon } from '@/ui/Icon'
import { Link, LinkButton, PlainLink } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { For } from '@/ui/may'
import { Page } from '@/ui/Page'
import { Panel } from '@/ui/Panel'
import { count } from '@/ui/size'
import { When } from '@/ui/When'
import { SecretForm } from './SecretForm'

const route = getRouteApi('/settings/secrets')

/** Values that jobs and channels refer to: which there are, who uses them, and the form of one. */
export function Secrets() {
  const { create, edit } = route.useSearch()
  return (
    <For verb="admin" title="Secrets">
      <Page
        title="Secrets"
        above={<Link to="/settings">Settings</Link>}
        below={
          <>
            Values that jobs and channels refer to as <code>{'${secret:NAME}'}</code>. They are stored encrypted, and
            nobody can read them back.
          </>
        }
        actions={!create && !edit && <New />}
      >
        <Content create={create} edit={edit} />
      </Page>
    </For>
  )
}

const New = () => (
  <LinkButton to="/settings/secrets" search={{ create: true }} leftSection={<Icon name="plus" size={16} />}>
    New secret
  </LinkButton>
)

function Content({ create, edit }: { create: true | undefined; edit: string | undefined }) {
  const secrets = useQuery(secretsQuery)
  if (!create && !edit)
    return (
      <Panel flush>
        <Loaded query={secrets} what="the secrets">
          {all => (all.length ? <List secrets={all} /> : <None />)}
        </Loaded>
      </Panel>
    )
  return (
    <Panel title={create ? 'New secret' : `Secret ${edit}`}>
      <Loaded query={secrets} what="the secrets">
        {all => {
          const secret = all.find(s => s.name === edit)
          if (edit && !secret) return <Missing name={edit} />
          return <SecretForm key={edit} secret={secret} names={all.map(s => s.name)} />
        }}
      </Loaded>
    </Panel>
  )
}

function None() {
  const { data } = useQuery(encryptionQuery)
  if (data && !data.some(key => key.here))
    return (
      <Empty icon="key" title="This server has no key for secrets">
        Make one with <code>dkron keygen</code>, put it into a file on every server, and start them with{' '}
        <code>--secrets-key-file</code>.
      </Empty>
    )
  return (
    <Empty icon="key" title="No secrets yet" action={<New />}>
      A password in a job can be read by everybody who may read the job. Store it here, and refer to it in the job’s
      environment or configuration.
    </Empty>
  )
}

const Missing = ({ name }: { name: string }) => (
  <Empty
    icon="question"
    title={`No secret named “${name}”`}
    action={
      <LinkButton variant="default" to="/settings/secrets">
        Show all
      </LinkButton>
    }
  >
    It may have been deleted.
  </Empty>
)

const List = ({ secrets }: { secrets: readonly Secret[] }) => (
  <ul className={list.list} aria-label="Secrets">
    {secrets.map(secret => (
      <Item key={secret.name} secret={secret} />
    ))}
  </ul>
)

/** How many jobs an entry links to. */
const shownJobs = 5

function Item({ secret }: { secret: Secret }) {
  const { name, jobs, used_by: used, readable, key, updated_by: by } = secret
  const edit = { to: '/settings/secrets', search: { edit: name } } as const
  const setAt = timeOf(secret.value_set_at)
  return (
    <li className={list.item}>
      <div className={list.what}>
        <div className={list.head}>
          <PlainLink {...edit} className={list.name}>
            {name}
          </PlainLink>
          {jobs.length > 0 && <span>only for {jobs.join(', ')}</span>}
        </div>
        <div className={list.facts}>
          {setAt && (
            <span>
              Value set <When at={setAt} />
              {by && ` by ${by}`}
            </span>
          )}
          <UsedBy used={used} />
        </div>
        {!readable && (
          <div className={list.reason} data-tone="bad">
            This server lacks the key {key} that it is encrypted with.
          </div>
        )}
      </div>
      <div className={list.actions}>
        <LinkButton {...edit} size="xs" variant="default" aria-label={`Edit ${name}`}>
          Edit
        </LinkButton>
        <Delete secret={secret} />
      </div>
    </li>
  )
}

function UsedBy({ used }: { used: Secret['used_by'] }) {
  const more = used.job_count - Math.min(shownJobs, used.jobs.length)
  if (!used.job_count && !used.channels.length) return <span>Not used</span>
  return (
    <>
      {used.job_count > 0 && (
        <span>
          Used by{' '}
          {used.jobs.slice(0, shownJobs).map((job, i) => (
            <span key={job}>
              {i > 0 && ', '}
              <Link to="/jobs/$job" params={{ job }}>
                {job}
              </Link>
            </span>
          ))}
          {more > 0 && ` and ${count(more)} more`}
        </span>
      )}
      {used.channels.length > 0 && (
        <span>
          Used by the {used.channels.length === 1 ? 'channel' : 'channels'} {used.channels.join(', ')}
        </span>
      )}
    </>
  )
}

function Delete({ secret: { name, used_by: used } }: { secret: Secret }) {
  const queries = useQueryClient()
  const users = used.job_count + used.channels.length

  async function remove() {
    const sure = await ask({
      title: `Delete the secret ${name}?`,
      children: users
        ? 'Jobs and channels refer to it. Their runs and messages fail from then on.'
        : 'Its value can’t be brought back.',
      confirm: users ? 'Delete anyway' : 'Delete',
      danger: true,
    })
    if (!sure) return
    const done = await attempt(`delete the secret ${name}`, async () => {
      await deleteSecret(name, users > 0)
      return true
    })
    await queries.invalidateQueries({ queryKey: secretKeys.all })
    if (done) tell(`Deleted the secret ${name}`)
  }

  return (
    <Button size="xs" variant="default" aria-label={`Delete ${name}`} onClick={() => void remove()}>
      Delete
    </Button>
  )
}
