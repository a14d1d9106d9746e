import { useState, type ReactNode } from 'react'
import classes from './DropZone.module.css'

interface Props {
  label: string
  /** Types and extensions, as for a file input. */
  accept: string
  onFile: (file: File) => void
  children: ReactNode
}

/** Takes a dropped or chosen file: a file input covers it, and browsers let it do both. */
export function DropZone({ label, accept, onFile, children }: Props) {
  const [over, setOver] = useState(false)
  return (
    <div className={classes.zone} data-over={over || undefined}>
      {children}
      <input
        type="file"
        className={classes.input}
        aria-label={label}
        accept={accept}
        onDragEnter={() => setOver(true)}
        onDragLeave={() => setOver(false)}
        onDrop={() => setOver(false)}
        onChange={event => {
          const file = event.currentTarget.files?.[0]
          event.currentTarget.value = '' // so that choosing the same file again is a change
          if (file) onFile(file)
        }}
      />
    </div>
  )
}
