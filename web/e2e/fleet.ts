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
    schedule: '@every 20s',
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
  for (const job of ['extract', 'db-backup', 'cert-check', 'log-rotation', 'broken-probe'])
    await cluster.send('POST', `v1/jobs/${job}/run`)
  await until(
    'reports were written',
    async () => {
      const report = await cluster.get<{ success_count: number }>('v1/jobs/report')
      return report.success_count >= 1
    },
    60_000,
  )
  await until(
    'something failed',
    async () => {
      const probe = await cluster.get<{ error_count: number }>('v1/jobs/broken-probe')
      return probe.error_count >= 1
    },
    90_000,
  ) // it is retried
}

/** The fleet with more of everything: what a company has, and what goes wrong in it. */
export const companyNodes: NodePlan[] = [
  ...fleet,
  { name: 'web-3', server: false, tags: { role: 'web', zone: 'c', rack: 'r12' } }, // dies in `company`
  { name: 'batch-1', server: false, tags: { role: 'batch', zone: 'a' } },
  { name: 'batch-with-a-long-name.eu-central-1.internal', server: false, tags: { role: 'batch', zone: 'b' } },
]

const services = 'search cart login mail images orders stock prices ratings geo ads'.split(' ')
const tables = 'orders users events audit mail search'.split(' ')
const regions = ['emea', 'amer', 'apac']

const commerce = {
  owner: 'commerce',
  owner_email: 'commerce@example.com',
  metadata: { team: 'commerce', tier: '1', runbook: 'https://runbooks.example.com/checkout' },
}

const healthOf = (service: string, i: number) => ({
  name: `health-${service}`,
  displayname: `Health of ${service}`,
  schedule: '@every 1m',
  tags: { role: 'batch:1' },
  ...shell(`echo ${service} answered in $((20 + ${i} * 7)) ms`),
  ...commerce,
})

const vacuum = (table: string, i: number) => ({
  name: `vacuum-${table}`,
  schedule: `0 ${i * 7} 2 * * *`,
  tags: { role: 'db:1' },
  ...shell(`echo vacuumed ${table}`),
  ...platform,
})

/** Some sixty jobs: the fleet's, routine ones that succeed, and one of each kind that somebody tired has to see. */
const companyJobs = (directory: string, url: string) => [
  ...fleetJobs,
  ...services.map(healthOf),
  ...regions.flatMap(region => [
    {
      name: `ledger-${region}`,
      displayname: `Close the ledger, ${region}`,
      schedule: '0 30 23 * * *',
      timezone: { emea: 'Europe/Paris', amer: 'America/New_York', apac: 'Asia/Tokyo' }[region],
      tags: { role: 'db:1' },
      concurrency: 'forbid',
      ...shell(`echo closed ${region}`),
      ...data,
    },
    {
      name: `statements-${region}`,
      parents: [{ job: `ledger-${region}` }],
      tags: { role: 'batch:1' },
      ...shell('echo 1,204 statements'),
      ...data,
    },
  ]),
  ...tables.map(vacuum),
  {
    name: 'health-checkout',
    displayname: 'Health of checkout',
    schedule: '@every 10s',
    tags: { role: 'web:1' },
    ...shell('echo asking checkout; printf "\\033[31mERROR 503 from upstream\\033[0m\\n" >&2; exit 17'),
    ...commerce,
  },
  {
    name: 'crm-sync',
    displayname: 'Sync the CRM',
    schedule: '@every 30s',
    tags: { role: 'batch:1' },
    ...shell('echo page 1 of 90; exec sleep 60', { timeout: '2s' }),
    ...commerce,
  },
  {
    name: 'image-resize',
    schedule: '@every 40s',
    tags: { role: 'batch:1' },
    ...shell('exec head -c 300000000 /dev/zero | tail -c 299999999 | sleep 60', { mem_limit: '20MB' }),
    ...commerce,
  },
  {
    name: 'partner-ping',
    schedule: '@every 20s',
    tags: { role: 'batch:1' },
    executor: 'http',
    executor_config: { method: 'GET', url: `${url}no/such/path`, expectCode: '200' },
    owner: 'partners',
  },
  {
    name: 'search-index',
    displayname: 'Index what was written',
    schedule: '@every 10s',
    tags: { role: 'batch:1' },
    concurrency: 'queue',
    queue_limit: 50,
    ...shell('for i in $(seq 1 300); do echo "segment $i"; sleep 1; done'),
    ...data,
  },
  {
    name: 'feed-poll',
    schedule: '@every 12s',
    tags: { role: 'web:1' },
    concurrency: 'replace',
    ...shell('echo waiting for the feed; exec sleep 40'),
    ...data,
  },
  {
    name: 'cache-rebuild',
    displayname: 'Rebuild the cache',
    schedule: '@manually',
    tags: { role: 'web:1', zone: 'a' }, // not on web-3
    ...shell('echo rebuilding; exec sleep 600'),
    ...platform,
  },
  {
    name: 'thumbnail-import', // usually a moment, but not now
    schedule: '@every 2s',
    tags: { role: 'batch:1' },
    concurrency: 'forbid',
    ...shell(
      `n=$(cat ${directory}/imports 2>/dev/null || echo 0); echo $((n + 1)) > ${directory}/imports; echo import $n; [ $n -lt 4 ] || sleep 900`,
    ),
    ...data,
  },
  {
    name: 'warm-up-rack-12',
    schedule: '@manually',
    tags: { rack: 'r12' },
    ...shell('echo warming up; exec sleep 900'),
    ...platform,
  },
  {
    name: 'chatty-import',
    schedule: '@manually',
    tags: { role: 'batch:1' },
    ...shell(
      'for i in $(seq 1 20000); do printf "\\033[36m%05d\\033[0m row imported, checksum %x\\n" $i $((i * 7919)); done',
    ),
    ...data,
  },
  { name: 'everywhere', displayname: 'Everywhere at once', schedule: '@every 30s', ...shell('hostname'), ...platform },
  {
    name: 'migrate-orders',
    displayname: 'Migrate the orders',
    schedule: '@manually',
    tags: { role: 'db:1' },
    ...shell('echo 1 row'),
    ...data,
  },
  { name: 'once-in-2020', schedule: '@at 2020-02-29T12:00:00Z', ...shell('echo late'), ...platform },
  { name: 'never', schedule: '0 0 31 2 *', ...shell('echo never'), ...platform },
  { name: 'x', schedule: '@hourly', ...shell('true') },
  {
    name: `with-a-name-that-${'goes-on-and-'.repeat(8)}on`,
    displayname: `A display name that ${'goes on and '.repeat(10)}on`,
    schedule: '@daily',
    ...shell('true'),
  },
  {
    name: 'odd_characters',
    displayname: '<b>Bold</b> & "quoted" 📦 — \u202eتقرير\u202c',
    schedule: '@daily',
    ...shell('echo "<script>alert(1)</script>"; exit 1'),
    owner: '<i>nobody</i>',
    metadata: { runbook: 'javascript:alert(1)', '<key>': '"value"' },
  },
]

