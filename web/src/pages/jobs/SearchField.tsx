import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'
import { Icon } from '@/ui/Icon'
import classes from './Jobs.module.css'

interface Props {
  value: string
  onChange: (value: string) => void
}

const pause = 250 // ms after the last letter
const longest = 200 // the server's limit

/** The search field. Typing shows at once and searches a moment later. */
export function SearchField({ value, onChange }: Props) {
  const [typed, setTyped] = useState(value)
  const [seen, setSeen] = useState(value)
  const [sent, setSent] = useState(value)
  const later = useDebouncedCallback((text: string) => {
    setSent(text)
    onChange(text)
  }, pause)
  // The address changed by the back button or a link, not by typing here.
  if (value !== seen) {
    setSeen(value)
    if (value !== sent) {
      setSent(value)
      setTyped(value)
    }
  }
  const set = (text: string) => {
    setTyped(text)
    later(text)
  }
  return (
    <TextInput
      data-search
      type="search"
      className={classes.field}
      aria-label="Search jobs"
      placeholder="Name, owner, executor, metadata …"
      maxLength={longest}
      value={typed}
      onChange={event => set(event.currentTarget.value)}
      onKeyDown={event => event.key === 'Escape' && (typed ? set('') : event.currentTarget.blur())}
      leftSection={<Icon name="search" size={16} />}
      rightSection={
        typed ? <CloseButton size={24} aria-label="Clear the search" onClick={() => set('')} /> : <kbd>/</kbd>
      }
    />
  )
}
