import { Text } from '@mantine/core'
import type { Diagnostic } from '@codemirror/lint'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { Copy } from '@/ui/Copy'
import { Icon } from '@/ui/Icon'
import { Panel } from '@/ui/Panel'
import { useEditing } from '../draft'
import type { Complaint } from '../model/complaint'
import { CodeEditor } from './CodeEditor'
import { print, rangeOf, read, type Language } from './document'
import type { Help } from './help'
import { Prose } from './Prose'
import { schemaQuery, unknownKeys, type Part } from './schema'
import classes from './text.module.css'

interface Props {
  language: Language
  /** What is wrong with the job that the text says. */
  complaint: Complaint | undefined
  /** Called with why the text is no job; empty when it is one. */
  onError: (error: string) => void
}

/** The same job as text. */
export function TextView({ language, complaint, onError }: Props) {
  const { definition, replace, exists, executors = [] } = useEditing()
  const [name] = useState(exists ? String(definition.name) : undefined)
  const [start] = useState(() => print(definition, language))
  const [text, setText] = useState(start)
  const [help, setHelp] = useState<Help>()
  const { data: schema } = useQuery(schemaQuery)
  const marks = useMemo(
    () => marksOf(text, language, { schema, complaint, name }),
    [text, language, schema, complaint, name],
  )
  const take = useCallback(
    (next: string) => {
      setText(next)
      const { definition: said, marks: wrong } = read(next, language)
      const problem = wrong?.[0]?.text ?? (said && renamed(said, name))
      onError(problem ?? '')
      if (said && !problem) replace(name === undefined ? said : { name, ...said })
    },
    [language, name, onError, replace],
  )
  const worst = marks.find(mark => mark.severity === 'error')
  return (
    <>
      <Panel title={language.toUpperCase()} aside={<Copy text={text} label="Copy the text" />} flush>
        <CodeEditor
          language={language}
          start={start}
          words={{ job: schema, executors }}
          marks={marks}
          onChange={take}
          onHelp={setHelp}
        />
        {worst && (
          <div className={classes.error} role="alert">
            <Icon name="alert" size={15} />
            <span>
              Line {text.slice(0, worst.from).split('\n').length}: {worst.message}
            </span>
          </div>
        )}
      </Panel>
      <Panel title={help ? help.title : 'What the keys mean'}>
        {help ? (
          <>
            <div className={classes.type}>{help.type}</div>
            <Prose text={help.description} />
          </>
        ) : (
          <Text size="sm" c="dimmed">
            Put the cursor on a key to read about it. Ctrl+Space offers what fits where you are. A definition that you
            have elsewhere can be pasted here.
          </Text>
        )}
      </Panel>
    </>
  )
}

interface Known {
  schema: Part | undefined
  complaint: Complaint | undefined
  name: string | undefined
}

/** What is wrong with a text, and where. */
function marksOf(text: string, language: Language, { schema, complaint, name }: Known): Diagnostic[] {
  const { definition, marks } = read(text, language)
  if (marks) return marks.map(({ from, to, text: message }) => ({ from, to, message, severity: 'error' }))
  const found: Diagnostic[] = []
  const mark = (path: string, severity: Diagnostic['severity'], message: string) =>
    found.push({ ...rangeOf(text, path), severity, message })
  const problem = renamed(definition, name)
  if (problem) mark('name', 'error', problem)
  if (complaint && !problem) mark(complaint.field, 'error', complaint.text)
  for (const path of schema ? unknownKeys(definition, schema) : [])
    mark(path, 'warning', 'The server does not know this key and will not keep it.')
  return found
}

function renamed(definition: { name?: unknown }, name: string | undefined): string | undefined {
  if (name === undefined || definition.name === undefined || definition.name === name) return undefined
  return `The name of a job can’t be changed: it is ${name}. Duplicate the job to have it under another.`
}
