import { useState } from 'react'
import { definitionOf, type Job, type JobFilter } from '@/api/jobs'
import { attempt, tell } from '@/ui/act'
import { counted } from '@/ui/size'
import type { ActName } from './acts'
import { BulkBar } from './BulkBar'
import { BulkDialog } from './BulkDialog'
import { download } from '@/ui/download'
import { gather } from './gather'
import { useList } from './list'

interface Props {
  filter: JobFilter
  /** The jobs of this page. */
  jobs: readonly Job[]
  /** How many match. */
  total: number
}

/** The bar for selected jobs, and its dialogs. */
export function Bulk({ filter, jobs, total }: Props) {
  const { selecting } = useList()
  const { selection } = selecting
  const [act, setAct] = useState<ActName>()

  async function save() {
    const definitions = await attempt('export the jobs', async () =>
      selection.all
        ? await gather(filter, definitionOf, new AbortController().signal, () => {})
        : [...selection.jobs.values()].map(definitionOf),
    )
    if (!definitions) return
    download('dkron-jobs.json', `${JSON.stringify(definitions, null, 2)}\n`)
    tell(`${counted(definitions.length, 'definition')} exported`)
  }

  return (
    <>
      <BulkBar
        selecting={selecting}
        total={total}
        unseen={selecting.count(total) - jobs.filter(job => selecting.has(job.name)).length}
        pageChosen={jobs.length > 0 && jobs.every(job => selecting.has(job.name))}
        onAct={setAct}
        onExport={() => void save()}
      />
      {act && (
        <BulkDialog
          name={act}
          selection={selection}
          filter={filter}
          total={total}
          onClose={done => {
            setAct(undefined)
            if (done) selecting.clear()
          }}
        />
      )}
    </>
  )
}
