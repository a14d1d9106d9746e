import { NativeSelect, Skeleton, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { Panel } from '@/ui/Panel'
import { useEditing, useField } from '../draft'
import { executorOf, fieldsOf, type Executor, type Field } from '../executors/executors'
import { ConfigField } from '../executors/ConfigField'
import classes from '../fields/fields.module.css'
import { FieldGroup, More, Warning } from '../fields/parts'
import { Rows } from '../fields/Rows'
import { valueOf, type Row } from '../model/rows'

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
  const kept = useRef(new Map<string, Row[]>())

  // The configuration of an executor is kept while another is chosen.
  const choose = (executor: string) => {
    kept.current.set(form.executor, form.config)
    set({ executor, config: kept.current.get(executor) ?? (form.executor === '' ? form.config : []) })
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
      {known && known.fields.length > 0 && <Known fields={known.fields} />}
      {(form.executor !== '' || form.config.length > 0) && <Others fields={fieldsOf(executors, form.executor)} />}
    </div>
  )
}

function Known({ fields }: { fields: readonly Field[] }) {
  const { form, notes } = useEditing()
  const rare = fields.filter(field => field.rare)
  const used = rare.some(f => valueOf(form.config, f.key) !== '' || notes[`executor_config.${f.key}`])
  return (
    <>
      <div className={classes.grid}>
        {fields.map(field => !field.rare && <ConfigField key={`${form.executor} ${field.key}`} field={field} />)}
      </div>
      {rare.length > 0 && (
        <More key={form.executor} label="More settings" open={used}>
          <div className={classes.grid}>
            {rare.map(field => (
              <ConfigField key={field.key} field={field} />
            ))}
          </div>
        </More>
      )}
    </>
  )
}

/** Keys that the form does not know. */
function Others({ fields }: { fields: readonly Field[] }) {
  const { form, set, notes } = useEditing()
  const keys = new Set(fields.map(field => field.key))
  // A row stays here while its key is typed, even if the key becomes a known one.
  const [own, setOwn] = useState<ReadonlySet<number>>(new Set())
  const isOther = (row: Row) => !keys.has(row.key) || own.has(row.id)
  const rows = form.config.filter(isOther)
  const change = (next: Row[]) => {
    setOwn(new Set(next.map(row => row.id)))
    set({ config: [...form.config.filter(row => !isOther(row)), ...next] })
  }
  const open = rows.length > 0 || notes.executor_config !== undefined || keys.size === 0
  return (
    <More key={String(keys.size === 0)} label={keys.size ? 'Other keys' : 'Settings'} open={open}>
      <FieldGroup
        path="executor_config"
        label="Keys and values"
        help={
          keys.size
            ? 'Keys that this form does not know, passed to the executor unchanged.'
            : 'Passed to the executor unchanged.'
        }
      >
        <Rows rows={rows} onChange={change} what="a key" />
      </FieldGroup>
    </More>
  )
}
