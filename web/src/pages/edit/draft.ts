import { createContext, useCallback, useContext, useMemo, useState } from 'react'
import { definitionFrom, formOf, type Definition, type Form } from './model/form'
import { same } from './model/value'
import type { Executor } from './executors/executors'
import type { Note, Notes } from './model/check'

/** A draft: a form, and the definition that it was made from. */
interface Draft {
  form: Form
  /** What would be stored now. */
  definition: Definition
  /** Whether it differs from what was opened. */
  dirty: boolean
  set: (change: Partial<Form>) => void
  /** Replaces the form by a whole definition, as the text view does. */
  replace: (definition: Definition) => void
}

interface State {
  base: Definition
  form: Form
}

/** `opened` is what is stored, `start` what the form begins with if that differs. */
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
  processors: readonly Executor[]
  /** Whether the job exists: its name is fixed then. */
  exists: boolean
}

export const EditingContext = createContext<Editing | undefined>(undefined)

export function useEditing(): Editing {
  const editing = useContext(EditingContext)
  if (!editing) throw new Error('there is no form around this')
  return editing
}

/** The id of the input for a path of the definition. */
export const idOf = (path: string) => `edit-${path}`

/** A field's id, its error, and its warning for <Warning>. */
export function useField(path: string): { id: string; error: string | undefined; warning: string | undefined } {
  const note: Note | undefined = useEditing().notes[path]
  return {
    id: idOf(path),
    error: note?.kind === 'error' ? note.text : undefined,
    warning: note?.kind === 'warning' ? note.text : undefined,
  }
}
