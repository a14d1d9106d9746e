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

/** The nodes that a job would run on now, and why. */
export function Targets({ job }: { job: Job }) {
  const query = useQuery(jobPreviewQuery(job.name))
  const wanted = wantedOf(job)
  return (
    <Panel title="Target nodes now">
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
          It has no tags, so it runs on every node.
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
        {none ? 'Its count selects no node' : 'No live node matches its tags'}
      </div>
      <Text size="sm">
        {none
          ? 'A count of 0 selects none of the matching nodes.'
          : 'A launch waits ten seconds, then ends without having run. Start an agent with these tags, or change the job’s tags.'}
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

/** The job's tags, and how many nodes have each. */
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
              {n !== undefined && `${n === 0 ? 'no live node' : counted(n, 'live node')}`}
              {tag.count !== undefined && `${n === undefined ? '' : ', '}needs ${tag.count}`}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
