import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { definitionOf, jobQuery, type Job } from '@/api/jobs'
import { Link } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { For } from '@/ui/may'
import { Page } from '@/ui/Page'
import { Editor } from './Editor'
import { isFree } from './save'
import type { Definition } from './model/form'
import { copyNames } from './model/slug'

const blank: Definition = {}
/** The start of a new job. */
const usual: Definition = { executor: 'shell' }

/** Creates a job: from scratch, or as a copy of another. */
export function NewJob() {
  const { from } = useSearch({ from: '/new' })
  return (
    <For verb="write" title="New job">
      {from === undefined ? <Editor key="" opened={usual} title="New job" /> : <Copied key={from} from={from} />}
    </For>
  )
}

function Copied({ from }: { from: string }) {
  const queries = useQueryClient()
  const copy = useQuery({
    queryKey: ['copy', from],
    queryFn: async () => copyOf(await queries.fetchQuery(jobQuery(from)), name => isFree(queries, name)),
    staleTime: Infinity,
    gcTime: 0,
    refetchInterval: false,
  })
  if (!copy.data)
    return (
      <Page title={`Copy of ${from}`}>
        <Loaded query={copy} what={`the job ${from}`} lines={10}>
          {() => null}
        </Loaded>
      </Page>
    )
  const below = (
    <>
      A copy of{' '}
      <Link to="/jobs/$job" params={{ job: from }} underline="always">
        {from}
      </Link>
      . Nothing is stored until you save it.
    </>
  )
  return <Editor opened={blank} start={copy.data} title="New job" below={below} />
}

/** The start of a copy, under a free name. */
async function copyOf(job: Job, free: (name: string) => Promise<boolean>): Promise<Definition> {
  const { displayname, ...rest } = definitionOf(job) as Definition
  for (const name of copyNames(job.name)) {
    if (!(await free(name))) continue
    return { ...rest, ...(displayname ? { displayname: `${String(displayname)} (copy)` } : {}), name }
  }
  return { ...rest, name: '' }
}
