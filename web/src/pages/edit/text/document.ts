import { isMap, isScalar, isSeq, parseDocument, stringify, type Document, type Node } from 'yaml'
import type { Definition } from '../model/form'
import { isFields } from '../model/value'

/** A definition as text, and the places of its parts. */

export type Language = 'json' | 'yaml'

interface Mark {
  from: number
  to: number
  text: string
}

type Read = { definition: Definition; marks?: undefined } | { definition?: undefined; marks: Mark[] }

export function print(definition: Definition, language: Language): string {
  if (language === 'json') return `${JSON.stringify(definition, null, 2)}\n`
  return Object.keys(definition).length ? stringify(definition, { lineWidth: 0 }) : ''
}

/** The definition in a text, or where the text is not valid. */
export function read(text: string, language: Language): Read {
  if (text.trim() === '') return { definition: {} }
  return language === 'json' ? readJSON(text) : readYAML(text)
}

const noObject = 'A job is an object: keys with values.'

function readJSON(text: string): Read {
  try {
    const value: unknown = JSON.parse(text)
    const twice = parse(text).errors.find(error => error.code === 'DUPLICATE_KEY')
    if (twice) return { marks: [{ from: twice.pos[0], to: twice.pos[1], text: 'This key appears twice.' }] }
    return isFields(value) ? { definition: value } : whole(text, noObject)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const said = /position (\d+)/.exec(message)?.[1]
    // Some browsers give no position: the YAML parser also reads JSON, and gives one.
    const at = Math.min(said ? Number(said) : (parse(text).errors[0]?.pos[0] ?? text.length), text.length)
    return {
      marks: [{ from: Math.max(at - 1, 0), to: at, text: message.replace(/ in JSON at position.*| \(line.*/, '') }],
    }
  }
}

function readYAML(text: string): Read {
  const document = parse(text)
  if (document.errors.length)
    return {
      marks: document.errors.map(error => ({
        from: error.pos[0],
        to: Math.min(Math.max(error.pos[1], error.pos[0] + 1), text.length),
        text: error.message.replace(/ at line \d+[\s\S]*/, ''),
      })),
    }
  // Limits aliases, which can expand to enormous texts.
  const value: unknown = document.toJS({ maxAliasCount: 100 })
  return isFields(value) ? { definition: value } : whole(text, noObject)
}

const parse = (text: string) => parseDocument(text, { prettyErrors: true, keepSourceTokens: false })

const whole = (text: string, why: string): Read => ({ marks: [{ from: 0, to: text.length, text: why }] })

/** The range of a path such as `parents[1].on`, or of its nearest existing part, or of the first line. */
export function rangeOf(text: string, path: string): { from: number; to: number } {
  let node: unknown = (parse(text) as Document).contents
  let found = { from: 0, to: text.indexOf('\n') < 0 ? text.length : text.indexOf('\n') }
  let rest = path
  while (rest !== '') {
    const part = isMap(node) ? pairOf(node.items, rest) : isSeq(node) ? itemOf(node.items, rest) : undefined
    if (!part) return found
    found = part.range ?? found
    node = part.value
    rest = part.rest
  }
  return found
}

interface Part {
  range?: { from: number; to: number }
  value: unknown
  rest: string
}

/** The pair whose key starts a path. A key may have dots. */
function pairOf(items: readonly { key: unknown; value: unknown }[], path: string): Part | undefined {
  for (const { key, value } of items) {
    const name = isScalar(key) ? String(key.value) : ''
    if (name === '' || !path.startsWith(name) || !/^($|[.[])/.test(path.slice(name.length))) continue
    return { range: rangeIn(key, value), value, rest: path.slice(name.length).replace(/^\./, '') }
  }
  return undefined
}

function itemOf(items: readonly unknown[], path: string): Part | undefined {
  const [all, index] = /^\[(\d+)\]\.?/.exec(path) ?? []
  const value = index === undefined ? undefined : items[Number(index)]
  return value === undefined ? undefined : { range: rangeIn(value, value), value, rest: path.slice(all!.length) }
}

/** From a key to the end of its value, or only the key if the value is not a scalar. */
function rangeIn(first: unknown, last: unknown) {
  const [key, value] = [first as Node, last as Node | null]
  if (!key.range) return undefined
  const end = isScalar(value) && value.range ? value.range[1] : key.range[1]
  return { from: key.range[0], to: end }
}
