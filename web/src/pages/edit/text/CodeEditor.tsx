import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, foldGutter, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { highlight, look } from '@/ui/code/look'
import type { Language } from './document'
import { completion, executorIn, helpAt, plain, type Help, type Words } from './help'
import { spotAt } from './spot'

interface Props {
  language: Language
  start: string
  words: Words
  marks: readonly Diagnostic[]
  onChange: (text: string) => void
  /** Called with the help on the key under the cursor. */
  onHelp: (help: Help | undefined) => void
}

/** Text with line numbers, colours, completion and marks. */
export function CodeEditor({ language, start, words, marks, onChange, onHelp }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const newest = useRef({ words, onChange, onHelp })
  useEffect(() => {
    newest.current = { words, onChange, onHelp }
  })
  const first = useRef(start)

  useEffect(() => {
    const heard = EditorView.updateListener.of(update => {
      if (update.docChanged) newest.current.onChange(update.state.doc.toString())
      if (update.docChanged || update.selectionSet)
        newest.current.onHelp(helpIn(update.state, update.state.selection.main.head, language, newest.current.words))
    })
    const editor = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: first.current,
        extensions: [extensions(language, () => newest.current.words), heard],
      }),
    })
    view.current = editor
    return () => editor.destroy()
  }, [language])

  useEffect(() => {
    const editor = view.current
    if (!editor) return
    const length = editor.state.doc.length
    const fitting = marks.map(m => ({ ...m, from: Math.min(m.from, length), to: Math.min(m.to, length) }))
    editor.dispatch(setDiagnostics(editor.state, fitting))
  }, [marks])

  return <div ref={place} />
}

function extensions(language: Language, words: () => Words): Extension {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? ''
  return [
    EditorView.cspNonce.of(nonce),
    language === 'json' ? json() : yaml(),
    lineNumbers(),
    foldGutter(),
    lintGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    EditorView.lineWrapping,
    syntaxHighlighting(highlight),
    look,
    autocompletion({ override: [completion(language, words)], icons: false }),
    hoverTooltip((editor, at) => {
      const help = helpIn(editor.state, at, language, words())
      return help ? { pos: at, create: () => ({ dom: tooltip(help) }) } : null
    }),
    // Tab is not bound: it leaves the text, as everywhere.
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
    EditorView.contentAttributes.of({ 'aria-label': `The job as ${language.toUpperCase()}`, tabindex: '0' }),
  ]
}

/** The help on the key at a place, or on the key whose value is there. */
function helpIn(state: EditorState, at: number, language: Language, words: Words): Help | undefined {
  const text = state.doc.toString()
  const word = state.wordAt(at)
  const name = word ? state.sliceDoc(word.from, word.to) : ''
  return helpAt(spotAt(text, word?.from ?? at, language), name, words, executorIn(text, language))
}

function tooltip(help: Help): HTMLElement {
  const dom = document.createElement('div')
  const title = document.createElement('strong')
  title.textContent = help.title
  const text = document.createElement('div')
  text.textContent = plain(help.description)
  dom.append(title, text)
  return dom
}
