import { ActionIcon, Button, Menu } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { definitionOf, type Job } from '@/api/jobs'
import { download } from '@/ui/download'
import { Icon } from '@/ui/Icon'
import { LinkButton, LinkMenuItem } from '@/ui/link'
import { May, useMay } from '@/ui/may'
import { counted } from '@/ui/size'
import { useJobActions, type JobActions } from '@/ui/useJobActions'
import { json } from '@/ui/definition/text'
import { runsHere } from '@/ui/words'
import { useRunWith } from './RunWith'

/** The actions on a job. On a phone, most are in the menu. */
export function Actions({ job }: { job: Job }) {
  const actions = useJobActions()
  const may = useMay()
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const edit = { to: '/jobs/$job/edit', params: { job: job.name } } as const
  const open = job.running + job.queued > 0
  const toggle = job.disabled ? 'Enable' : 'Disable'
  const toggleIcon = <Icon name={job.disabled ? 'check' : 'pause'} size={16} />
  return (
    <>
      {runsHere(job) && (
        <May verb="run">
          <Button leftSection={<Icon name="play" size={16} />} onClick={() => void actions.runAndShow(job)}>
            Run now
          </Button>
        </May>
      )}
      {open && may('stop') && (
        <Button
          variant="light"
          color="red"
          leftSection={<Icon name="stop" size={16} />}
          onClick={() => actions.stop(job)}
        >
          Stop
        </Button>
      )}
      {!narrow && may('write') && (
        <>
          <Button variant="default" leftSection={toggleIcon} onClick={() => void actions.toggle(job)}>
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
          {narrow && may('write') && (
            <>
              <Menu.Item leftSection={toggleIcon} onClick={() => void actions.toggle(job)}>
                {toggle}
              </Menu.Item>
              <LinkMenuItem {...edit} leftSection={<Icon name="edit" size={16} />}>
                Edit
              </LinkMenuItem>
            </>
          )}
          <Items job={job} actions={actions} />
        </Menu.Dropdown>
      </Menu>
    </>
  )
}

function Items({ job, actions }: { job: Job; actions: JobActions }) {
  const runWith = useRunWith()
  return (
    <>
      <May verb="write">
        {runsHere(job) && (
          <Menu.Item leftSection={<Icon name="play" size={16} />} onClick={() => runWith(job)}>
            Run with…
          </Menu.Item>
        )}
        <LinkMenuItem to="/new" search={{ from: job.name }} leftSection={<Icon name="copy" size={16} />}>
          Duplicate
        </LinkMenuItem>
      </May>
      <Menu.Item
        leftSection={<Icon name="download" size={16} />}
        onClick={() => download(`${job.name}.json`, json(definitionOf(job)))}
      >
        Export JSON
      </Menu.Item>
      <May verb="write">
        <LinkMenuItem
          to="/notifications"
          search={{ tab: 'silences', create: true, job: job.name }}
          leftSection={<Icon name="bell" size={16} />}
        >
          Silence alerts…
        </LinkMenuItem>
        <Ends job={job} actions={actions} />
      </May>
    </>
  )
}

function Ends({ job, actions }: { job: Job; actions: JobActions }) {
  const navigate = useNavigate()
  const children = job.dependent_jobs?.length ?? 0
  return (
    <>
      <Menu.Divider />
      <Menu.Item
        color="var(--bad)"
        leftSection={<Icon name="history" size={16} />}
        onClick={() => void actions.clear(job)}
      >
        Clear history
      </Menu.Item>
      <Menu.Item
        color="var(--bad)"
        leftSection={<Icon name="trash" size={16} />}
        disabled={children > 0}
        onClick={() => void actions.remove(job, () => navigate({ to: '/jobs' }))}
      >
        Delete
      </Menu.Item>
      {children > 0 && (
        <Menu.Label>{`It can’t be deleted while it has ${counted(children, 'child', 'children')}.`}</Menu.Label>
      )}
    </>
  )
}
