import { Button, MultiSelect, Select, Switch, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'
import { causes, launchStates } from '@/api/launches'
import { lookOf } from '@/ui/state'
import { causeWords } from '@/ui/words'
import { JobField } from './JobField'
import classes from './Launches.module.css'
import { groupsByDefault, isGrouped, same, type LaunchesSearch, type Period } from './search'

interface Props {
  search: LaunchesSearch
  change: (part: LaunchesSearch) => void
}

const periodWords = [
  { value: 'hour', label: 'Last hour' },
  { value: 'day', label: 'Last day' },
  { value: 'week', label: 'Last 7 days' },
  { value: 'custom', label: 'Custom' },
]

/** The filters of the list, all kept in the address. */
export function Filters({ search, change }: Props) {
  const [custom, setCustom] = useState(false)
  const chosen = custom || search.since || search.until ? 'custom' : (search.period ?? null)
  const choose = (value: string | null) => {
    setCustom(value === 'custom')
    const period = value === 'custom' ? undefined : ((value ?? undefined) as Period | undefined)
    change({ period, since: undefined, until: undefined })
  }
  const wanted = (grouped: boolean) => {
    if (grouped === groupsByDefault(search)) return undefined
    return grouped ? 'job' : 'none'
  }
  return (
    <div className={classes.filters}>
      <JobField value={search.job} change={job => change({ job })} />
      <Select aria-label="Time" placeholder="Any time" data={periodWords} value={chosen} onChange={choose} clearable />
      <MultiSelect
        className={classes.words}
        aria-label="State"
        placeholder={search.state ? undefined : 'Any state'}
        data={launchStates.map(value => ({ value, label: lookOf(value).label }))}
        value={search.state ?? []}
        onChange={state => change({ state: state.length ? (state as typeof search.state) : undefined })}
        clearable
      />
      <MultiSelect
        className={classes.words}
        aria-label="Cause"
        placeholder={search.cause ? undefined : 'Any cause'}
        data={causes.map(value => ({ value, label: causeWords(value) }))}
        value={search.cause ?? []}
        onChange={cause => change({ cause: cause.length ? (cause as typeof search.cause) : undefined })}
        clearable
      />
      {chosen === 'custom' && (
        <>
          <Instant label="From" value={search.since} change={since => change({ since, period: undefined })} />
          <Instant label="Until" value={search.until} change={until => change({ until, period: undefined })} />
        </>
      )}
      <div className={classes.last}>
        <Switch
          label="Group by job"
          checked={isGrouped(search)}
          onChange={event => change({ group: wanted(event.currentTarget.checked) })}
        />
        {!same(search, {}) && (
          <Button
            variant="subtle"
            color="gray"
            onClick={() => {
              setCustom(false)
              change(none)
            }}
          >
            Clear
          </Button>
        )}
      </div>
    </div>
  )
}

const none: LaunchesSearch = {
  state: undefined,
  cause: undefined,
  job: undefined,
  period: undefined,
  since: undefined,
  until: undefined,
  group: undefined,
}

interface InstantProps {
  label: string
  value: string | undefined
  change: (value: string | undefined) => void
}

/** A time in the browser's zone. */
function Instant({ label, value, change }: InstantProps) {
  const later = useDebouncedCallback((text: string) => {
    const at = new Date(text)
    change(Number.isNaN(at.getTime()) ? undefined : at.toISOString())
  }, 500)
  return (
    <TextInput
      type="datetime-local"
      aria-label={label}
      leftSection={<span className={classes.hint}>{label}</span>}
      leftSectionWidth={48}
      defaultValue={value && localText(new Date(value))}
      onChange={event => later(event.currentTarget.value)}
    />
  )
}

/** In the field's format: `2026-11-24T03:30`. */
function localText(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
