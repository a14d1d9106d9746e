import { useEffect, useRef } from 'react'
import classes from './Tick.module.css'

interface Props {
  label: string
  checked: boolean
  /** Some, but not all, are selected. */
  partly?: boolean
  onChange: (checked: boolean) => void
}

/** A checkbox that selects a row: a plain element, since there may be hundreds. */
export function Tick({ label, checked, partly = false, onChange }: Props) {
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (box.current) box.current.indeterminate = partly
  }, [partly])
  return (
    <input
      ref={box}
      type="checkbox"
      className={classes.tick}
      aria-label={label}
      checked={checked}
      onChange={event => onChange(event.currentTarget.checked)}
    />
  )
}
