import { SegmentedControl, Text } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { urlOf } from '@/api/client'
import { definitionOf, type Job } from '@/api/jobs'
import { Copy } from '@/ui/Copy'
import { Panel } from '@/ui/Panel'
import { part } from '@/ui/part'
import { Outline } from '../Outline'
import { curl, json } from '@/ui/definition/text'
import { Source, Text as Code } from './Source'

const YamlSource = lazy(part(() => import('./YamlSource')))

/** The definition to read, copy and create elsewhere, without defaults. */
export function Definition({ job }: { job: Job }) {
  const { format } = useSearch({ from: '/jobs/$job' })
  const navigate = useNavigate({ from: '/jobs/$job' })
  const definition = definitionOf(job)
  const command = curl(urlOf('v1/jobs'), json(definition))
  const choice = (
    <SegmentedControl
      size="xs"
      aria-label="Format"
      value={format ?? 'json'}
      onChange={value =>
        void navigate({ search: { tab: 'definition', format: value === 'yaml' ? 'yaml' : undefined }, replace: true })
      }
      data={[
        { value: 'json', label: 'JSON' },
        { value: 'yaml', label: 'YAML' },
      ]}
    />
  )
  return (
    <>
      {format === 'yaml' ? (
        <Suspense fallback={<Outline what="the definition" />}>
          <YamlSource name={job.name} definition={definition} choice={choice} />
        </Suspense>
      ) : (
        <Source text={json(definition)} file={`${job.name}.json`} type="application/json" choice={choice} />
      )}
      <Panel title="Create it elsewhere" aside={<Copy text={command} label="Copy the command" />}>
        <Text size="sm" c="dimmed" mb="xs">
          Creates the job, or replaces the job with this name. Its parents must exist.
        </Text>
        <Code label="Command that creates the job">{command}</Code>
      </Panel>
    </>
  )
}
