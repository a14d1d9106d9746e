import { Alert } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { clusterQuery } from '@/api/cluster'
import { Icon } from '@/ui/Icon'

/** Warnings that healthy servers report to the operator, such as a clock that jumped. */
export function Notices() {
  const cluster = useQuery({ ...clusterQuery, refetchInterval: 30_000 })
  const lines = (cluster.data?.servers ?? []).flatMap(server =>
    server.notices.map(text => ({ key: `${server.name} ${text}`, text: `${server.name}: ${text}` })),
  )
  if (lines.length === 0) return null
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<Icon name="alert" />}
      title="Reported by the servers"
      mb="md"
      role="alert"
    >
      {lines.map(line => (
        <div key={line.key}>{line.text}</div>
      ))}
    </Alert>
  )
}
