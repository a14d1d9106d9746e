import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { yaml } from '@codemirror/lang-yaml'
import { syntaxHighlighting } from '@codemirror/language'
import { lintGutter, setDiagnostics } from '@codemirror/lint'
import { EditorState, type Text } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { highlight, look } from './look'
import classes from './MarkedText.module.css'

/** A place in a text, with what is to be said of it. Both are counted from 1, columns in characters. */
interface Mark {
  line: number
  column: number
  text: string
  severity: 'error' | 'warning'
}

interface Props {
  label: string
  start: string
  marks: readonly Mark[]
  /** The mark to jump to; a new object jumps again. */
  shown: Mark | undefined
  onChange: (text: string) => void
}

/** A text of JSON or YAML with line numbers, that can be changed, and in which places are marked. */
export function MarkedText({ label, start, marks, shown, onChange }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const heard = useRef(onChange)
  useEffect(() => {
    heard.current = onChange
  })
  const first = useRef({ start, label })

  useEffect(() => {
    const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? ''
    const editor = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: first.current.start,
        extensions: [
          EditorView.cspNonce.of(nonce),
          /^\s*[[{]/.test(first.current.start) ? json() : yaml(),
          lineNumbers(),
          lintGutter(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          syntaxHighlighting(highlight),
          look,
          keymap.of([...defaultKeymap, ...historyKeymap]),
          EditorView.contentAttributes.of({ 'aria-label': first.current.label, tabindex: '0' }),
          EditorView.updateListener.of(update => {
            if (update.docChanged) heard.current(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = editor
    return () => editor.destroy()
  }, [])

  useEffect(() => {
    const editor = view.current!
    const found = marks.map(mark => ({
      ...rangeOf(editor.state.doc, mark),
      severity: mark.severity,
      message: mark.text,
    }))
    editor.dispatch(setDiagnostics(editor.state, found))
  }, [marks])

  useEffect(() => {
    if (!shown) return
    const editor = view.current!
    const { from, to } = rangeOf(editor.state.doc, shown)
    editor.dispatch({
      selection: { anchor: from, head: to },
      effects: EditorView.scrollIntoView(from, { y: 'center' }),
    })
    editor.focus()
    place.current!.scrollIntoView({ block: 'nearest' })
  }, [shown])

  return <div ref={place} className={classes.text} />
}

/** From a place to the end of its line. */
function rangeOf(doc: Text, { line, column }: Mark): { from: number; to: number } {
  const { from, text } = doc.line(Math.min(Math.max(line, 1), doc.lines))
  const before = Array.from(text)
    .slice(0, column - 1)
    .join('').length
  return { from: from + before, to: from + Math.max(text.trimEnd().length, before) }
}
