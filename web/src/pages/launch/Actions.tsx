import { Button, Group, TextInput } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { stopExecution, type Execution } from '@/api/executions'
import { runJob } from '@/api/jobs'
import { launchKeys, openStates, stopLaunch, type Launch } from '@/api/launches'
import { attempt, tell } from '@/ui/act'
import { Icon } from '@/ui/Icon'
import { LinkButton } from '@/ui/link'

/** What can be done with a launch. */
export function Actions({ launch }: { launch: Launch }) {
  const navigate = useNavigate()
  const stop = useStop(launch)
  const [busy, setBusy] = useState(false)
  const open = openStates.includes(launch.state)

  async function again() {
    setBusy(true)
    const ran = await attempt(`run ${launch.job}`, () => runJob(launch.job))
    setBusy(false)
    if (!ran?.launch_id) return
    tell(`${launch.job} is launched`)
    await navigate({ to: '/launches/$launch', params: { launch: ran.launch_id }, search: {} })
  }

  return (
    <>
      <LinkButton to="/jobs/$job" params={{ job: launch.job }} variant="default">
        The job
      </LinkButton>
      {open && (
        <Button variant="default" c="var(--bad)" leftSection={<Icon name="stop" size={16} />} onClick={() => stop()}>
          Stop
        </Button>
      )}
      <Button leftSection={<Icon name="rerun" size={16} />} loading={busy} onClick={() => void again()}>
        Run again
      </Button>
    </>
  )
}

/** Asks for a reason and stops a launch, or one execution of it. */
export function useStop(launch: Launch) {
  const queries = useQueryClient()
  return (one?: Execution) => {
    const id = modals.open({
      title: one ? `Stop it on ${one.node_name}?` : `Stop this launch of ${launch.job}?`,
      children: (
        <StopForm
          what={one ? 'Its processes are told to end, and made to a little later. There is no retry.' : whole}
          stop={async reason => {
            const done = await attempt<unknown>('stop it', () =>
              one ? stopExecution(launch.job, one.id, reason) : stopLaunch(launch.id, reason),
            )
            if (!done) return
            modals.close(id)
            tell(one ? `${one.node_name} is told to stop` : 'The launch is told to stop')
            await queries.invalidateQueries({ queryKey: launchKeys.of(launch.id) })
          }}
          cancel={() => modals.close(id)}
        />
      ),
    })
  }
}

const whole = 'What runs is told to end on every node, retries that wait are dropped, and it leaves the queue.'

interface FormProps {
  what: string
  stop: (reason?: string) => Promise<void>
  cancel: () => void
}

function StopForm({ what, stop, cancel }: FormProps) {
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        setBusy(true)
        void stop(reason.trim() || undefined).finally(() => setBusy(false))
      }}
    >
      <TextInput
        label="Why?"
        description={`${what} The reason is kept in the history.`}
        placeholder="Optional"
        maxLength={200}
        value={reason}
        onChange={event => setReason(event.currentTarget.value)}
        data-autofocus
      />
      <Group mt="lg" justify="flex-end">
        <Button variant="default" onClick={cancel}>
          Cancel
        </Button>
        <Button type="submit" color="red" loading={busy}>
          Stop
        </Button>
      </Group>
    </form>
  )
}
