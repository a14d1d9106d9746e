import { useState, type ReactNode } from 'react'
import { Icon } from '@/ui/Icon'
import { useField, idOf } from '../draft'
import classes from './fields.module.css'

/** A field's warning, which does not prevent saving. */
export function Warning({ children }: { children: ReactNode }) {
  if (!children) return null
  return (
    <output className={classes.warning}>
      <Icon name="alert" size={14} />
      <span>{children}</span>
    </output>
  )
}

interface GroupProps {
  /** The path of the definition that the fields edit. */
  path: string
  label: string
  help?: ReactNode
  children: ReactNode
}

/** Fields that belong together, with their error and warning. */
export function FieldGroup({ path, label, help, children }: GroupProps) {
  const { error, warning } = useField(path)
  return (
    <fieldset className={classes.group} id={idOf(path)}>
      <legend className={classes.legend}>{label}</legend>
      {help && <p className={classes.help}>{help}</p>}
      {children}
      {error && (
        <div className={classes.error} role="alert">
          {error}
        </div>
      )}
      <Warning>{warning}</Warning>
    </fieldset>
  )
}

/** Rarely needed fields. They unfold if one has a value or a message. */
export function More({ label, open, children }: { label: string; open: boolean; children: ReactNode }) {
  const [opened, setOpened] = useState(open)
  const [wasOpen, setWasOpen] = useState(open)
  if (open !== wasOpen) {
    setWasOpen(open)
    if (open) setOpened(true)
  }
  return (
    <details className={classes.more} open={opened} onToggle={event => setOpened(event.currentTarget.open)}>
      <summary>
        <Icon name="chevronRight" size={15} />
        {label}
      </summary>
      {opened && <div className={classes.inner}>{children}</div>}
    </details>
  )
}

interface OptionsProps<T extends string> {
  label: string
  path: string
  value: string
  onChange: (value: T) => void
  options: readonly { value: T; label: string; help: string }[]
}

/** A choice in which every option is explained. */
export function Options<T extends string>({ label, path, value, onChange, options }: OptionsProps<T>) {
  return (
    <FieldGroup path={path} label={label}>
      <div className={classes.options}>
        {options.map(option => (
          <label key={option.value} className={classes.option}>
            <input
              type="radio"
              name={idOf(path)}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              aria-label={option.label}
            />
            <span>
              <strong>{option.label}</strong>
              <span>{option.help}</span>
            </span>
          </label>
        ))}
      </div>
    </FieldGroup>
  )
}
