import { Alert } from '@mantine/core'
import { useQuery, useInfiniteQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { jobQuery, type Job } from '@/api/jobs'
import { launchesQuery, openStates, type Launch } from '@/api/launches'
import { Icon } from '@/ui/Icon'
import { Link } from '@/ui/link'
import { lookOf } from '@/ui/state'
import { When } from '@/ui/When'
import { tagWords } from '@/ui/words'

/** What a launch waits for, or why nothing ran. */
export function Why({ launch }: { launch: Launch }) {
  const ran = (launch.executions?.length ?? 0) > 0
  if (ran || launch.state === 'success' || launch.state === 'failed') return null
  const look = lookOf(launch.state)
  return (
    <Alert
      color={colours[look.tone] ?? 'gray'}
      variant="light"
      icon={<Icon name={look.icon} />}
      title={titleOf(launch)}
    >
      <Reason launch={launch} />
    </Alert>
  )
}

const colours: Record<string, string> = { bad: 'red', wait: 'yellow', live: 'blue', odd: 'grape' }

function titleOf({ state }: Launch): string {
  if (state === 'waiting') return 'It waits for a node'
  if (state === 'queued') return 'It waits for its turn'
  if (state === 'running') return 'It is being handed out'
  return 'Nothing ran'
}

function Reason({ launch }: { launch: Launch }) {
  const job = useQuery({ ...jobQuery(launch.job), retry: false }).data
  switch (launch.state) {
    case 'waiting':
      return (
        <>
          No live node can take it: {wants(job)}. If none comes within ten seconds it ends as “no target”.{' '}
          <ToJob name={launch.job} />
        </>
      )
    case 'queued':
      return <Queued launch={launch} />
    case 'running':
      return <>The leader has chosen its nodes, and the first has not begun yet.</>
    case 'no_target':
      return (
        <>
          For ten seconds there was no live node for it: {wants(job)}. Look whether{' '}
          <Link to="/nodes" inherit>
            a node
          </Link>{' '}
          with these tags is missing, or change the tags. <ToJob name={launch.job} />
        </>
      )
    case 'skipped':
      return (
        <>
          It was due and held back on purpose: {launch.reason || 'the server did not say why'}. If it should run all the
          same, run it again by hand, or change the job’s concurrency. <ToJob name={launch.job} />
        </>
      )
    case 'missed':
      return (
        <>
          {launch.reason || 'Nobody could fire it in time.'} Due times that pass while the cluster has no leader are
          caught up on only if the job’s catchup says so. <ToJob name={launch.job} />
        </>
      )
    default:
      return <>It ended before anything ran{launch.reason ? `: ${launch.reason}` : ''}.</>
  }
}

function Queued({ launch }: { launch: Launch }) {
  const query = useInfiniteQuery(launchesQuery({ job: [launch.job], state: [...openStates] }, 20))
  const earlier = (query.data?.pages.flatMap(p => p.items) ?? []).filter(l => l.created_at < launch.created_at)
  return (
    <>
      The job’s launches run one after the other (concurrency: queue).
      {earlier.length > 0 && <> Before it:</>}
      {earlier.map(l => (
        <span key={l.id}>
          {' '}
          <Link to="/launches/$launch" params={{ launch: l.id }} inherit>
            one that is {lookOf(l.state).label}
          </Link>{' '}
          (<When at={timeOf(l.created_at)} />)
        </span>
      ))}
      {earlier.length > 0 && '.'}
    </>
  )
}

function wants(job: Job | undefined) {
  const tags = job && tagWords(job)
  return tags ? `the job wants ${tags}` : 'the job runs on any node'
}

function ToJob({ name }: { name: string }) {
  return (
    <Link to="/jobs/$job/edit" params={{ job: name }} inherit>
      Edit the job
    </Link>
  )
}
