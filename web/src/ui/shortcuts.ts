import { useEffect, useRef, useSyncExternalStore } from 'react'

/** A key, or two in sequence such as `g j`, and what it does. */
interface Shortcut {
  keys: string
  what: string
  action: () => void
}

type Registered = readonly Shortcut[]

let registered: readonly Registered[] = []
const watchers = new Set<() => void>()

function change(next: readonly Registered[]) {
  registered = next
  for (const watcher of watchers) watcher()
}

/** Keys that work while a component is mounted; the latest win. The help (`?`) lists them. */
export function useShortcuts(shortcuts: Registered) {
  const newest = useRef(shortcuts)
  const shape = shortcuts.map(s => `${s.keys} ${s.what}`).join('\n')
  useEffect(() => {
    newest.current = shortcuts
  })
  useEffect(() => {
    if (!shape) return undefined
    const mine = shape.split('\n').map((_, i) => {
      const { keys, what } = newest.current[i]!
      return { keys, what, action: () => newest.current[i]?.action() }
    })
    change([...registered, mine])
    return () => change(registered.filter(r => r !== mine))
  }, [shape])
}

/** All active keys, the page’s own first. */
export function useAllShortcuts(): Shortcut[] {
  const all = useSyncExternalStore(
    watcher => {
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
    () => registered,
  )
  return all.toReversed().flat()
}

const forms = 'form, fieldset, [data-form]'
const fillable = '[role=combobox], [role=textbox], [role=searchbox], [role=spinbutton], [role=option]'
const pause = 1000 // ms between the keys of a pair

/** Listens for the keys. Returns a function that stops it. */
export function listen(): () => void {
  let first = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  const hear = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return
    if (document.querySelector('[role=dialog], [role=menu]')) return
    const all = registered.toReversed().flat()
    const pair = first && all.find(s => s.keys === `${first} ${event.key}`)
    const found = pair || all.find(s => s.keys === event.key)
    clearTimeout(timer)
    first = ''
    if (found) {
      event.preventDefault()
      found.action()
    } else if (all.some(s => s.keys.startsWith(`${event.key} `))) {
      first = event.key
      timer = setTimeout(() => (first = ''), pause)
    }
  }
  document.addEventListener('keydown', hear)
  return () => {
    clearTimeout(timer)
    document.removeEventListener('keydown', hear)
  }
}

/** Whether what is typed next may be meant for a field: the focus is in one, or on a button among fields. */
function writes(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.matches(fillable) || (target !== document.body && target.closest(forms))) return true
  if (target instanceof HTMLInputElement) return !/^(checkbox|radio|button)$/.test(target.type)
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName)
}
