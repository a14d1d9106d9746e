import MarkdownIt, { type Token } from 'markdown-it'
import { linkAddress } from '../address'

/** A piece of a text: an element with what is in it, or plain text. */
export type Piece = string | Element

interface Element {
  /** One of a fixed set: nothing that a person wrote is the name of an element. */
  tag: Tag
  /** Of a link. */
  href?: string
  /** Number of the first item of a list. */
  start?: number
  align?: 'left' | 'center' | 'right'
  children: Piece[]
}

const tags = [
  'a',
  'blockquote',
  'br',
  'code',
  'del',
  'em',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'hr',
  'li',
  'ol',
  'p',
  'pre',
  'strong',
  'table',
  'tbody',
  'td',
  'th',
  'thead',
  'tr',
  'ul',
] as const
export type Tag = (typeof tags)[number]

// HTML is text. Nesting is bounded by the parser.
const parser = new MarkdownIt({ html: false, linkify: true })
parser.validateLink = address => linkAddress(address) !== undefined
// Names that look like addresses, such as config.sh, are no links.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false })

/** The pieces of a text in Markdown. It makes no HTML: the page draws the pieces. */
export function piecesOf(text: string): Piece[] {
  return tree(parser.parse(text, {}))
}

/** The tree of the parser's flat list. */
function tree(tokens: readonly Token[]): Piece[] {
  const root: Piece[] = []
  const open: Piece[][] = [root]
  for (const token of tokens) {
    const into = open.at(-1)!
    if (token.nesting < 0) {
      if (open.length > 1) open.pop()
    } else if (token.nesting > 0) {
      const element = opened(token)
      // What is not known, and a paragraph of a tight list, are only their content.
      if (!element || token.hidden) open.push(into)
      else {
        into.push(element)
        open.push(element.children)
      }
    } else into.push(...piece(token))
  }
  return root
}

function opened(token: Token): Element | undefined {
  const tag = tagOf(token.tag)
  if (!tag) return undefined
  const element: Element = { tag, children: [] }
  if (tag === 'a') element.href = linkAddress(attribute(token, 'href'))
  if (tag === 'ol') element.start = Number(attribute(token, 'start') || 1)
  const align = /text-align:(left|center|right)/.exec(attribute(token, 'style'))?.[1]
  if (align) element.align = align as Element['align']
  return element
}

const attribute = (token: Token, name: string) => String(token.attrGet(name) ?? '')

const tagOf = (tag: string): Tag | undefined => tags.find(known => known === (tag === 's' ? 'del' : tag))

/** A token that has no end of its own. */
function piece(token: Token): Piece[] {
  switch (token.type) {
    case 'inline':
      return tree(token.children ?? [])
    case 'fence':
    case 'code_block':
      return [{ tag: 'pre', children: [token.content.replace(/\n$/, '')] }]
    case 'code_inline':
      return [{ tag: 'code', children: [token.content] }]
    case 'softbreak':
      return ['\n']
    case 'hardbreak':
      return [{ tag: 'br', children: [] }]
    case 'hr':
      return [{ tag: 'hr', children: [] }]
    case 'image':
      return [image(token)]
    default:
      return token.content ? [token.content] : []
  }
}

/** An image is not fetched: it is a link to it. */
function image(token: Token): Piece {
  const href = linkAddress(attribute(token, 'src'))
  const text = token.content || href || ''
  return href ? { tag: 'a', href, children: [text] } : text
}
