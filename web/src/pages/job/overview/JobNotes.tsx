import type { Job } from '@/api/jobs'
import { Notes } from '@/ui/notes/Notes'
import { Panel } from '@/ui/Panel'

/** What the job's people wrote about it. */
export function JobNotes({ job }: { job: Job }) {
  if (!job.notes?.trim()) return null
  return (
    <Panel title="Notes">
      <Notes text={job.notes} />
    </Panel>
  )
}
