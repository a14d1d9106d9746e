import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { membersQuery } from '@/api/cluster'
import { jobPreviewQuery, type Job, type Preview } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { Link, PlainLink } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { counted } from '@/ui/size'
import { wantedOf, type Wanted } from '@/ui/words'
import { choiceOf, having } from './choice'
import classes from './Targets.module.css'

/** On which nodes a job would run now, and why on those. */
export function Targets({ job }: { job: Job }) {
  const query = useQuery(jobPreviewQuery(job.name))
  const wanted = wantedOf(job)
  return (
    <Panel title="Where it would run now">
      <Loaded query={query} what="the target nodes" lines={3}>
        {({ targets }) =>
          targets.count === 0 ? (
            <Nowhere wanted={wanted} matching={targets.matching} />
          ) : (
            <Chosen targets={targets} wanted={wanted} />
          )
        }
      </Loaded>
    </Panel>
  )
}

function Chosen({ targets, wanted }: { targets: Preview['targets']; wanted: Wanted[] }) {
  const { before, names, after } = choiceOf(targets)
  return (
    <>
      <div className={classes.nodes}>
        <span>{before}</span>
        {names.map(node => (
          <PlainLink key={node} to="/nodes/$node" params={{ node }} className={classes.node}>
            <Icon name="server" size={13} />
            {node}
          </PlainLink>
        ))}
        {after && <span>{after}</span>}
      </div>
      {wanted.length ? (
        <Tags wanted={wanted} />
      ) : (
        <Text size="sm" c="dimmed" mt={8}>
          It wants no tags, so it runs on every node.
        </Text>
      )}
    </>
  )
}

function Nowhere({ wanted, matching }: { wanted: Wanted[]; matching: string[] }) {
  const none = matching.length > 0
  return (
    <div className={classes.nowhere} data-tone="bad">
      <div className={classes.warning}>
        <Icon name="alert" size={16} />
        {none ? 'It takes no node' : 'No live node matches its tags'}
      </div>
      <Text size="sm">
        {none
          ? 'A count of 0 takes none of those that match.'
          : 'A launch waits ten seconds for one, and then ends without having run. Start an agent with these tags, or change what the job wants.'}
      </Text>
      <Tags wanted={wanted} />
      <Text size="sm" mt={6}>
        <Link to="/nodes" inherit>
          See the nodes and their tags
        </Link>
      </Text>
    </div>
  )
}

/** What it wants, and how many nodes have each of it. */
function Tags({ wanted }: { wanted: Wanted[] }) {
  const members = useQuery(membersQuery).data
  return (
    <ul className={classes.tags} aria-label="Tags that a node needs">
      {wanted.map(tag => {
        const n = members && having(members, tag)
        return (
          <li key={tag.key}>
            <code>
              {tag.key}={tag.value}
            </code>
            <span>
              {n !== undefined &&
                `${n === 0 ? 'no live node has it' : `${counted(n, 'live node')} ${n === 1 ? 'has' : 'have'} it`}`}
              {tag.count !== undefined && `${n === undefined ? '' : ', '}it takes ${tag.count}`}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
