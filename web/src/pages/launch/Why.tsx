import { Alert } from '@mantine/core'
import { useQuery, useInfiniteQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { jobQuery, type Job } from '@/api/jobs'
import { launchesQuery, openStates, type Launch } from '@/api/launches'
import { Icon } from '@/ui/Icon'
import { Link } from '@/ui/link'
import { May } from '@/ui/may'
import { counted } from '@/ui/size'
import { lookOf } from '@/ui/state'
import { When } from '@/ui/When'
import { tagWords } from '@/ui/words'

/** Why a launch is waiting, or why nothing ran. */
export function Why({ launch }: { launch: Launch }) {
  const ran = (launch.executions?.length ?? 0) > 0
  if (ran || launch.state === 'success' || launch.state === 'failed') return null
  const { tone, icon } = lookOf(launch.state)
  return (
    <Alert color={colours[tone] ?? 'gray'} variant="light" icon={<Icon name={icon} />} title={titleOf(launch)}>
      <Reason launch={launch} />
    </Alert>
  )
}

/** Of links: on these backgrounds the usual blue is too weak. */
const look = { inherit: true, c: 'inherit', underline: 'always' } as const

const colours: Record<string, string> = { bad: 'red', wait: 'yellow', live: 'blue', odd: 'grape' }

function titleOf({ state }: Launch): string {
  if (state === 'waiting') return 'Waiting for a node'
  if (state === 'queued') return 'Waiting for its turn'
  if (state === 'running') return 'Starting'
  return 'Nothing ran'
}

function Reason({ launch }: { launch: Launch }) {
  const job = useQuery({ ...jobQuery(launch.job), retry: false }).data
  switch (launch.state) {
    case 'waiting':
      return (
        <>
          No live node matches: {wants(job)}. If none appears within ten seconds, it ends as “no target”.{' '}
          <ToJob name={launch.job} />
        </>
      )
    case 'queued':
      return <Queued launch={launch} />
    case 'running':
      return <>The leader has chosen the nodes; none has started yet.</>
    case 'no_target':
      return (
        <>
          No live node matched within ten seconds: {wants(job)}. Check whether{' '}
          <Link to="/nodes" {...look}>
            a node
          </Link>{' '}
          with these tags is offline, or change the tags. <ToJob name={launch.job} />
        </>
      )
    case 'skipped':
      return (
        <>
          It was due but skipped: {launch.reason || 'the server gave no reason'}. Run it manually, or change the job’s
          concurrency. <ToJob name={launch.job} />
        </>
      )
    case 'missed':
      return (
        <>
          {launch.reason || 'No server could start it in time.'} Due times that pass without a leader are caught up only
          if the job’s catchup says so. <ToJob name={launch.job} />
        </>
      )
    default:
      return <>It ended before anything ran{launch.reason ? `: ${launch.reason}` : ''}.</>
  }
}

function Queued({ launch }: { launch: Launch }) {
  const query = useInfiniteQuery(launchesQuery({ job: [launch.job], state: [...openStates] }, 100))
  const earlier = (query.data?.pages.flatMap(p => p.items) ?? []).filter(l => l.created_at < launch.created_at)
  const begun = earlier.find(l => l.state !== 'queued')
  const queued = earlier.filter(l => l.state === 'queued').length
  return (
    <>
      The job’s launches run one at a time (concurrency: queue).
      {earlier.length > 0 && <> Ahead of it: </>}
      {begun && (
        <>
          <Link to="/launches/$launch" params={{ launch: begun.id }} {...look}>
            a {lookOf(begun.state).label} launch
          </Link>{' '}
          (due <When at={timeOf(begun.scheduled_at)} />)
        </>
      )}
      {begun && queued > 0 && ' and '}
      {queued > 0 && (
        <Link to="/launches" search={{ job: launch.job, state: ['queued'] }} {...look}>
          {counted(queued, 'queued launch', 'queued launches')}
        </Link>
      )}
      {earlier.length > 0 && '.'}
    </>
  )
}

function wants(job: Job | undefined) {
  const tags = job && tagWords(job)
  return tags ? `the job needs ${tags}` : 'the job runs on any node'
}

function ToJob({ name }: { name: string }) {
  return (
    <May verb="write">
      <Link to="/jobs/$job/edit" params={{ job: name }} {...look}>
        Edit the job
      </Link>
    </May>
  )
}
