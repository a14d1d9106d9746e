import { Autocomplete, NativeSelect, PasswordInput, Switch, Textarea, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { clsx } from '@/ui/clsx'
import { useField } from '../draft'
import classes from '../fields/fields.module.css'
import { Warning } from '../fields/parts'
import { Rows } from '../fields/Rows'
import { newRow, valueOf, withValue, type Row } from '../model/rows'
import { isTrue, type Field } from './executors'
import { linesOf, listOf, mapOf, pairsOf } from './listText'

/** A configuration that is edited: that of an executor or of a processor. */
export interface Config {
  /** Its path in the definition. */
  path: string
  rows: Row[]
  onChange: (rows: Row[]) => void
}

interface Part {
  field: Field
  path: string
  value: string
  onChange: (value: string) => void
}

/** One key of a configuration, as its kind is best written. */
export function ConfigField({ field, config }: { field: Field; config: Config }) {
  const path = `${config.path}.${field.key}`
  const { warning } = useField(path)
  const part: Part = {
    field,
    path,
    value: valueOf(config.rows, field.key),
    onChange: value => config.onChange(withValue(config.rows, field.key, value)),
  }
  const wide = field.kind === 'lines' || field.kind === 'list' || field.kind === 'map'
  return (
    <div className={clsx(wide && classes.wide, field.kind !== 'choice' && classes.mono)}>
      {inputOf(part)}
      <Warning>{warning}</Warning>
    </div>
  )
}

function inputOf(part: Part): ReactNode {
  switch (part.field.kind) {
    case 'boolean':
      return <Yes {...part} />
    case 'flag':
      return <Flag {...part} />
    case 'offers':
      return <Offers {...part} />
    case 'choice':
      return <Choice {...part} />
    case 'lines':
      return <Lines {...part} />
    case 'list':
      return <List {...part} />
    case 'map':
      return <PairsPart {...part} />
    case 'secret':
      return <Secret {...part} />
    default:
      return <Line {...part} />
  }
}

function useLook({ field, path }: Part) {
  const { id, error } = useField(path)
  const switched = field.kind === 'boolean' || field.kind === 'flag'
  const fallback = field.default && !switched ? ` Default: ${field.default}.` : ''
  return {
    id,
    error,
    label: field.label,
    description: `${field.help}${fallback}`,
    placeholder: field.default || field.example,
    withAsterisk: field.required,
  }
}

function Line(part: Part) {
  const numeric = part.field.kind === 'number' ? 'numeric' : undefined
  return (
    <TextInput
      {...useLook(part)}
      value={part.value}
      inputMode={numeric}
      autoComplete="off"
      spellCheck={false}
      onChange={event => part.onChange(event.currentTarget.value)}
    />
  )
}

function Lines(part: Part) {
  return (
    <Textarea
      {...useLook(part)}
      value={part.value}
      autosize
      minRows={part.field.required ? 3 : 2}
      maxRows={18}
      spellCheck={false}
      onChange={event => part.onChange(event.currentTarget.value)}
    />
  )
}

/** What should not be read over a shoulder. It is stored as it is. */
function Secret(part: Part) {
  const look = useLook(part)
  return (
    <PasswordInput
      {...look}
      description={`${look.description} Stored as it is: who can read the job can read it.`}
      value={part.value}
      autoComplete="off"
      onChange={event => part.onChange(event.currentTarget.value)}
    />
  )
}

/** On or off. What is the default anyway is not written. */
function Yes(part: Part) {
  const { placeholder: _, withAsterisk: _asterisk, ...look } = useLook(part)
  const usual = isTrue(part.field.default)
  return (
    <Switch
      {...look}
      checked={part.value === '' ? usual : isTrue(part.value)}
      onChange={({ currentTarget: { checked } }) => part.onChange(checked === usual ? '' : String(checked))}
    />
  )
}

/** On with any value. */
function Flag(part: Part) {
  const { placeholder: _, withAsterisk: _asterisk, ...look } = useLook(part)
  return (
    <Switch
      {...look}
      checked={part.value !== ''}
      onChange={event => part.onChange(event.currentTarget.checked ? 'true' : '')}
    />
  )
}

/** Usual values to choose from, or any other. */
function Offers(part: Part) {
  return (
    <Autocomplete
      {...useLook(part)}
      placeholder={`${part.field.choices.slice(0, 3).join(', ')} …`}
      data={[...part.field.choices]}
      value={part.value}
      onChange={part.onChange}
      autoComplete="off"
      spellCheck={false}
      // With a value there, all others are still offered, and not only those that contain it.
      filter={({ options }) => options}
    />
  )
}

function Choice(part: Part) {
  const { placeholder: _, ...look } = useLook(part)
  const { choices } = part.field
  const strange = part.value !== '' && !choices.includes(part.value)
  const data = [{ value: '', label: part.field.required ? 'Choose one' : '–' }, ...choices]
  return (
    <NativeSelect
      {...look}
      data={strange ? [...data, part.value] : data}
      value={part.value}
      onChange={event => part.onChange(event.currentTarget.value)}
    />
  )
}

/** A JSON array, one entry in each line; as it is, if it is something else. */
function List(part: Part) {
  const look = useLook(part)
  const lines = linesOf(part.value)
  return (
    <Textarea
      {...look}
      placeholder={linesOf(look.placeholder)}
      description={lines === undefined ? 'This is no JSON array of lines; it is shown as it is.' : look.description}
      value={lines ?? part.value}
      autosize
      minRows={2}
      maxRows={12}
      spellCheck={false}
      onChange={event =>
        part.onChange(lines === undefined ? event.currentTarget.value : listOf(event.currentTarget.value))
      }
    />
  )
}

/** A JSON object, as rows. */
function PairsPart(part: Part) {
  const look = useLook(part)
  const pairs = pairsOf(part.value)
  const [rows, setRows] = useState(() => (pairs ?? []).map(([key, value]) => newRow(key, value)))
  if (pairs === undefined) return <Lines {...part} />
  return (
    <fieldset className={classes.group} id={look.id}>
      <legend className={classes.legend}>{look.label}</legend>
      <p className={classes.help}>{look.description}</p>
      <Rows
        rows={rows}
        what="an entry"
        onChange={next => {
          setRows(next)
          part.onChange(mapOf(next.map(row => [row.key, row.value])))
        }}
      />
    </fieldset>
  )
}
