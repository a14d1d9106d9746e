import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The program under test; `make build` makes it, with the page in it. */
const binary = () => process.env.DKRON_BINARY ?? fileURLToPath(new URL('../../bin/dkron', import.meta.url))

const patience = 30_000 // ms to wait for any condition

export interface NodePlan {
  name: string
  server: boolean
  tags?: Record<string, string>
  /** Copies of the example of a plugin that it has, by name. */
  plugins?: string[]
  /** Whether it asks its clients for tokens. */
  acl?: boolean
  /** Whether it has a key for secrets. */
  secrets?: boolean
  /** The groups, separated by commas, of the person who signs in with a provider, if it offers one. `ops` may run jobs. */
  openID?: string
}

export const threeServers: NodePlan[] = ['s1', 's2', 's3'].map(name => ({
  name,
  server: true,
  tags: { at: name },
}))

interface Node extends NodePlan {
  http: number
  gossip: number
  rpc: number
  process?: ChildProcess
}

/** Real processes on loopback, which form a cluster as they would on separate machines. */
export class Cluster {
  /** A directory for files, deleted with the cluster. */
  readonly directory = mkdtempSync(join(tmpdir(), 'dkron-page-'))
  /** The secret of the first token; empty without access control. */
  secret = ''
  private provider?: Provider

  private constructor(private readonly nodes: Node[]) {}

  static async start(plan: NodePlan[] = threeServers): Promise<Cluster> {
    const ports = await freePorts(plan.length * 3)
    const cluster = new Cluster(plan.map(p => ({ ...p, http: ports.pop()!, gossip: ports.pop()!, rpc: ports.pop()! })))
    cluster.install()
    const offering = cluster.nodes.find(n => n.openID)
    if (offering) cluster.provider = await Provider.start(cluster.directory, offering)
    for (const node of cluster.nodes) cluster.spawn(node)
    if (plan.some(p => p.acl))
      cluster.secret = await until('there is a first token', async () => (await cluster.token('bootstrap')).secret)
    await until('every node has joined', async () => {
      const members = await cluster.get<{ statusText: string }[]>('v1/members')
      return members.filter(m => m.statusText === 'alive').length === plan.length
    })
    await until('a server leads', () => cluster.leader())
    return cluster
  }

  /** The file of a node's plugin. */
  plugin(node: string, name: string): string {
    return join(this.directory, `of-${node}`, 'plugins', `dkron-executor-${name}`)
  }

  private install() {
    if (!this.nodes.some(n => n.plugins)) return
    const built = join(this.directory, 'hello')
    const root = fileURLToPath(new URL('../..', import.meta.url))
    execFileSync('go', ['build', '-o', built, './plugin/example/dkron-executor-hello'], { cwd: root })
    for (const { name, plugins } of this.nodes)
      for (const plugin of plugins ?? []) {
        const file = this.plugin(name, plugin)
        mkdirSync(dirname(file), { recursive: true })
        copyFileSync(built, file)
        writeFileSync(join(this.directory, `of-${name}`, 'dkron.yml'), 'enable-prometheus: true\n')
      }
  }

  private spawn(node: Node) {
    const servers = this.nodes.filter(n => n.server)
    const log = openSync(join(this.directory, `${node.name}.log`), 'a')
    const flags = [
      'agent',
      `--node-name=${node.name}`,
      `--bind-addr=127.0.0.1:${node.gossip}`,
      `--rpc-port=${node.rpc}`,
      `--data-dir=${join(this.directory, node.name)}`,
      '--profile=local',
      '--raft-multiplier=3', // a busy machine must not lose its leader
      '--retry-interval=1s',
      '--drain-timeout=1s',
      ...servers.map(s => `--retry-join=127.0.0.1:${s.gossip}`),
      ...Object.entries(node.tags ?? {}).map(([key, value]) => `--tag=${key}=${value}`),
    ]
    if (node.acl) flags.push('--acl-enabled')
    if (node.plugins) flags.push(`--config=${join(this.directory, `of-${node.name}`, 'dkron.yml')}`)
    if (node.server)
      flags.push('--server', `--bootstrap-expect=${servers.length}`, `--http-addr=127.0.0.1:${node.http}`)
    if (node.openID && this.provider) flags.push(...this.provider.flags)
    const env = {
      ...process.env,
      ...(node.secrets && { DKRON_SECRETS_KEY: Buffer.alloc(32, 7).toString('base64') }),
      ...(node.openID && { DKRON_OIDC_CLIENT_SECRET: 'a secret for tests' }),
    }
    node.process = spawn(binary(), flags, { stdio: ['ignore', log, log], env })
  }

