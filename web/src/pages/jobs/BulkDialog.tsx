import { Button, Group, Modal, Progress, Stack, Text, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { JobFilter } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { Problem } from '@/ui/Problem'
import { count, counted } from '@/ui/size'
import { acts, type Act, type ActName } from './acts'
import { AskFirst, useCareful, useOthers } from './AskFirst'
import { Failures } from './Failures'
import type { Selection } from './selection'
import { useBulk, type Bulk } from './useBulk'

interface Props {
  name: ActName
  selection: Selection
  filter: JobFilter
  /** How many match the filter. */
  total: number
  /** `done` if everything succeeded. */
  onClose: (done: boolean) => void
}

/** Asks before an action on many jobs, shows its progress, and then its result. */
export function BulkDialog({ name, selection, filter, total, onClose }: Props) {
  const act: Act = acts[name]
  const { bulk, start, cancel } = useBulk(act, selection, filter)
  const busy = bulk.stage === 'gathering' || bulk.stage === 'working'
  const close = () => {
    if (busy) cancel()
    else onClose(bulk.stage === 'ended' && bulk.failures.length === 0 && bulk.left === 0)
  }
  const [included, setIncluded] = useState(false)
  const [n] = useState(selection.all ? total : selection.jobs.size) // as it was when the dialog opened
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={!busy}
      closeOnEscape={!busy}
      withCloseButton={!busy}
      closeButtonProps={{ 'aria-label': 'Close' }}
      title={`${act.verb}: ${counted(n, 'job')}`}
    >
      {bulk.stage === 'asking' && (
        <Asking
          act={act}
          n={n}
          selection={selection}
          filter={filter}
          included={included}
          onInclude={setIncluded}
          onCancel={close}
          onSure={() => void start(included)}
        />
      )}
      {busy && <Working act={act} bulk={bulk} onCancel={cancel} />}
      {bulk.stage === 'broken' && (
        <Problem error={bulk.error} what="load the jobs" again={() => void start(included)} />
      )}
      {bulk.stage === 'ended' && (
        <Ended
          act={act}
          bulk={bulk}
          onClose={close}
          onAgain={() =>
            void start(
              included,
              bulk.failures.map(f => f.item),
            )
          }
        />
      )}
    </Modal>
  )
}

const many = 10 // jobs; to delete more, type the number

interface AskingProps {
  act: Act
  n: number
  selection: Selection
  filter: JobFilter
  included: boolean
  onInclude: (included: boolean) => void
  onCancel: () => void
  onSure: () => void
}

function Asking({ act, n, selection, filter, included, onInclude, onCancel, onSure }: AskingProps) {
  const [typed, setTyped] = useState('')
  const careful = useCareful(act, selection, filter)
  const { concerns } = act
  const others = useOthers(act, selection, filter)
  const left = n - (others ?? 0) - (included ? 0 : (careful.total ?? 0)) // at most: perhaps the others are not known
  const spell = act === acts.delete && left > many
  const known = careful.total !== undefined || careful.error !== null
  const sure = known && left > 0 && (!spell || typed.replace(/[\s,.]/g, '') === String(left))
  const exactly = (careful.total || others) && others !== undefined ? `: ${counted(left, 'job')}` : ''
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        if (sure) onSure()
      }}
    >
      <Stack gap="sm">
        <Text size="sm">{act.meaning}</Text>
        {concerns && others !== 0 && (
          <Text size="sm" c="dimmed">
            {others ? counted(others, 'job') : 'Jobs that are'} {concerns.others}: left unchanged.
          </Text>
        )}
        <AskFirst careful={careful} included={included} onChange={onInclude} />
        {spell && (
          <TextInput
            data-autofocus
            inputMode="numeric"
            label={`Type ${left} to confirm`}
            value={typed}
            onChange={event => setTyped(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" color={act.danger ? 'red' : undefined} disabled={!sure} data-autofocus={!spell}>
            {act.verb}
            {exactly}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Working({ act, bulk, onCancel }: { act: Act; bulk: Bulk; onCancel: () => void }) {
  const gathering = bulk.stage === 'gathering'
  const now = bulk.stage === 'gathering' ? bulk.found : bulk.stage === 'working' ? bulk.handled : 0
  const total = gathering || bulk.stage === 'working' ? bulk.total : 0
  const label = `${gathering ? 'Loading jobs' : act.doing}: ${count(now)} of ${count(total)}`
  return (
    <Stack gap="sm">
      <Text size="sm" component="output">
        {label}
      </Text>
      <Progress value={total ? (now / total) * 100 : 0} aria-label={label} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Stop here
        </Button>
      </Group>
    </Stack>
  )
}

interface EndedProps {
  act: Act
  bulk: Extract<Bulk, { stage: 'ended' }>
  onClose: () => void
  onAgain: () => void
}

function Ended({ act, bulk, onClose, onAgain }: EndedProps) {
  const { done, left, failures, apart } = bulk
  return (
    <Stack gap="sm">
      <Fact tone="good" icon="check">
        {counted(done, 'job')} {act.done}
      </Fact>
      {bulk.cancelled && (
        <Fact tone="calm" icon="skip">
          {left ? `${counted(left, 'job')} left unchanged` : 'Nothing changed'}: stopped
        </Fact>
      )}
      {apart > 0 && (
        <Fact tone="wait" icon="skip">
          {counted(apart, 'job')} left unchanged: {apart === 1 ? 'it asks' : 'they ask'} first
        </Fact>
      )}
      {failures.length > 0 && (
        <>
          <Fact tone="bad" icon="cross">
            {counted(failures.length, 'job')} not {act.done}
          </Fact>
          <Failures failures={failures} />
        </>
      )}
      <Group justify="flex-end">
        {failures.length > 0 && (
          <Button variant="default" leftSection={<Icon name="rerun" size={15} />} onClick={onAgain}>
            Retry {counted(failures.length, 'job')}
          </Button>
        )}
        <Button data-autofocus onClick={onClose}>
          Close
        </Button>
      </Group>
    </Stack>
  )
}

function Fact({ tone, icon, children }: { tone: string; icon: 'check' | 'skip' | 'cross'; children: ReactNode }) {
  return (
    <Group gap="xs" wrap="nowrap" data-tone={tone}>
      <Icon name={icon} size={17} color="var(--tone)" strokeWidth={2.4} />
      <Text size="sm" fw={600} component="output">
        {children}
      </Text>
    </Group>
  )
}
