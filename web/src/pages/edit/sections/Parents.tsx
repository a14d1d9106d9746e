import { Autocomplete, NativeSelect, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { jobsQuery } from '@/api/jobs'
import { useEditing } from '../draft'
import classes from '../fields/fields.module.css'
import { FieldGroup, Options } from '../fields/parts'
import { AddRow, RemoveRow } from '../fields/Rows'
import { conditions, type ParentRow } from '../model/form'
import { nextId } from '../model/rows'

const words: Record<ParentRow['on'], string> = {
  success: 'succeeds',
  failure: 'fails',
  always: 'ends',
}

/** The jobs that launch this one when they end. */
export function Parents() {
  const { form, set } = useEditing()
  const { parents } = form
  const change = (row: ParentRow, part: Partial<ParentRow>) =>
    set({ parents: parents.map(p => (p.id === row.id ? { ...p, ...part } : p)) })
  return (
    <>
      <FieldGroup path="parents" label="Parents" help="Launched when these jobs end as chosen.">
        <div className={classes.rows} data-rows>
          {parents.map((row, i) => (
            <div key={row.id} className={classes.row} data-row>
              <JobPicker label={`Job ${i + 1}`} value={row.job} onChange={job => change(row, { job })} />
              <NativeSelect
                aria-label={`Condition for ${row.job || `job ${i + 1}`}`}
                data={conditions.map(value => ({ value, label: words[value] }))}
                value={row.on}
                onChange={event => change(row, { on: event.currentTarget.value as ParentRow['on'] })}
              />
              <RemoveRow
                what={row.job || `job ${i + 1}`}
                onClick={() => set({ parents: parents.filter(p => p.id !== row.id) })}
              />
            </div>
          ))}
          <AddRow
            what="a job"
            onClick={() => set({ parents: [...parents, { id: nextId(), job: '', on: 'success' }] })}
          />
        </div>
      </FieldGroup>
      {parents.length > 1 && (
        <Options
          path="parents_join"
          label="With several parents"
          value={form.parents_join || 'all'}
          onChange={join => set({ parents_join: join === 'all' && form.parents_join === '' ? '' : join })}
          options={[
            { value: 'all', label: 'All of them', help: 'Once each has done so since this job’s last launch.' },
            { value: 'any', label: 'Any of them', help: 'Each time one of them does so.' },
          ]}
        />
      )}
    </>
  )
}

/** A job name, with suggestions that the server searches. */
function JobPicker({ label, value, onChange }: { label: string; value: string; onChange: (name: string) => void }) {
  const [focused, setFocused] = useState(false)
  const [search] = useDebouncedValue(value.trim(), 200)
  const { data } = useQuery({ ...jobsQuery({ search: search || undefined, end: 10 }), enabled: focused })
  const { form } = useEditing()
  const jobs = (data?.items ?? []).filter(job => job.name !== form.name)
  return (
    <Autocomplete
      aria-label={label}
      placeholder="Type to find a job"
      data={jobs.map(job => job.name)}
      filter={({ options }) => options} // the server has searched
      value={value}
      onChange={onChange}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      renderOption={({ option }) => (
        <div>
          <Text size="sm">{option.value}</Text>
          <Text size="xs" c="dimmed">
            {jobs.find(job => job.name === option.value)?.displayname}
          </Text>
        </div>
      )}
    />
  )
}
