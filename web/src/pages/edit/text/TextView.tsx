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
  /** The error in the job that the text defines. */
  complaint: Complaint | undefined
  /** Called with why the text is not a job; empty if it is one. */
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
      <Panel title={help ? help.title : 'Key help'}>
        {help ? (
          <>
            <div className={classes.type}>{help.type}</div>
            <Prose text={help.description} />
          </>
        ) : (
          <Text size="sm" c="dimmed">
            Put the cursor on a key to read about it. Ctrl+Space suggests keys and values. You can paste a definition
            here.
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

/** The errors and warnings in a text. */
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
    mark(path, 'warning', 'Unknown key: the server will not keep it.')
  return found
}

function renamed(definition: { name?: unknown }, name: string | undefined): string | undefined {
  if (name === undefined || definition.name === undefined || definition.name === name) return undefined
  return `A job’s name can’t be changed: it is ${name}. Duplicate the job to rename it.`
}
