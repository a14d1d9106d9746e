import type { Language } from './document'

/** The cursor's place in a text: in which object, at a key or at a value. The text may be incomplete. */
export interface Spot {
  /** The enclosing keys, outermost first; lists are transparent. */
  path: string[]
  /** At a value: its key. */
  key?: string
  /** The start of the word under the cursor, including quotes. */
  from: number
  /** The part of the word before the cursor, without quotes. */
  word: string
}

export const spotAt = (text: string, at: number, language: Language): Spot =>
  language === 'json' ? spotInJSON(text.slice(0, at)) : spotInYAML(text.slice(0, at))

interface Level {
  list: boolean
  key?: string
  /** After the colon of its key. */
  value: boolean
}

const tokens = /"(?:[^"\\]|\\[\s\S])*("?)|[{}[\]:,]|[^\s{}[\]:,"]+/g

function spotInJSON(text: string): Spot {
  const levels: Level[] = []
  let open = { from: text.length, word: '' }
  for (const token of text.matchAll(tokens)) {
    const [word] = token
    const level = levels.at(-1)
    open = { from: text.length, word: '' }
    if (word === '{' || word === '[') levels.push({ list: word === '[', value: word === '[' })
    else if (word === '}' || word === ']') levels.pop()
    else if (!level) continue
    else if (word === ',') Object.assign(level, { value: level.list, key: undefined })
    else if (word === ':') level.value = true
    else {
      const name = word.replace(/^"|"$/g, '')
      if (!level.value) level.key = name
      const closed = word.startsWith('"') && token[1] === '"'
      if (!closed && token.index + word.length === text.length) open = { from: token.index, word: name }
    }
  }
  const path = levels.slice(0, -1).flatMap(level => level.key ?? [])
  const last = levels.at(-1)
  return { path, key: last?.value ? last.key : undefined, ...open }
}

function spotInYAML(text: string): Spot {
  const lines = text.split('\n')
  const line = lines.pop() ?? ''
  const [, indent = '', dash = '', key, blank = '', word = ''] =
    /^(\s*)((?:- +)*)(?:["']?([\w.-]+)["']?:(\s+))?(.*)$/.exec(line) ?? []
  let depth = indent.length + dash.length
  const path: string[] = []
  for (const above of lines.toReversed()) {
    const [, inner = '', item = '', name] = /^(\s*)((?:- +)*)["']?([\w.-]+)["']?:/.exec(above) ?? []
    if (name === undefined) continue
    const own = inner.length + item.length
    // A list may have the same indentation as its key.
    if (own < depth || (own === depth && dash !== '' && !item && path.length === 0 && /:\s*$/.test(above))) {
      path.unshift(name)
      depth = own
    }
    if (depth === 0) break
  }
  const bare = word.replace(/^["']/, '')
  return { path, key: blank ? key : undefined, from: text.length - word.length, word: bare }
}
