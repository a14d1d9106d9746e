import { NativeSelect, NumberInput, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useZone } from '@/ui/zone'
import { localZone } from '@/ui/time'
import { useField } from '../draft'
import { instantOf, wallOf } from '@/ui/localTime'
import classes from './fields.module.css'
import { Warning } from './parts'
import { Suggested } from './Suggested'

interface Props {
  path: string
  label: string
  help?: ReactNode
  placeholder?: string
}

interface TextProps extends Props {
  value: string
  onChange: (value: string) => void
  mono?: boolean
  readOnly?: boolean
  /** The field whose values in other jobs are suggested. */
  suggest?: string
}

export function TextField({ path, label, help, mono, onChange, suggest, ...rest }: TextProps) {
  const { warning, ...field } = useField(path)
  if (suggest)
    return (
      <div>
        <Suggested {...field} {...rest} field={suggest} label={label} description={help} onChange={onChange} />
        <Warning>{warning}</Warning>
      </div>
    )
  return (
    <div className={mono ? classes.mono : undefined}>
      <TextInput
        {...field}
        {...rest}
        variant={rest.readOnly ? 'filled' : 'default'}
        label={label}
        description={help}
        autoComplete="off"
        spellCheck={!mono}
        onChange={event => onChange(event.currentTarget.value)}
      />
      <Warning>{warning}</Warning>
    </div>
  )
}

interface NumberProps extends Props {
  value: number | ''
  onChange: (value: number | '') => void
  min?: number
  max?: number
  decimals?: number
}

export function NumberField({ path, label, help, onChange, decimals = 0, ...rest }: NumberProps) {
  const { warning, ...field } = useField(path)
  return (
    <div>
      <NumberInput
        {...field}
        {...rest}
        label={label}
        description={help}
        clampBehavior="none"
        decimalScale={decimals}
        onChange={value => onChange(typeof value === 'number' ? value : value === '' ? '' : Number(value))}
      />
      <Warning>{warning}</Warning>
    </div>
  )
}

interface ChoiceProps extends Props {
  value: string
  onChange: (value: string) => void
  /** `word` is a synonym of the value. */
  options: readonly { value: string; label: string; word?: string }[]
}

/** A choice from a list. A value that is not in the list is shown as it is. */
export function ChoiceField({ path, label, help, value, onChange, options }: ChoiceProps) {
  const { warning, ...field } = useField(path)
  const known = options.find(option => option.value === value || option.word === value)
  const data = options.map(option => ({ value: option.value, label: option.label }))
  return (
    <div>
      <NativeSelect
        {...field}
        label={label}
        description={help}
        data={known ? data : [...data, { value, label: value }]}
        value={known?.value ?? value}
        onChange={event => onChange(event.currentTarget.value)}
      />
      <Warning>{warning}</Warning>
    </div>
  )
}

interface TimeProps extends Props {
  /** An instant in the API's format. */
  value: string
  onChange: (value: string) => void
}

/** An instant, edited in the reader's zone. */
export function TimeField({ path, label, help, value, onChange }: TimeProps) {
  const { warning, ...field } = useField(path)
  const zone = useZone()
  return (
    <div>
      <TextInput
        {...field}
        type="datetime-local"
        step={1}
        label={label}
        description={
          <>
            {help} In {zone ?? localZone()}.
          </>
        }
        value={wallOf(value, zone)}
        onChange={event => onChange(instantOf(event.currentTarget.value, zone))}
      />
      <Warning>{warning}</Warning>
    </div>
  )
}
