import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { definitionOf, jobQuery, type Job } from '@/api/jobs'
import { Link } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { For } from '@/ui/may'
import { Page } from '@/ui/Page'
import { nameOf } from '@/ui/words'
import { Editor } from './Editor'
import type { Definition } from './model/form'

/** Edits the definition of a job. */
export function EditJob() {
  const { job: name } = useParams({ from: '/jobs/$job/edit' })
  const query = useQuery(jobQuery(name))
  if (query.data)
    return (
      <For verb="write" title={`Edit ${nameOf(query.data)}`}>
        <Opened key={name} job={query.data} />
      </For>
    )
  return (
    <Page title={`Edit ${name}`}>
      <Loaded query={query} what={`the job ${name}`} lines={12}>
        {() => null}
      </Loaded>
    </Page>
  )
}

/** The job as it was when opened. Later changes are reported, and loaded on request. */
function Opened({ job }: { job: Job }) {
  const [opened, setOpened] = useState({ job, again: 0 })
  return (
    <Editor
      key={opened.again}
      opened={definitionOf(opened.job) as Definition}
      stored={{ opened: opened.job, now: job, reload: fresh => setOpened(o => ({ job: fresh, again: o.again + 1 })) }}
      title={`Edit ${nameOf(job)}`}
      below={
        <Link to="/jobs/$job" params={{ job: job.name }}>
          {job.name}
        </Link>
      }
    />
  )
}
