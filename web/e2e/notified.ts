import { until, type Cluster } from './cluster.ts'

const channels = {
  'platform-on-call': (hook: string) => ({ type: 'webhook', settings: { url: hook } }),
  // Nobody listens there: its messages wait.
  'data-team': () => ({
    type: 'mail',
    settings: { to: 'data@example.com', host: '127.0.0.1', port: '9', from: 'dkron@example.com' },
  }),
}

const rules = {
  platform: {
    on: ['first_failure', 'lost', 'missed', 'no_target', 'recovered'],
    match: { owner: 'platform' },
    channels: ['platform-on-call'],
    severity: 'critical',
    remind: '4h',
  },
  'data-pipelines': {
    on: ['failed', 'no_target', 'objective', 'recovered'],
    match: { owner: 'data' },
    channels: ['data-team'],
    severity: 'warning',
  },
  'runs-long': {
    on: ['long_running'],
    channels: ['data-team', 'platform-on-call'],
    severity: 'info',
    quiet: { from: '22:00', to: '07:00', zone: 'Europe/Berlin' },
  },
}

/** What people expect of jobs of the fleet: some of it is not met. */
const objectives: Record<string, object> = {
  'db-backup': { deadline: 'mon-fri 06:00', max_silence: '26h' },
  'slow-export': { expected_duration: '25s', max_lateness: '1m' },
  'broken-probe': { max_silence: '1m' },
  'gpu-training': { max_lateness: '30s' },
}

/**
 * Has people notified as a company does: what is delivered and what can't be, an alert that somebody acknowledged, silences,
 * and objectives. `hook` is what takes their webhooks.
 */
export async function notified(cluster: Cluster, hook: string) {
  for (const [name, channel] of Object.entries(channels))
    await cluster.send('PUT', `v1/channels/${name}`, channel(hook))
  for (const [name, rule] of Object.entries(rules)) await cluster.send('PUT', `v1/rules/${name}`, rule)
  for (const [name, expected] of Object.entries(objectives)) {
    const job = await cluster.get<object>(`v1/jobs/${name}`)
    await cluster.send('PUT', `v1/jobs/${name}`, { ...job, objectives: expected })
  }
  const silence = (match: object, reason: string, more: object) =>
    cluster.send('POST', 'v1/silences', { match, reason, ...more })
  await silence({ owner: 'billing' }, 'the ledger moves to the new database', { duration: '2h' })
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  await silence({ jobs: ['vacuum-*'], tags: { role: 'db' } }, 'disks are replaced', { from: tomorrow, until: new Date(Date.now() + 100_000_000).toISOString() }) // prettier-ignore

  // It succeeds once: what fails after that is news, unlike the failures before there were rules.
  await cluster.jobs({
    name: 'mirror-packages',
    displayname: 'Mirror packages',
    schedule: '@manually',
    tags: { role: 'web:1' },
    executor: 'shell',
    executor_config: {
      shell: 'true',
      command: `echo 412 packages; mkdir ${cluster.directory}/mirrored || { echo "no space left on device" >&2; exit 28; }`,
    },
    owner: 'platform',
  })
  for (let i = 0; i < 2; i++) await cluster.send('POST', 'v1/jobs/mirror-packages/run?wait')
  interface Alert {
    number: number
    job: string
  }
  const all = await until(
    'there are alerts',
    async () => {
      const alerts = await cluster.get<Alert[]>('v1/alerts')
      const jobs = new Set(alerts.map(alert => alert.job))
      return ['mirror-packages', 'gpu-training'].every(job => jobs.has(job)) ? alerts : undefined
    },
    120_000,
  )
  const { number } = all.find(alert => alert.job === 'mirror-packages')!
  await cluster.send('POST', `v1/alerts/${number}/ack`, { note: 'I free some space' })
  const broken = () => cluster.get<object[]>('v1/objectives?state=broken')
  await until('an objective is not met', async () => (await broken()).length > 1, 120_000)
}
