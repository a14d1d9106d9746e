import { ActionIcon, Menu, TextInput, Tooltip } from '@mantine/core'
import { outputURL, statusOf, type Execution } from '@/api/executions'
import { attempt, tell } from '@/ui/act'
import { Icon, type IconName } from '@/ui/Icon'
import { PlainLink } from '@/ui/link'
import { count } from '@/ui/size'
import { StateBadge } from '@/ui/StateBadge'
import type { Feed } from './Feed'
import { plainText } from './lines'
import classes from './Output.module.css'
import type { Find } from './useFind'

interface Props {
  execution: Execution
  feed: Feed
  find: Find
  go: (step: 1 | -1) => void
  wrap: boolean
  setWrap: () => void
  full: boolean
  setFull: (full: boolean) => void
  /** Marks the first visible line. */
  markTop: () => void
  onClose?: () => void
}

/** The node of the output, and its tools. */
export function Bar({ execution, feed, find, go, wrap, setWrap, full, setFull, markTop, onClose }: Props) {
  return (
    <div className={classes.bar}>
      <div className={classes.whose}>
        <PlainLink to="/nodes/$node" params={{ node: execution.node_name }} className={classes.node}>
          {execution.node_name}
        </PlainLink>
        {(execution.attempt > 1 || onClose) && <span className={classes.attempt}>attempt {execution.attempt}</span>}
        <StateBadge state={statusOf(execution)} reason={execution.error} />
      </div>
      <div className={classes.tools}>
        <Search find={find} go={go} />
        <Tool icon="wrap" label="Wrap long lines" pressed={wrap} onClick={setWrap} />
        <Tool
          icon={full ? 'shrink' : 'expand'}
          label={full ? 'Exit full window (Esc)' : 'Full window'}
          pressed={full}
          onClick={() => setFull(!full)}
        />
        <More execution={execution} feed={feed} markTop={markTop} />
        {onClose && !full && (
          <Tool icon="cross" label={`Close the output of ${execution.node_name}`} onClick={onClose} />
        )}
      </div>
    </div>
  )
}

function Search({ find, go }: Pick<Props, 'find' | 'go'>) {
  const { query, rank, full } = find
  const total = `${count(find.count)}${full ? '+' : ''}`
  return (
    <div className={classes.search}>
      <TextInput
        size="xs"
        data-search
        aria-label="Find in the output"
        placeholder="Find"
        leftSection={<Icon name="search" size={14} />}
        value={query}
        onChange={event => find.setQuery(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') go(event.shiftKey ? -1 : 1)
          if (event.key === 'Escape' && query) {
            event.stopPropagation()
            find.setQuery('')
          }
        }}
      />
      {query && (
        <output className={classes.count} aria-label="Matches">
          {rank ? `${count(rank)} of ${total}` : find.count ? total : 'none'}
        </output>
      )}
      {query && <Tool icon="chevronUp" label="Previous (Shift+Enter)" onClick={() => go(-1)} disabled={!find.count} />}
      {query && <Tool icon="chevronDown" label="Next (Enter)" onClick={() => go(1)} disabled={!find.count} />}
    </div>
  )
}

function More({ execution, feed, markTop }: Pick<Props, 'execution' | 'feed' | 'markTop'>) {
  const url = outputURL(execution.job_name, execution.id)
  const copyAll = async () => {
    const done = await attempt('copy the output', async () => {
      await navigator.clipboard.writeText(plainText(feed.lines.kept))
      return true
    })
    if (done) tell('Copied the output')
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label="Output actions">
          <Icon name="dots" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="copy" size={16} />} onClick={() => void copyAll()}>
          Copy all
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="download" size={16} />} component="a" href={`${url}?download`} download>
          Download
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="download" size={16} />} component="a" href={`${url}?download=raw`} download>
          Download with colour codes
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="flag" size={16} />} onClick={markTop} disabled={feed.lines.count === 0}>
          Link to the first visible line
        </Menu.Item>
        <Menu.Item
          leftSection={<Icon name="code" size={16} />}
          component="a"
          href={url}
          target="_blank"
          rel="noreferrer"
        >
          Open as plain text
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

interface ToolProps {
  icon: IconName
  label: string
  pressed?: boolean
  disabled?: boolean
  onClick: () => void
}

function Tool({ icon, label, pressed, disabled, onClick }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        aria-label={label}
        aria-pressed={pressed}
        variant={pressed ? 'light' : 'subtle'}
        color={pressed ? 'indigo' : 'gray'}
        disabled={disabled}
        onClick={onClick}
      >
        <Icon name={icon} size={17} />
      </ActionIcon>
    </Tooltip>
  )
}
