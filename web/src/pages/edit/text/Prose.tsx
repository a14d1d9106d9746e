import { Fragment, type ReactNode } from 'react'
import classes from './text.module.css'

/** Renders the API document's Markdown: paragraphs, tables, `code` and *emphasis*; it uses nothing else. */
export function Prose({ text }: { text: string }) {
  const blocks = text.split(/\n\s*\n/).map((block, at) => ({ block, at }))
  return (
    <div className={classes.prose}>
      {blocks.map(({ block, at }) =>
        block.startsWith('|') ? <Rows key={at} block={block} /> : <p key={at}>{marked(block)}</p>,
      )}
    </div>
  )
}

function Rows({ block }: { block: string }) {
  const [head = [], , ...rows] = block
    .trim()
    .split('\n')
    .map(line => line.split('|').slice(1, -1))
  return (
    <div className={classes.scroll}>
      <table>
        <thead>
          <tr>
            {head.map(cell => (
              <th key={cell}>{marked(cell.trim())}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.join()}>
              {row.map(cell => (
                <td key={cell}>{marked(cell.trim())}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function marked(text: string): ReactNode {
  const pieces = text.split(/(`[^`]+`|\*[^*]+\*)/).map((piece, at) => ({ piece, at, inner: piece.slice(1, -1) }))
  return pieces.map(({ piece, at, inner }) => {
    if (piece.startsWith('`') && inner) return <code key={at}>{inner}</code>
    if (piece.startsWith('*') && inner) return <em key={at}>{inner}</em>
    return <Fragment key={at}>{piece}</Fragment>
  })
}
