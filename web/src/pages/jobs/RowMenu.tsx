import { ActionIcon, Menu } from '@mantine/core'
import type { Job } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { LinkMenuItem } from '@/ui/link'
import { titleOf } from './actions'
import { useList } from './list'

/** What can be done with the job of a row. */
export function RowMenu({ job }: { job: Job }) {
  const { actions } = useList()
  const params = { job: job.name }
  return (
    <Menu position="bottom-end" width={190} shadow="md">
      <Menu.Target>
        <ActionIcon aria-label={`Actions for ${titleOf(job)}`}>
          <Icon name="dots" strokeWidth={2.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="play" size={16} />} onClick={() => void actions.run(job)}>
          Run now
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="stop" size={16} />} onClick={() => void actions.stop(job)}>
          Stop what runs
        </Menu.Item>
        <Menu.Item
          leftSection={<Icon name={job.disabled ? 'check' : 'pause'} size={16} />}
          onClick={() => void actions.toggle(job)}
        >
          {job.disabled ? 'Enable' : 'Disable'}
        </Menu.Item>
        <Menu.Divider />
        <LinkMenuItem to="/jobs/$job/edit" params={params} leftSection={<Icon name="edit" size={16} />}>
          Edit
        </LinkMenuItem>
        <LinkMenuItem to="/new" search={{ from: job.name } as object} leftSection={<Icon name="copy" size={16} />}>
          Duplicate
        </LinkMenuItem>
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<Icon name="trash" size={16} />} onClick={() => void actions.remove(job)}>
          Delete …
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
