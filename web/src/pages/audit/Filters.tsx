import { Select, Switch, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'
import type { AuditKind } from '@/api/audit'
import { Icon } from '@/ui/Icon'
import classes from './Audit.module.css'
import type { AuditSearch, Period } from './search'
import { kindWords } from './words'

interface Props {
  search: AuditSearch
  change: (part: AuditSearch) => void
}

const periodWords = [
  { value: 'day', label: 'Last day' },
  { value: 'week', label: 'Last 7 days' },
  { value: 'month', label: 'Last 30 days' },
]

/** The filters of the audit, all kept in the address. */
export const Filters = ({ search, change }: Props) => (
  <div className={classes.filters}>
    <Typed label="Who" placeholder="Anybody" value={search.who} change={who => change({ who })} />
    <Typed label="Job" placeholder="Any job" value={search.job} change={job => change({ job })} />
    <Select
      aria-label="Kind"
      placeholder="Anything"
      data={Object.entries(kindWords).map(([value, label]) => ({ value, label }))}
      value={search.kind ?? null}
      onChange={value => change({ kind: (value ?? undefined) as AuditKind | undefined })}
      clearable
      searchable
    />
    <Select
      aria-label="Time"
      placeholder="Any time"
      data={periodWords}
      value={search.period ?? null}
      onChange={value => change({ period: (value ?? undefined) as Period | undefined })}
      clearable
    />
    <Switch
      label="Only refused"
      checked={search.refused ?? false}
      onChange={event => change({ refused: event.currentTarget.checked || undefined })}
    />
  </div>
)

interface TypedProps {
  label: string
  placeholder: string
  value: string | undefined
  change: (value: string | undefined) => void
}

/** A text that applies soon after it was typed. */
function Typed({ label, placeholder, value, change }: TypedProps) {
  const [typed, setTyped] = useState(value ?? '')
  const [known, setKnown] = useState(value)
  if (known !== value) {
    // It was changed from outside: by a link or the back button.
    setKnown(value)
    setTyped(value ?? '')
  }
  const later = useDebouncedCallback((text: string) => change(text.trim() || undefined), 300)
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      leftSection={<Icon name="search" size={15} />}
      value={typed}
      onChange={event => {
        setTyped(event.currentTarget.value)
        later(event.currentTarget.value)
      }}
    />
  )
}
