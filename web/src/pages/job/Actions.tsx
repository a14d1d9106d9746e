import { ActionIcon, Button, Menu } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { clearHistory, createJob, definitionOf, deleteJob, runJob, toggleJob, type Job } from '@/api/jobs'
import { ask, attempt, tell } from '@/ui/act'
import { Icon } from '@/ui/Icon'
import { LinkButton, LinkMenuItem } from '@/ui/link'
import { counted } from '@/ui/size'
import { json } from './definition/text'
import { download } from '@/ui/download'
import { StopDialog } from './StopDialog'
import { useRefresh } from './useRefresh'
import { nameOf } from '@/ui/words'

/** What can be done with a job. On a phone all but running it is in the menu. */
export function Actions({ job }: { job: Job }) {
  const acts = useActs(job)
  const [stopping, { open: openStop, close: closeStop }] = useDisclosure()
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const edit = { to: '/jobs/$job/edit', params: { job: job.name } } as const
  const open = job.running + job.queued > 0
  const toggle = job.disabled ? 'Enable' : 'Disable'
  const toggleIcon = <Icon name={job.disabled ? 'check' : 'pause'} size={16} />
  return (
    <>
      <Button leftSection={<Icon name="play" size={16} />} onClick={() => void acts.run()}>
        Run now
      </Button>
      {open && (
        <Button variant="light" color="red" leftSection={<Icon name="stop" size={16} />} onClick={openStop}>
          Stop
        </Button>
      )}
      {!narrow && (
        <>
          <Button variant="default" leftSection={toggleIcon} onClick={() => void acts.toggle()}>
            {toggle}
          </Button>
          <LinkButton {...edit} variant="default" leftSection={<Icon name="edit" size={16} />}>
            Edit
          </LinkButton>
        </>
      )}
      <Menu position="bottom-end" width={220} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More actions">
            <Icon name="dots" strokeWidth={3} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {narrow && (
            <>
              <Menu.Item leftSection={toggleIcon} onClick={() => void acts.toggle()}>
                {toggle}
              </Menu.Item>
              <LinkMenuItem {...edit} leftSection={<Icon name="edit" size={16} />}>
                Edit
              </LinkMenuItem>
            </>
          )}
          <Items job={job} acts={acts} />
        </Menu.Dropdown>
      </Menu>
      <StopDialog job={job} opened={stopping} onClose={closeStop} />
    </>
  )
}

function Items({ job, acts }: { job: Job; acts: ReturnType<typeof useActs> }) {
  const children = job.dependent_jobs?.length ?? 0
  return (
    <>
      <LinkMenuItem to="/new" search={{ from: job.name }} leftSection={<Icon name="copy" size={16} />}>
        Duplicate
      </LinkMenuItem>
      <Menu.Item leftSection={<Icon name="download" size={16} />} onClick={acts.save}>
        Export JSON
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item color="var(--bad)" leftSection={<Icon name="history" size={16} />} onClick={() => void acts.clear()}>
        Clear history
      </Menu.Item>
      <Menu.Item
        color="var(--bad)"
        leftSection={<Icon name="trash" size={16} />}
        disabled={children > 0}
        onClick={() => void acts.remove()}
      >
        Delete
      </Menu.Item>
      {children > 0 && (
        <Menu.Label>{`It can’t be deleted while it has ${counted(children, 'child', 'children')}.`}</Menu.Label>
      )}
    </>
  )
}

function useActs(job: Job) {
  const navigate = useNavigate()
  const refresh = useRefresh()
  const { name } = job
  const title = nameOf(job)

  const turn = async () => {
    const turned = await toggleJob(name)
    await refresh(name)
    return turned
  }

  return {
    async run() {
      const ran = await attempt(`run ${title}`, () => runJob(name))
      if (!ran?.launch_id) return
      tell(`${title} is launched`)
      await navigate({ to: '/launches/$launch', params: { launch: ran.launch_id } })
    },

    async toggle() {
      const turned = await attempt(job.disabled ? `enable ${title}` : `disable ${title}`, turn)
      if (turned) tell(`${title} is ${turned.disabled ? 'disabled' : 'enabled'}`, { action: turn })
    },

    save() {
      download(`${name}.json`, json(definitionOf(job)), 'application/json')
    },

    async clear() {
      const sure = await ask({
        title: `Clear the history of ${title}?`,
        children: 'Its executions that have ended and their output are deleted for good. The definition stays.',
        confirm: 'Clear history',
        danger: true,
      })
      if (!sure) return
      const done = await attempt(`clear the history of ${title}`, async () => {
        await clearHistory(name)
        return true
      })
      if (done) tell(`The history of ${title} is cleared`)
      await refresh(name)
    },

    async remove() {
      const sure = await ask({
        title: `Delete ${title}?`,
        children: 'It fires no more and its history goes with it. The definition can be brought back right after.',
        confirm: 'Delete',
        danger: true,
      })
      if (!sure) return
      const definition = { ...definitionOf(job), name }
      const deleted = await attempt(`delete ${title}`, () => deleteJob(name))
      if (!deleted) return
      await navigate({ to: '/jobs' })
      tell(`${title} is deleted`, {
        action: async () => {
          await createJob(definition)
          await refresh(name)
        },
      })
      await refresh(name)
    },
  }
}
