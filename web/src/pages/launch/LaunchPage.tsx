import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useLocation, useRouter } from '@tanstack/react-router'
import { jobQuery } from '@/api/jobs'
import { badStates, jobOf, launchQuery, type Launch } from '@/api/launches'
import { Icon } from '@/ui/Icon'
import { Link, PlainLink } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { Page } from '@/ui/Page'
import { Panel } from '@/ui/Panel'
import { Runbook } from '@/ui/Runbook'
import { StateBadge } from '@/ui/StateBadge'
import { reasonOf } from '@/ui/words'
import { Actions } from './Actions'
import { Executions } from './Executions'
import { Facts } from './Facts'
import { failureOf, shownOf } from './grid'
import classes from './LaunchPage.module.css'
import { Neighbours } from './Neighbours'
import { Output } from './output/Output'
import { fragmentOf, parseFragment, type Mark } from './output/place'
import { mostOutputs } from './search'
import { Why } from './Why'

const route = getRouteApi('/launches/$launch')

/** One launch: its cause, state, executions and output. */
export function LaunchPage() {
  const { launch: id } = route.useParams()
  const name = jobOf(id)
  const query = useQuery(launchQuery(id))
  const job = useQuery({ ...jobQuery(name), enabled: name !== '', retry: false })
  const title = job.data?.displayname || name || id
  const launch = query.data

  return (
    <Page
      title={`Launch of ${title}`}
      above={
        <>
          <Link to="/launches" inherit>
            Launches
          </Link>
          <Icon name="chevronRight" size={12} className={classes.step} />
          Launch
        </>
      }
      heading={
        <>
          {name ? (
            <PlainLink to="/jobs/$job" params={{ job: name }}>
              {title}
            </PlainLink>
          ) : (
            title
          )}
          {launch && <StateBadge state={launch.state} reason={reasonOf(launch)} />}
        </>
      }
      below={launch && failureOf(launch)}
      actions={
        launch && (
          <>
            <Neighbours launch={launch} />
            {badStates.includes(launch.state) && <Runbook job={job.data} prominent size="sm" />}
            <Actions launch={launch} />
          </>
        )
      }
    >
      <Loaded query={query} what="the launch" lines={8}>
        {found => <Content launch={found} />}
      </Loaded>
    </Page>
  )
}

function Content({ launch }: { launch: Launch }) {
  const { show } = route.useSearch()
  const navigate = route.useNavigate()
  const executions = launch.executions ?? []
  const shown = shownOf(executions, show)
  const choose = (ids: string[]) =>
    void navigate({ search: { show: ids.slice(-mostOutputs) }, replace: true, resetScroll: false })
  const ids = shown.map(e => e.id)
  const address = useRouter().buildLocation({
    to: '/launches/$launch',
    params: { launch: launch.id },
    search: { show: ids },
  })
  const found = parseFragment(useLocation({ select: at => at.hash }))
  const setMark = (index: number) => (mark: Mark | undefined) =>
    void navigate({
      search: { show: ids },
      hash: mark && fragmentOf(mark, index),
      replace: true,
      resetScroll: false,
      hashScrollIntoView: false,
    })
  const close = (id: string) => choose(shown.filter(e => e.id !== id).map(e => e.id))

  return (
    <div className={classes.columns} data-outputs={shown.length}>
      <div className={classes.about}>
        <Panel>
          <Facts launch={launch} />
        </Panel>
        <Why launch={launch} />
        {executions.length > 0 && <Executions launch={launch} shown={shown.map(e => e.id)} choose={choose} />}
      </div>
      {shown.length > 0 && (
        <div className={classes.outputs}>
          {shown.map((e, i) => (
            <Output
              key={`${launch.id} ${e.id}`}
              execution={e}
              primary={i === 0}
              index={i}
              mark={found?.output === i ? found.mark : undefined}
              setMark={setMark(i)}
              address={address.href}
              onClose={shown.length > 1 ? () => close(e.id) : undefined}
            />
          ))}
        </div>
      )}
    </div>
  )
}