/**
 * Fills a cluster of `companyNodes` as a company would: failing, late, long-running, stopped, replaced, lost, waiting,
 * chained, chatty, many-noded and oddly named jobs. Takes one to three minutes. Each wait has a limit of its own.
 */
export async function company(cluster: Cluster) {
  await settle(cluster)
  await cluster.jobs(...companyJobs(cluster.directory, cluster.url()))
  const run = (job: string) => cluster.send<{ launch_id: string }>('POST', `v1/jobs/${job}/run`)
  // The second launch of search-index waits, and is late after a minute.
  const first = ['chatty-import', 'odd_characters', 'migrate-orders', 'warm-up-rack-12', 'search-index', 'search-index']
  await Promise.all(first.map(run))
  const rebuild = await run('cache-rebuild')
  const began = (id: string) => async () =>
    (await cluster.get<{ executions: object[] }>(`v1/launches/${id}`)).executions.length > 0
  await until('the cache is being rebuilt', began(rebuild.launch_id), 60_000)
  await cluster.send('POST', `v1/launches/${rebuild.launch_id}/stop?reason=it+was+the+wrong+cache`)
  await until(
    'rack 12 warms up',
    async () => {
      const busy = await cluster.get<{ job_name: string }[]>('v1/busy')
      return busy.some(one => one.job_name === 'warm-up-rack-12')
    },
    60_000,
  )
  await cluster.kill('web-3')
  const ended = (state: string) => async () =>
    (await cluster.get<object[]>(`v1/launches?state=${state}&_end=1`)).length > 0
  const deadline = Date.now() + 240_000
  const inTime = () => Math.max(1000, deadline - Date.now())
  for (const state of ['failed', 'timed_out', 'stopped', 'skipped', 'no_target', 'lost'])
    await until(`a launch is ${state}`, ended(state), inTime())
  for (const health of companyHealth)
    await until(
      `a job is ${health}`,
      async () => (await cluster.get<{ health: Record<string, number> }>('v1/stats')).health[health]! > 0,
      inTime(),
    )
}

/** Each trouble that a job may have, and the calm ones: all of them are in a filled company. */
export const companyHealth = ['failing', 'did_not_run', 'late', 'long_running', 'never_due', 'disabled', 'ok'] as const