  /** The address of a server, the first unless it is named, with a slash at its end. */
  url(name?: string): string {
    return `http://127.0.0.1:${this.find(name).http}/`
  }

  /** The names of running servers. */
  servers(): string[] {
    return this.nodes.filter(n => n.server && n.process).map(n => n.name)
  }

  /** The leader's name; undefined if no running server knows a running leader. */
  async leader(): Promise<string | undefined> {
    for (const name of this.servers()) {
      try {
        const { Name } = await this.get<{ Name: string }>('v1/leader', name)
        if (this.servers().includes(Name)) return Name
      } catch {
        // It is not up yet, or there is no leader.
      }
    }
    return undefined
  }

  /** Kills a node as a power failure would. */
  async kill(name: string) {
    const node = this.find(name)
    await end(node, 'SIGKILL')
  }

  /** Restarts a killed server on its old data, and waits until it takes requests. */
  async restart(name: string) {
    this.spawn(this.find(name))
    await until(`${name} is ready`, () => this.get('ready', name))
  }

  async get<T>(path: string, name?: string): Promise<T> {
    const answer = await fetch(this.url(name) + path, { headers: this.headers() })
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }

  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.url() + path, {
      method,
      headers: this.headers(),
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }

  private headers(): Record<string, string> {
    const type = { 'Content-Type': 'application/json' }
    return this.secret ? { ...type, Authorization: `Bearer ${this.secret}` } : type
  }

  /** Makes a token. */
  token(of: 'tokens' | 'bootstrap', body?: object): Promise<{ secret: string; accessor: string }> {
    return this.send('POST', `v1/acl/${of}`, body)
  }

  /** Stores jobs. */
  async jobs(...jobs: object[]) {
    for (let i = 0; i < jobs.length; i += 5000) await this.send('POST', 'v1/restore', jobs.slice(i, i + 5000))
  }

  async stop() {
    await Promise.all([...this.nodes, this.provider ?? {}].map(node => end(node, 'SIGKILL')))
    rmSync(this.directory, { recursive: true, force: true })
  }

  private find(name?: string): Node {
    const node = this.nodes.find(n => (name ? n.name === name : n.server && n.process))
    if (!node) throw new Error(`no node ${name ?? 'runs'}`)
    return node
  }
}

/** An OpenID Connect provider as a process of its own. */
class Provider {
  process?: ChildProcess
  private constructor(readonly flags: string[]) {}

  static async start(directory: string, node: Node): Promise<Provider> {
    const file = join(directory, 'provider')
    const root = fileURLToPath(new URL('../..', import.meta.url))
    execFileSync('go', ['build', '-o', file, './test/idp/serve'], { cwd: root })
    const redirect = `http://127.0.0.1:${node.http}/v1/signin/openid/callback`
    const child = spawn(file, [`--redirect=${redirect}`, `--groups=${node.openID}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const first = await new Promise<string>((resolve, reject) => {
      child.once('exit', () => reject(new Error('the provider has ended')))
      child.stdout.once('data', (data: Buffer) => resolve(data.toString()))
    })
    const [issuer, client] = first.trim().split(' ')
    const provider = new Provider([
      `--oidc-issuer=${issuer}`,
      `--oidc-client-id=${client}`,
      '--oidc-roles=ops=operator',
      '--oidc-name=Example Corp',
    ])
    provider.process = child
    return provider
  }
}

async function end(node: { process?: ChildProcess }, signal: NodeJS.Signals) {
  const child = node.process
  node.process = undefined
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise(resolve => child.once('exit', resolve))
  child.kill(signal)
  await exited
}

// Ports are below those from which the kernel takes one for an outgoing connection (32768 and above on Linux): a browser
// makes many, and one could take a port before the server listens there.
async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  for (let port = 10_000 + Math.floor(Math.random() * 20_000); ports.length < count; port++) {
    if (await isFree(port)) {
      ports.push(port)
    }
  }
  return ports
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Waits for a condition. An error counts as not yet. */
export async function until<T>(what: string, condition: () => Promise<T>, most = patience): Promise<NonNullable<T>> {
  const deadline = Date.now() + most
  let last: unknown
  while (Date.now() < deadline) {
    try {
      const value = await condition()
      if (value) return value
      last = value
    } catch (error) {
      last = error
    }
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`waited ${most / 1000} s until ${what}; last: ${String(last)}`)
}
