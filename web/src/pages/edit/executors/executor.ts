/** How a value is written; in the definition all are strings. */
type Kind = 'text' | 'lines' | 'number' | 'duration' | 'boolean' | 'choice' | 'list' | 'map' | 'secret'

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
