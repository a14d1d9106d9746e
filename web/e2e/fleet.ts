import { until, type Cluster, type NodePlan } from './cluster.ts'

/** A realistic fleet, for screenshots and for tests that need a bit of everything. */
export const fleet: NodePlan[] = [
  { name: 'dk1', server: true, tags: { zone: 'a' } },
  { name: 'dk2', server: true, tags: { zone: 'b' } },
  { name: 'dk3', server: true, tags: { zone: 'c' } },
  { name: 'web-1', server: false, tags: { role: 'web', zone: 'a' } },
  { name: 'web-2', server: false, tags: { role: 'web', zone: 'b' } },
  { name: 'db-1', server: false, tags: { role: 'db', zone: 'c' } },
]

const shell = (command: string, more: Record<string, string> = {}) => ({
  executor: 'shell',
  executor_config: { shell: 'true', command, ...more },
})

const platform = { owner: 'platform', owner_email: 'platform@example.com', metadata: { team: 'platform', tier: '1' } }
const data = { owner: 'data', owner_email: 'data@example.com', metadata: { team: 'data', tier: '2' } }

/** Writes coloured lines for a while, as builds and deployments do. */
export const rollout = `for i in $(seq 1 \${STEPS:-40}); do
  printf '\\033[90m%s\\033[0m \\033[36mstep %02d\\033[0m moving traffic to the new release\\n' "$(date +%T)" $i
  [ $((i % 7)) = 0 ] && printf '\\033[33mwarning:\\033[0m 1 request was retried\\n'
  sleep 0.25
done
printf '\\033[1;32mdone\\033[0m\\n'`

export const fleetJobs = [
  {
    name: 'heartbeat',
    displayname: 'Heartbeat',
    schedule: '@every 5s',
    tags: { role: 'web' },
    ...shell('uptime'),
    ...platform,
  },
  {
    name: 'cert-check',
    displayname: 'Certificate check',
    schedule: '0 */2 * * * *',
    tags: { role: 'web:1' },
    ...shell('echo "42 certificates, the next expires in 61 days"'),
    ...platform,
  },
  {
    name: 'queue-depth',
    displayname: 'Queue depth',
    schedule: '@every 12s',
    tags: { role: 'db' },
    ...shell(
      'n=$(date +%s); echo $((n % 40)) messages; [ $((n % 7)) != 0 ] || { echo "broker refused the connection" >&2; exit 3; }',
    ),
    ...platform,
  },
  {
    name: 'db-backup',
    displayname: 'Database backup',
    schedule: '0 30 3 * * *',
    timezone: 'Europe/Berlin',
    tags: { role: 'db:1' },
    concurrency: 'forbid',
    retries: 2,
    ...shell(
      'echo dumping 214 tables; sleep 0.$(date +%N | cut -c1-2); [ $(($(date +%s) % 5)) != 0 ] || { echo "the replica is too far behind" >&2; exit 2; }; echo 8.1 GB written',
      { timeout: '2h' },
    ),
    ...data,
  },
  {
    name: 'backup-verify',
    displayname: 'Verify the backup',
    parents: [{ job: 'db-backup' }],
    tags: { role: 'db:1' },
    ...shell('echo restored 214 tables; sleep 0.7; echo row counts agree'),
    ...data,
  },
  {
    name: 'extract',
    displayname: 'Extract orders',
    schedule: '0 0 * * * *',
    tags: { role: 'db:1' },
    ...shell('echo 12,480 orders'),
    ...data,
  },
  {
    name: 'transform',
    displayname: 'Transform orders',
    parents: [{ job: 'extract' }],
    tags: { role: 'web:1' },
    ...shell('echo 12,480 rows; sleep 0.5'),
    ...data,
  },
  {
    name: 'load',
    displayname: 'Load warehouse',
    parents: [{ job: 'transform' }],
    tags: { role: 'db:1' },
    ...shell('echo loaded; sleep 0.4'),
    ...data,
  },
  {
    name: 'report',
    displayname: 'Daily report',
    parents: [{ job: 'load' }, { job: 'backup-verify', on: 'always' }],
    parents_join: 'any',
    tags: { role: 'web:1' },
    ...shell('echo sent to 31 readers'),
    ...data,
  },
  {
    name: 'alert-data-team',
    displayname: 'Alert the data team',
    parents: [{ job: 'load', on: 'failure' }],
    tags: { role: 'web:1' },
    ...shell('echo paged'),
    ...data,
  },
  {
    name: 'rollout',
    displayname: 'Roll out a release',
    schedule: '@manually',
    tags: { role: 'web' },
    concurrency: 'queue',
    ...shell(rollout),
    ...platform,
  },
  {
    name: 'log-rotation',
    displayname: 'Log rotation',
    schedule: '0 0 4 * * *',
    ...shell('echo rotated 18 files'),
    ...platform,
  },
  {
    name: 'invoice-run',
    displayname: 'Invoice run',
    schedule: '0 0 6 1 * *',
    timezone: 'America/New_York',
    tags: { role: 'db:1' },
    ...shell('echo 3,102 invoices'),
    owner: 'billing',
    metadata: { team: 'billing', tier: '1' },
  },
  {
    name: 'gpu-training',
    displayname: 'Train the model',
    schedule: '@every 45s',
    tags: { role: 'gpu:1' },
    ...shell('echo training'),
    ...data,
  },
  {
    name: 'slow-export',
    displayname: 'Slow export',
    schedule: '@every 20s',
    concurrency: 'forbid',
    tags: { role: 'db:1' },
    ...shell('for i in $(seq 1 35); do echo "chunk $i of 35"; sleep 1; done'),
    ...data,
  },
  {
    name: 'legacy-sync',
    displayname: 'Legacy sync',
    schedule: '0 15 * * * *',
    disabled: true,
    ...shell('echo nothing'),
    owner: 'billing',
    metadata: { team: 'billing' },
  },
  {
    name: 'broken-probe',
    displayname: 'Broken probe',
    schedule: '@every 30s',
    tags: { role: 'web:1' },
    retries: 1,
    ...shell('echo "connecting to 10.2.0.9:5432"; echo "connection refused" >&2; exit 7'),
    ...platform,
  },
]

/** Stores the fleet's jobs and lets them run until there is some history. */
export async function settle(cluster: Cluster) {
  await cluster.jobs(...fleetJobs)
  for (const job of ['extract', 'db-backup', 'cert-check', 'log-rotation'])
    await cluster.send('POST', `v1/jobs/${job}/run`)
  await until('reports were written', async () => {
    const report = await cluster.get<{ success_count: number }>('v1/jobs/report')
    return report.success_count >= 1
  })
  await until('something failed', async () => {
    const probe = await cluster.get<{ error_count: number }>('v1/jobs/broken-probe')
    return probe.error_count >= 1
  })
}
