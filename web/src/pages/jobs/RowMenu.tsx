import { Menu } from '@mantine/core'
import { useRef, useState, type Ref } from 'react'
import type { Job } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { LinkMenuItem } from '@/ui/link'
import { May, useMay } from '@/ui/may'
import { nameOf, runsHere } from '@/ui/words'
import { useList } from './list'
import classes from './RowMenu.module.css'

const verbs = ['run', 'stop', 'write'] as const

/** The actions on a row's job, if there is one that is allowed. The menu is created when it opens: a list has many rows and one open menu. */
export function RowMenu({ job }: { job: Job }) {
  const [opened, setOpened] = useState(false)
  const may = useMay()
  const button = useRef<HTMLButtonElement>(null)
  const close = () => {
    setOpened(false)
    button.current?.focus()
  }
  if (!verbs.some(verb => may(verb))) return null
  return (
    <span className={classes.place}>
      <button
        ref={button}
        type="button"
        className={classes.button}
        aria-label={`Actions for ${nameOf(job)}`}
        aria-haspopup="menu"
        aria-expanded={opened}
        onClick={() => setOpened(!opened)}
      >
        <Icon name="dots" strokeWidth={2.6} />
      </button>
      {opened && (
        <Menu
          opened
          onClose={close}
          position="bottom-end"
          width={190}
          shadow="md"
          withInitialFocusPlaceholder={false}
          returnFocus={false}
        >
          <Menu.Target>
            <Place />
          </Menu.Target>
          <Menu.Dropdown aria-label={`Actions for ${nameOf(job)}`}>
            <Items job={job} />
          </Menu.Dropdown>
        </Menu>
      )}
    </span>
  )
}

/** The menu's anchor: on the button, which stays the same element while menus open and close. */
const Place = ({ ref }: { ref?: Ref<HTMLSpanElement> }) => <span ref={ref} className={classes.anchor} />

function Items({ job }: { job: Job }) {
  const { actions } = useList()
  return (
    <>
      {runsHere(job) && (
        <May verb="run">
          <Menu.Item leftSection={<Icon name="play" size={16} />} onClick={() => void actions.run(job)}>
            Run now
          </Menu.Item>
        </May>
      )}
      <May verb="stop">
        <Menu.Item leftSection={<Icon name="stop" size={16} />} onClick={() => actions.stop(job)}>
          Stop …
        </Menu.Item>
      </May>
      <May verb="write">
        <Changes job={job} />
      </May>
    </>
  )
}

function Changes({ job }: { job: Job }) {
  const { actions } = useList()
  const params = { job: job.name }
  return (
    <>
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
      <LinkMenuItem to="/new" search={{ from: job.name }} leftSection={<Icon name="copy" size={16} />}>
        Duplicate
      </LinkMenuItem>
      <Menu.Divider />
      <Menu.Item c="var(--bad)" leftSection={<Icon name="trash" size={16} />} onClick={() => void actions.remove(job)}>
        Delete …
      </Menu.Item>
    </>
  )
}
