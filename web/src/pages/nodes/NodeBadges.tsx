import { Badge, Group, Tooltip } from '@mantine/core'
import { conditionOf, type Node } from './node'
import classes from './Nodes.module.css'

/** A node's health as a coloured dot with its word. */
export function Condition({ node }: { node: Node }) {
  const { tone, label, why } = conditionOf(node)
  return (
    <Tooltip label={why} openDelay={300} multiline maw={300}>
      <span className={classes.condition} data-tone={tone}>
        <i />
        {label}
      </span>
    </Tooltip>
  )
}

/** A node's role in the cluster. */
export function Role({ node }: { node: Node }) {
  const { server } = node
  if (!node.isServer)
    return (
      <Badge variant="default" className={classes.badge}>
        agent
      </Badge>
    )
  return (
    <Group gap={4} className={classes.role}>
      <Badge variant="default">server</Badge>
      {server?.leader && <Badge>leader</Badge>}
      {server && !server.voter && <Badge variant="default">no vote</Badge>}
    </Group>
  )
}

export function Tags({ tags }: { tags: [string, string][] }) {
  return (
    <span className={classes.tags}>
      {tags.map(([key, value]) => (
        <code key={key}>
          {key}={value}
        </code>
      ))}
    </span>
  )
}
