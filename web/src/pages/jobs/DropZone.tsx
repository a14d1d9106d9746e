import { useState, type ReactNode } from 'react'
import classes from './DropZone.module.css'

interface Props {
  label: string
  /** Types and endings, as an input of files takes them. */
  accept: string
  onFile: (file: File) => void
  children: ReactNode
}

/** Takes a file that is dropped on it or chosen: an input of files lies over all of it, and browsers let it do both. */
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
          event.currentTarget.value = '' // the same file again is news, too
          if (file) onFile(file)
        }}
      />
    </div>
  )
}
