import { NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Panel } from '@/ui/Panel'
import { useEditing } from '../draft'
import { executorOf, fieldsOf } from '../executors/executors'
import { Settings } from '../executors/Settings'
import classes from '../fields/fields.module.css'
import { FieldGroup } from '../fields/parts'
import { RemoveRow } from '../fields/Rows'
import { processorRow, type ProcessorRow } from '../model/form'

const other = ' other' // no processor's name starts with a space

/** What is done with the output of each execution. */
export function Processors() {
  const { form, set, processors } = useEditing()
  const rows = form.processors
  const change = (next: ProcessorRow) => set({ processors: rows.map(row => (row.id === next.id ? next : row)) })
  return (
    <Panel title="Output">
      <FieldGroup
        path="processors"
        label="Processors"
        help="What each output is given to after the run. Without one, it is only kept in the history."
      >
        <div className={classes.stack} data-rows>
          {rows.map(row => (
            <Processor
              key={row.id}
              row={row}
              onChange={change}
              onRemove={() => set({ processors: rows.filter(one => one.id !== row.id) })}
            />
          ))}
          <NativeSelect
            aria-label="Add a processor"
            className={classes.add}
            value=""
            onChange={event => {
              const { value } = event.currentTarget
              if (value) set({ processors: [...rows, processorRow(value === other ? '' : value)] })
            }}
          >
            <option value="">Add a processor …</option>
            {processors
              .filter(({ name }) => !rows.some(row => row.key === name))
              .map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            <option value={other}>Another …</option>
          </NativeSelect>
        </div>
      </FieldGroup>
    </Panel>
  )
}

interface Props {
  row: ProcessorRow
  onChange: (row: ProcessorRow) => void
  onRemove: () => void
}

function Processor({ row, onChange, onRemove }: Props) {
  const { processors } = useEditing()
  const path = `processors.${row.key}`
  const known = executorOf(processors, row.key)
  const [named] = useState(known !== undefined) // else its name is typed
  return (
    <fieldset className={classes.part}>
      <legend className="spoken">{row.key || 'Processor'}</legend>
      <div className={classes.partHead}>
        {named ? (
          <div>
            <b>{row.key}</b>
            <p className={classes.help}>{known?.what}</p>
          </div>
        ) : (
          <TextInput
            className={classes.mono}
            label="Name of the processor"
            description="As its plugin names itself."
            value={row.key}
            onChange={event => onChange({ ...row, key: event.currentTarget.value })}
          />
        )}
        <RemoveRow what={row.key || 'the processor'} onClick={onRemove} />
      </div>
      <div className={classes.stack}>
        <Settings
          what="processor"
          fields={fieldsOf(processors, row.key)}
          config={{ path, rows: row.config, onChange: config => onChange({ ...row, config }) }}
        />
      </div>
    </fieldset>
  )
}
