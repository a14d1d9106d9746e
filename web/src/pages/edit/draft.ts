import { createContext, useCallback, useContext, useMemo, useState } from 'react'
import { definitionFrom, formOf, type Definition, type Form } from './model/form'
import { same } from './model/value'
import type { Executor } from './executors/executors'
import type { Note, Notes } from './model/check'

/** What is being written: a form, on the definition that it was made of. */
interface Draft {
  form: Form
  /** What would be stored now. */
  definition: Definition
  /** Whether anything differs from what was opened. */
  dirty: boolean
  set: (change: Partial<Form>) => void
  /** Takes a whole definition, as text has it, in place of the form. */
  replace: (definition: Definition) => void
}

interface State {
  base: Definition
  form: Form
}

/** `opened` is what there was at first, and `start` what the form begins with, if that is another. */
export function useDraft(opened: Definition, start = opened): Draft {
  const [state, setState] = useState<State>(() => ({ base: start, form: formOf(start) }))
  const set = useCallback(
    (change: Partial<Form>) => setState(s => ({ base: s.base, form: { ...s.form, ...change } })),
    [],
  )
  const replace = useCallback((definition: Definition) => setState({ base: definition, form: formOf(definition) }), [])
  const definition = useMemo(() => definitionFrom(state.form, state.base), [state])
  const dirty = useMemo(() => !same(definition, opened), [definition, opened])
  return { form: state.form, definition, dirty, set, replace }
}

/** What the parts of the form share. */
interface Editing extends Draft {
  notes: Notes
  /** Those that describe themselves; undefined until they are known. */
  executors: readonly Executor[] | undefined
  /** Whether the job exists: its name is fixed then. */
  exists: boolean
}

export const EditingContext = createContext<Editing | undefined>(undefined)

export function useEditing(): Editing {
  const editing = useContext(EditingContext)
  if (!editing) throw new Error('there is no form around this')
  return editing
}

/** The element that a path of the definition is written in. */
export const idOf = (path: string) => `edit-${path}`

/** What a field has to say: its id, and the error that it shows. A warning is for <Warning>. */
export function useField(path: string): { id: string; error: string | undefined; warning: string | undefined } {
  const note: Note | undefined = useEditing().notes[path]
  return {
    id: idOf(path),
    error: note?.kind === 'error' ? note.text : undefined,
    warning: note?.kind === 'warning' ? note.text : undefined,
  }
}
