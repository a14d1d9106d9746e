import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { fieldsOf, type Executor } from '../executors/executors'
import { read, type Language } from './document'
import { partAt, type Part } from './schema'
import { spotAt, type Spot } from './spot'

/** What a key is, and what it means. */
export interface Help {
  title: string
  type: string
  description: string
}

/** What is known of the words of a definition. */
export interface Words {
  job: Part | undefined
  executors: readonly Executor[]
}

interface Offer {
  label: string
  detail: string
  info: string
}

/** The suggestions at the cursor. */
export function offers(spot: Spot, { job, executors }: Words, executor: string): Offer[] {
  const fields = fieldsOf(executors, executor)
  const path = spot.path.join('.')
  if (spot.key !== undefined) {
    const part = partAt(job, [...spot.path, spot.key])
    if (path === '' && spot.key === 'executor') return executors.map(e => ({ label: e.name, detail: '', info: e.what }))
    const choices = path === 'executor_config' ? fields.find(f => f.key === spot.key)?.choices : undefined
    const words = choices ?? (part?.type === 'boolean' ? ['true', 'false'] : part?.words) ?? []
    return words.filter(Boolean).map(label => ({ label, detail: '', info: '' }))
  }
  if (path === 'executor_config')
    return fields.map(field => ({ label: field.key, detail: field.kind, info: field.help }))
  return [...(partAt(job, spot.path)?.parts ?? [])].map(([label, part]) => ({
    label,
    detail: part.type,
    info: plain(part.description),
  }))
}

/** The help on the key at a place. */
export function helpAt(spot: Spot, word: string, { job, executors }: Words, executor: string): Help | undefined {
  const path = spot.key === undefined ? [...spot.path, word] : [...spot.path, spot.key]
  const title = path.join('.')
  if (path[0] === 'executor_config' && path.length === 2) {
    const field = fieldsOf(executors, executor).find(f => f.key === path[1])
    return field && { title, type: 'string', description: field.help }
  }
  const part = partAt(job, path)
  if (!part) return undefined
  const words = part.words.filter(Boolean)
  return { title, type: words.length ? words.join(' · ') : part.type, description: part.description }
}

/** Completes keys and values from the schema. */
export const completion =
  (language: Language, words: () => Words) =>
  (context: CompletionContext): CompletionResult | null => {
    const text = context.state.doc.toString()
    const spot = spotAt(text, context.pos, language)
    if (!context.explicit && spot.word === '' && text[context.pos - 1] !== '"') return null
    // Suggestions are compared with the text inside the quotes.
    const from = context.pos - spot.word.length
    const options = offers(spot, words(), executorIn(text, language)).map((offer): Completion => ({
      label: offer.label,
      detail: offer.detail,
      info: offer.info || undefined,
      type: spot.key === undefined ? 'property' : 'enum',
      apply: (view, _completion, _from, to) => {
        const rest = view.state.doc.sliceString(to, to + 40)
        const insert = inserted(offer.label, spot, language, rest)
        const end = to + (language === 'json' && rest.startsWith('"') ? 1 : 0)
        const changes = { from: spot.from, to: end, insert }
        view.dispatch({ changes, selection: { anchor: spot.from + insert.length } })
      },
    }))
    return options.length ? { from, options, validFor: /^[\w.-]*$/ } : null
  }

function inserted(label: string, spot: Spot, language: Language, rest: string): string {
  const bare = language === 'yaml' || (spot.key !== undefined && /^(true|false)$/.test(label))
  const word = bare ? label : JSON.stringify(label)
  return spot.key !== undefined || /^"?\s*:/.test(rest) ? word : `${word}: `
}

/** The executor that a text names, even if the text is not valid. */
export function executorIn(text: string, language: Language): string {
  const executor = read(text, language).definition?.executor
  if (typeof executor === 'string') return executor
  return /^\s*"?executor"?:\s*"?([\w-]+)/m.exec(text)?.[1] ?? ''
}

/** The first paragraph, without markup. */
export const plain = (markdown: string) =>
  (markdown.split(/\n\s*\n/, 1)[0] ?? '').replaceAll(/[`*]/g, '').replaceAll('\n', ' ')
