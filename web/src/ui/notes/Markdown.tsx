import { createElement, useMemo, type ReactNode } from 'react'
import { piecesOf, type Piece, type Tag } from './markdown'
import classes from './Markdown.module.css'

/** A text in Markdown that anybody may have written. Loads the parser, so it is a part of its own: see Notes. */
export default function Markdown({ text }: { text: string }) {
  const pieces = useMemo(() => piecesOf(text), [text])
  return <div className={classes.text}>{drawn(pieces, false)}</div>
}

/** Below the title of the panel, which is of level two. */
const headings: Partial<Record<Tag, Tag>> = { h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6' }

// A piece has no identity but its place.
const drawn = (pieces: readonly Piece[], linked: boolean): ReactNode[] =>
  // oxlint-disable-next-line react/no-array-index-key
  pieces.map((piece, i) => (typeof piece === 'string' ? piece : <Drawn key={i} piece={piece} linked={linked} />))

/** `linked` inside a link, which can't have another one in it. */
function Drawn({ piece, linked }: { piece: Exclude<Piece, string>; linked: boolean }) {
  const { tag, href, start, align, children } = piece
  const inner = drawn(children, linked || tag === 'a')
  switch (tag) {
    case 'a':
      return href && !linked ? (
        <a href={href} target="_blank" rel="noopener noreferrer nofollow">
          {inner}
        </a>
      ) : (
        <>{inner}</>
      )
    case 'br':
    case 'hr':
      return createElement(tag)
    case 'ol':
      return <ol start={start}>{inner}</ol>
    case 'td':
    case 'th':
      return createElement(tag, { 'data-align': align }, ...inner)
    case 'pre':
    case 'table':
      return (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls can be reached by keyboard
        <section className={classes.wide} tabIndex={0} aria-label={tag === 'pre' ? 'Code' : 'Table'}>
          {createElement(tag, undefined, ...inner)}
        </section>
      )
    default:
      return createElement(headings[tag] ?? tag, undefined, ...inner)
  }
}
