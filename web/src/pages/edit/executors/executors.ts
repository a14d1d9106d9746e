import { builtin } from './builtin'
import { plugins } from './plugins'

/** How a value is written; in the definition all are strings. */
export type Kind = 'text' | 'lines' | 'number' | 'duration' | 'boolean' | 'choice' | 'list' | 'map' | 'secret'

/** A key of `executor_config`. */
export interface Field {
  key: string
  label: string
  kind: Kind
  required?: boolean
  /** What holds if it is not there, in words. */
  default?: string
  /** One or two sentences. */
  help: string
  example?: string
  choices?: readonly string[]
  /** Used by few: folded away until it has a value. */
  rare?: boolean
}

export interface Executor {
  name: string
  /** What it does, as a sentence. */
  what: string
  /** Every node has it; others are plugins that have to be installed on the nodes. */
  builtin?: boolean
  fields: readonly Field[]
}

/** What the form knows of the executors. Jobs may name others, and use other keys. */
export const executors: readonly Executor[] = [...builtin, ...plugins]

export const executorOf = (name: string): Executor | undefined => executors.find(e => e.name === name)

export const fieldsOf = (name: string): readonly Field[] => executorOf(name)?.fields ?? []

/** Words that mean yes, as the executors read them. */
export const isTrue = (text: string) => ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)
