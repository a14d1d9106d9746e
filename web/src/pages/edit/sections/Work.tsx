import { NativeSelect, Skeleton, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { Panel } from '@/ui/Panel'
import { useEditing, useField } from '../draft'
import { executorOf, fieldsOf, type Executor } from '../executors/executors'
import { Settings } from '../executors/Settings'
import classes from '../fields/fields.module.css'
import { Warning } from '../fields/parts'
import type { Row } from '../model/rows'
import { runsHere } from '@/ui/words'

const other = ' other' // no executor's name starts with a space

/** The executor and its configuration. */
export function Work() {
  const { executors } = useEditing()
  return <Panel title="What">{executors ? <Choice executors={executors} /> : <Skeleton h={180} radius="md" />}</Panel>
}

function Choice({ executors }: { executors: readonly Executor[] }) {
  const { form, set } = useEditing()
  const { id, error, warning } = useField('executor')
  const known = executorOf(executors, form.executor)
  const [free, setFree] = useState(false) // while another executor has no name yet
  const another = !known && (free || form.executor !== '')
  const keyless = known?.what && known.fields.length === 0 && form.config.length === 0
  const kept = useRef(new Map<string, Row[]>())

  // The configuration of an executor is kept while another is chosen.
  const choose = (executor: string) => {
    kept.current.set(form.executor, form.config)
    const config = kept.current.get(executor) ?? (form.executor === '' ? form.config : [])
    set({ executor, config, ...(runsHere({ executor }) ? {} : { mode: 'hand' as const }) })
  }
  return (
    <div className={classes.stack}>
      <div className={classes.grid}>
        <NativeSelect
          id={another ? undefined : id}
          error={another ? undefined : error}
          label="Executor"
          description={known?.what || 'What runs the job.'}
          value={another ? other : form.executor}
          onChange={event => {
            const chosen = event.currentTarget.value
            setFree(chosen === other)
            choose(chosen === other ? '' : chosen)
          }}
        >
          <option value="" disabled>
            Choose one
          </option>
          {executors.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
          <option value={other}>Another …</option>
        </NativeSelect>
        {another && (
          <TextInput
            id={id}
            error={error}
            className={classes.mono}
            label="Name of the executor"
            description="As its plugin names itself."
            value={form.executor}
            onChange={event => set({ executor: event.currentTarget.value })}
          />
        )}
      </div>
      <Warning>{warning}</Warning>
      {(form.executor !== '' || form.config.length > 0) && !keyless && (
        <Settings
          key={form.executor}
          what="executor"
          fields={fieldsOf(executors, form.executor)}
          config={{ path: 'executor_config', rows: form.config, onChange: config => set({ config }) }}
        />
      )}
    </div>
  )
}
