import { useQuery } from '@tanstack/react-query'
import { clusterQuery, membersQuery, nodesQuery } from '@/api/cluster'
import { runningQuery } from '@/api/executions'
import { nodesOf } from './node'

/** All nodes. Requires the list of members; server states, executions and loads are added if they could be loaded. */
export function useNodes() {
  const members = useQuery(membersQuery)
  const cluster = useQuery(clusterQuery)
  const running = useQuery(runningQuery)
  const loads = useQuery(nodesQuery)
  const data =
    members.data && nodesOf(members.data, cluster.data?.servers ?? [], running.data?.items ?? [], loads.data ?? [])
  return { data, error: members.error, refetch: members.refetch, cluster: cluster.data }
}
