import { Autocomplete, Button, Group, MultiSelect, NativeSelect, Popover, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { executorsQuery } from '@/api/executors'
import { healths, type Health, type Job } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { lookOf } from '@/ui/state'
import { chipsOf, statusLabel } from './filters'
import { PairsField, pairsOf, rowsOf } from '@/ui/PairsField'
import { jobsSearch, statuses, type JobsSearch } from './search'

interface Props {
  search: JobsSearch
  /** The jobs of this page: their values are suggested. */
  jobs: readonly Job[]
  change: (by: JobsSearch) => void
}

/** The filters of the list, as a form that a button opens. */
export function Filters({ search, jobs, change }: Props) {
  const [opened, setOpened] = useState(false)
  const active = chipsOf(search).length
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={340} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<Icon name="filter" size={16} />}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          Filters{active > 0 && ` (${active})`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Filters">
        <FilterForm
          search={search}
          jobs={jobs}
          onDone={by => {
            setOpened(false)
            change(by)
          }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}

const offer = (values: (string | undefined)[]) => [...new Set(values.flatMap(v => v || []))].toSorted()

const anything = { value: '', label: 'Any' }
const statusChoices = [anything, ...statuses.map(value => ({ value, label: statusLabel(value) }))]
const enabledChoices = [anything, { value: 'false', label: 'Enabled' }, { value: 'true', label: 'Disabled' }]

function FilterForm({ search, jobs, onDone }: Omit<Props, 'change'> & { onDone: (by: JobsSearch) => void }) {
  const [health, setHealth] = useState<Health[]>(search.health ?? [])
  const [status, setStatus] = useState<string>(search.status ?? '')
  const [disabled, setDisabled] = useState(search.disabled === undefined ? '' : String(search.disabled))
  const [owner, setOwner] = useState(search.owner ?? '')
  const [executor, setExecutor] = useState(search.executor ?? '')
  const { data: executors = [] } = useQuery(executorsQuery)
  const [parent, setParent] = useState(search.parent ?? '')
  const [tags, setTags] = useState(rowsOf(search.tags))
  const [metadata, setMetadata] = useState(rowsOf(search.metadata))

  const submit = (event: FormEvent) => {
    event.preventDefault()
    const {
      search: _,
      sort: __,
      order: ___,
      page: ____,
      running: _____,
      ...filter
    } = jobsSearch({
      health,
      status,
      disabled,
      owner: owner.trim(),
      executor: executor.trim(),
      parent: parent.trim(),
      tags: pairsOf(tags),
      metadata: pairsOf(metadata),
    })
    onDone({ ...filter, page: undefined })
  }
  const inside = { withinPortal: false }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <MultiSelect
          label="State"
          placeholder={health.length ? undefined : 'Any'}
          data={healths.map(value => ({ value, label: lookOf(value).label }))}
          value={health}
          onChange={list => setHealth(list as Health[])}
          comboboxProps={inside}
        />
        <Group grow gap="sm">
          <NativeSelect
            label="Last status"
            data={statusChoices}
            value={status}
            onChange={e => setStatus(e.currentTarget.value)}
          />
          <NativeSelect
            label="Enabled"
            data={enabledChoices}
            value={disabled}
            onChange={e => setDisabled(e.currentTarget.value)}
          />
        </Group>
        <Group grow gap="sm">
          <Autocomplete
            label="Owner"
            data={offer(jobs.map(job => job.owner))}
            value={owner}
            onChange={setOwner}
            comboboxProps={inside}
          />
          <Autocomplete
            label="Executor"
            data={offer([...executors.map(e => e.name), ...jobs.map(job => job.executor)])}
            value={executor}
            onChange={setExecutor}
            comboboxProps={inside}
          />
        </Group>
        <TextInput
          label="Parent"
          placeholder="Job name"
          value={parent}
          onChange={e => setParent(e.currentTarget.value)}
        />
        <PairsField label="Target tags" example={['role', 'web:1']} rows={tags} onChange={setTags} />
        <PairsField label="Metadata" example={['team', 'ops']} rows={metadata} onChange={setMetadata} />
        <Group justify="flex-end">
          <Button type="submit">Apply</Button>
        </Group>
      </Stack>
    </form>
  )
}
