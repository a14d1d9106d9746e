import { useState } from 'react'
import { useEditing } from '../draft'
import classes from '../fields/fields.module.css'
import { FieldGroup, More } from '../fields/parts'
import { Rows } from '../fields/Rows'
import { valueOf, type Row } from '../model/rows'
import { ConfigField, type Config } from './ConfigField'
import type { Field } from './executors'

interface Props {
  /** Whose settings they are: `executor`. */
  what: string
  fields: readonly Field[]
  config: Config
}

/** A configuration: the keys that its owner describes, and any others. */
export function Settings({ what, fields, config }: Props) {
  return (
    <>
      {fields.length > 0 && <Known fields={fields} config={config} />}
      <Others what={what} fields={fields} config={config} />
    </>
  )
}

function Known({ fields, config }: Omit<Props, 'what'>) {
  const { notes } = useEditing()
  const rare = fields.filter(field => field.rare)
  const used = rare.some(f => valueOf(config.rows, f.key) !== '' || notes[`${config.path}.${f.key}`])
  return (
    <>
      <div className={classes.grid}>
        {fields.map(field => !field.rare && <ConfigField key={field.key} field={field} config={config} />)}
      </div>
      {rare.length > 0 && (
        <More label="More settings" open={used}>
          <div className={classes.grid}>
            {rare.map(field => (
              <ConfigField key={field.key} field={field} config={config} />
            ))}
          </div>
        </More>
      )}
    </>
  )
}

/** Keys that the form does not know. */
function Others({ what, fields, config }: Props) {
  const { notes } = useEditing()
  const keys = new Set(fields.map(field => field.key))
  // A row stays here while its key is typed, even if the key becomes a known one.
  const [own, setOwn] = useState<ReadonlySet<number>>(new Set())
  const isOther = (row: Row) => !keys.has(row.key) || own.has(row.id)
  const rows = config.rows.filter(isOther)
  const change = (next: Row[]) => {
    setOwn(new Set(next.map(row => row.id)))
    config.onChange([...config.rows.filter(row => !isOther(row)), ...next])
  }
  const open = rows.length > 0 || notes[config.path] !== undefined || keys.size === 0
  return (
    <More key={String(keys.size === 0)} label={keys.size ? 'Other keys' : 'Settings'} open={open}>
      <FieldGroup
        path={config.path}
        label="Keys and values"
        help={
          keys.size
            ? `Keys that this form does not know, passed to the ${what} unchanged.`
            : `Passed to the ${what} unchanged.`
        }
      >
        <Rows rows={rows} onChange={change} what="a key" />
      </FieldGroup>
    </More>
  )
}
