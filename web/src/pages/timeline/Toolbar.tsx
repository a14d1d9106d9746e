import { ActionIcon, Button, SegmentedControl, Select, Switch, TextInput, Tooltip } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { memo, useState } from 'react'
import { useShortcuts } from '@/ui/shortcuts'
import { Icon } from '@/ui/Icon'
import { presets } from './scale'
import type { TimelineSearch } from './search'
import classes from './Timeline.module.css'
import { useChange, type Moves } from './useView'

interface Props {
  search: TimelineSearch
  /** The visible time span in milliseconds. */
  span: number
  follows: boolean
  moves: Moves
  nodes: string[]
}

const closer = 1 / 1.5

/** Filters, time span and position. */
export const Toolbar = memo(function Toolbar({ search, span, follows, moves, nodes }: Props) {
  const change = useChange()
  return (
    <div className={classes.toolbar}>
      <SegmentedControl
        size="xs"
        aria-label="Rows"
        value={search.by ?? 'job'}
        onChange={by => void change({ by: by === 'node' ? 'node' : undefined })}
        data={[
          { value: 'job', label: 'By job' },
          { value: 'node', label: 'By node' },
        ]}
      />
      <Search value={search.search} onChange={text => void change({ search: text })} />
      <Select
        size="xs"
        w={150}
        aria-label="Node"
        placeholder="All nodes"
        clearable
        searchable
        clearButtonProps={{ 'aria-label': 'All nodes' }}
        data={search.node && !nodes.includes(search.node) ? [...nodes, search.node] : nodes}
        value={search.node ?? null}
        onChange={node => void change({ node: node ?? undefined })}
      />
      <Switch
        size="xs"
        label="Failures only"
        checked={search.failed ?? false}
        onChange={event => void change({ failed: event.currentTarget.checked || undefined })}
      />
      <Place span={span} follows={follows} moves={moves} />
    </div>
  )
})

/** Position and zoom, by buttons and keys. */
function Place({ span, follows, moves }: Pick<Props, 'span' | 'follows' | 'moves'>) {
  useShortcuts([
    { keys: '+', what: 'Zoom in', action: () => moves.zoomBy(closer) },
    { keys: '-', what: 'Zoom out', action: () => moves.zoomBy(1 / closer) },
    { keys: 'n', what: 'Now', action: () => moves.goTo({ at: null }) },
    { keys: 'ArrowLeft', what: 'Earlier', action: () => moves.panBy(-0.2) },
    { keys: 'ArrowRight', what: 'Later', action: () => moves.panBy(0.2) },
  ])
  return (
    <div className={classes.place}>
      <SegmentedControl
        size="xs"
        aria-label="Time span"
        value={presets.find(p => Math.abs(p.span - span) < 1000)?.label ?? ''}
        onChange={label => moves.goTo({ span: presets.find(p => p.label === label)?.span })}
        data={presets.map(p => p.label)}
      />
      <ActionIcon.Group>
        <Step label="Zoom out" icon="minus" onClick={() => moves.zoomBy(1 / closer)} />
        <Step label="Zoom in" icon="plus" onClick={() => moves.zoomBy(closer)} />
      </ActionIcon.Group>
      <ActionIcon.Group>
        <Step label="Earlier" icon="left" onClick={() => moves.panBy(-0.5)} />
        <Step label="Later" icon="right" onClick={() => moves.panBy(0.5)} />
      </ActionIcon.Group>
      <Tooltip label={follows ? 'Following the current time' : 'Back to now'}>
        <Button
          size="compact-sm"
          h={30}
          variant={follows ? 'default' : 'filled'}
          leftSection={follows && <span className={classes.dot} />}
          aria-pressed={follows}
          onClick={() => moves.goTo({ at: null })}
        >
          Now
        </Button>
      </Tooltip>
    </div>
  )
}

const signs = { minus: 'M5 12h14', plus: 'M12 5v14m-7-7h14', left: 'm14.5 6-6 6 6 6', right: 'm9.5 6 6 6-6 6' }

function Step({ label, icon, onClick }: { label: string; icon: keyof typeof signs; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={30} aria-label={label} onClick={onClick}>
        <svg width={15} height={15} viewBox="0 0 24 24" className={classes.sign} aria-hidden="true">
          <path d={signs[icon]} />
        </svg>
      </ActionIcon>
    </Tooltip>
  )
}

/** The address updates a moment after typing. */
function Search({ value = '', onChange }: { value?: string; onChange: (text: string | undefined) => void }) {
  const [typed, setTyped] = useState<string>()
  const change = useDebouncedCallback(onChange, 250)
  return (
    <TextInput
      size="xs"
      w={190}
      data-search
      aria-label="Find jobs"
      placeholder="Find jobs"
      leftSection={<Icon name="search" size={14} />}
      value={typed ?? value}
      onBlur={() => {
        change.flush()
        setTyped(undefined)
      }}
      onChange={event => {
        setTyped(event.currentTarget.value)
        change(event.currentTarget.value.trim() || undefined)
      }}
    />
  )
}
