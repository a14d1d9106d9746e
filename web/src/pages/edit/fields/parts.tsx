import { useState, type ReactNode } from 'react'
import { Icon } from '@/ui/Icon'
import { useField, idOf } from '../draft'
import classes from './fields.module.css'

/** What a field has to say that keeps nothing from being stored. */
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
  /** The path of the definition that the fields write together. */
  path: string
  label: string
  help?: ReactNode
  children: ReactNode
}

/** Fields that are one thing, with what is wrong with them. */
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

/** Fields that few need. They show themselves if one of them has a value or something to say. */
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

/** A choice whose every option says what it means. */
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
