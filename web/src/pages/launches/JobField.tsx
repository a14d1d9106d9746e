import { Autocomplete } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { jobsQuery } from '@/api/jobs'
import { Icon } from '@/ui/Icon'

interface Props {
  value: string | undefined
  change: (job: string | undefined) => void
}

/** A job name, with suggestions for a part of it. */
export function JobField({ value, change }: Props) {
  const [typed, setTyped] = useState(value ?? '')
  const [known, setKnown] = useState(value)
  if (known !== value) {
    // It was changed from outside: by a link or the back button.
    setKnown(value)
    setTyped(value ?? '')
  }
  const [search] = useDebouncedValue(typed.trim(), 150)
  const { data } = useQuery({ ...jobsQuery({ search: search || undefined, end: 20 }), enabled: typed !== '' })
  return (
    <Autocomplete
      aria-label="Job"
      placeholder="Any job"
      data-search
      leftSection={<Icon name="search" size={15} />}
      data={(data?.items ?? []).map(job => job.name)}
      filter={({ options }) => options} // the server has searched
      value={typed}
      onChange={text => {
        setTyped(text)
        if (!text) change(undefined)
      }}
      onOptionSubmit={change}
      onKeyDown={event => event.key === 'Enter' && change(typed.trim() || undefined)}
      clearable
    />
  )
}
