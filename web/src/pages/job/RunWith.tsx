import { ActionIcon, Button, Checkbox, Group, Loader, Text, Textarea, TextInput } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { executorsQuery } from '@/api/executors'
import type { Job } from '@/api/jobs'
import { lastChangedQuery, launchJob, type Launch, type LaunchRequest } from '@/api/launches'
import { attempt, tell } from '@/ui/act'
import { mayAct } from '@/ui/careful'
import { Icon } from '@/ui/Icon'
import { nameOf } from '@/ui/words'
import classes from './RunWith.module.css'

/** Returns what opens the dialog that runs a job with another environment or payload. */
export function useRunWith() {
  const navigate = useNavigate()
  const queries = useQueryClient()
  return (job: Job) => {
    const id = modals.open({
      title: `Run ${nameOf(job)} with…`,
      size: 'lg',
      closeButtonProps: { 'aria-label': 'Close' },
      children: <RunWith job={job} run={run} close={() => modals.close(id)} />,
    })
    async function run(request: LaunchRequest) {
      if (!(await mayAct(queries, job, { verb: 'Run', rest: ' now', button: 'Run now' }))) return false
      const launch = await attempt(`run ${nameOf(job)}`, () => launchJob(job.name, request))
      if (!launch) return false
      tell(`Launched ${nameOf(job)}`)
      modals.close(id)
      await navigate({ to: '/launches/$launch', params: { launch: launch.id } })
      return true
    }
  }
}

interface Props {
  job: Job
  run: (request: LaunchRequest) => Promise<boolean>
  close: () => void
}

/** Waits for what the executor takes and for what the last such launch had. */
function RunWith({ job, run, close }: Props) {
  const executors = useQuery(executorsQuery)
  const last = useQuery({ ...lastChangedQuery(job.name), staleTime: 0 })
  if (executors.isPending || last.isPending) return <Loader size="sm" />
  const keys = Object.values(executors.data?.find(one => one.name === job.executor)?.schema?.properties ?? {})
  const payload = keys.find(key => key['x-role'] === 'payload')
  return (
    <Form
      job={job}
      run={run}
      close={close}
      last={last.data ?? undefined}
      env={keys.some(key => key['x-role'] === 'environment')}
      payload={payload?.title}
    />
  )
}

interface FormProps extends Props {
  last?: Launch
  /** Whether the executor has an environment. */
  env: boolean
  /** The label of its payload, if it has one. */
  payload?: string
}

let rows = 0
const row = (name = '', value = '') => ({ key: ++rows, name, value })

function Form({ job, run, close, last, env, payload }: FormProps) {
  const [list, setList] = useState(() => {
    const had = Object.entries(last?.env ?? {}).map(([name, value]) => row(name, value))
    return had.length ? had : [row()]
  })
  const [text, setText] = useState(last?.payload ?? '')
  const [replaces, setReplaces] = useState(last?.payload !== undefined)
  const [children, setChildren] = useState(true)
  const [busy, setBusy] = useState(false)
  if (!env && !payload)
    return (
      <Text size="sm">
        {`The executor of this job, ${job.executor || 'none'}, has no environment and no payload that one launch could have otherwise.`}
      </Text>
    )

  const change = (key: number, part: Partial<(typeof list)[number]>) =>
    setList(list.map(one => (one.key === key ? { ...one, ...part } : one)))
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    const variables = Object.fromEntries(list.filter(one => one.name.trim()).map(one => [one.name.trim(), one.value]))
    await run({
      ...(env && Object.keys(variables).length && { env: variables }),
      ...(payload && replaces && { payload: text }),
      with_children: children,
    })
    setBusy(false)
  }
  return (
    <form onSubmit={event => void submit(event)}>
      <Text size="sm" mb="sm">
        For this launch only. It is recorded, and everybody who can read the launch can read it: don’t enter secrets.
        {last && ' Filled in from the last such launch.'}
      </Text>
      {env && (
        <fieldset className={classes.env}>
          <legend>Environment</legend>
          {list.map(({ key, name, value }, i) => (
            <div className={classes.row} key={key}>
              <TextInput
                aria-label={`Name ${i + 1}`}
                placeholder="Name"
                value={name}
                pattern="\s*[A-Za-z_][A-Za-z0-9_]*\s*"
                title="Letters, digits and _, not beginning with a digit"
                onChange={event => change(key, { name: event.currentTarget.value })}
                data-autofocus={i === 0 || undefined}
              />
              <TextInput
                aria-label={`Value ${i + 1}`}
                placeholder="Value"
                value={value}
                onChange={event => change(key, { value: event.currentTarget.value })}
              />
              <ActionIcon
                variant="subtle"
                size={36}
                aria-label={`Remove ${name || `variable ${i + 1}`}`}
                onClick={() => setList(list.filter(one => one.key !== key))}
              >
                <Icon name="trash" size={16} />
              </ActionIcon>
            </div>
          ))}
          <Button size="xs" variant="default" onClick={() => setList([...list, row()])}>
            Add a variable
          </Button>
        </fieldset>
      )}
      {payload && (
        <>
          <Checkbox
            mt="md"
            label={`Replace: ${payload.toLowerCase()}`}
            checked={replaces}
            onChange={event => setReplaces(event.currentTarget.checked)}
          />
          {replaces && (
            <Textarea
              mt="xs"
              aria-label={payload}
              autosize
              minRows={3}
              maxRows={12}
              value={text}
              onChange={event => setText(event.currentTarget.value)}
            />
          )}
        </>
      )}
      {!!job.dependent_jobs?.length && (
        <Checkbox
          mt="md"
          label="Run dependent jobs too"
          checked={children}
          onChange={event => setChildren(event.currentTarget.checked)}
        />
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          Run now
        </Button>
      </Group>
    </form>
  )
}
