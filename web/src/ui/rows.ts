import type { MouseEvent } from 'react'
import { flushSync } from 'react-dom'

const fields = 'input, textarea, select'

/** Handles a button below a list of rows: adds a row, and moves the focus to its first field. */
export const adding = (add: () => void) => (event: MouseEvent<HTMLElement>) => {
  const list = listOf(event.currentTarget)
  flushSync(add)
  const rows = list?.querySelectorAll('[data-row]') ?? []
  rows[rows.length - 1]?.querySelector<HTMLElement>(fields)?.focus()
}

/** Handles a button in a row: removes the row, and moves the focus to the button that adds one. */
export const removing = (remove: () => void) => (event: MouseEvent<HTMLElement>) => {
  const list = listOf(event.currentTarget)
  flushSync(remove)
  list?.querySelector<HTMLElement>('[data-add-row]')?.focus()
}

const listOf = (button: HTMLElement) => button.closest('[data-rows]')
