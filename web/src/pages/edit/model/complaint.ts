/** An error text of the server, and the field that it is about. */
export interface Complaint {
  /** A path in the definition such as `catchup.window`; empty if it is not about one field. */
  field: string
  text: string
}

const openings: readonly [RegExp, string][] = [
  [/^can't parse job schedule: unknown time zone/, 'timezone'],
  [/^can't parse job schedule/, 'schedule'],
  [/^invalid concurrency/, 'concurrency'],
  [/^error parsing job timeout/i, 'executor_config.timeout'],
  [/^error parsing job memory/i, 'executor_config.mem_limit'],
  [/^error parsing job kill_grace/i, 'executor_config.kill_grace'],
  [/^(specified parent job|the job can not have itself|parent "|would be its own ancestor)/, 'parents'],
]

const fields = new Set(
  `name displayname schedule timezone owner owner_email disabled tags metadata executor executor_config processors
  concurrency queue_limit retries retry_on retry_backoff retry_lost parent_job parents parents_join ephemeral catchup dst
  history starts_at expires_at confirm notes channels objectives`.split(/\s+/),
)

/** Finds the field that an error text is about by how the text begins. */
export function complaintOf(message: string): Complaint {
  const text = message
    .replace(/^(Unable to (restore|parse payload)|Job validation failed): /, '')
    .replace(/^job "(?:[^"\\]|\\.)*":? /, '')
  const said = text.charAt(0).toUpperCase() + text.slice(1)
  for (const [opening, field] of openings) if (opening.test(text)) return { field, text: said }
  const named = /^(?:invalid )?([a-z_]+(?:\[\d+\])?(?:\.[^\s,]+)?)/.exec(text)?.[1] ?? ''
  const path = named.replace(/:$/, '')
  return { field: fields.has(path.split(/[.[]/, 1)[0]!) ? path : '', text: said }
}

/** The fields that may show a message about a path, the nearest first: `parents[0].on`, `parents`. */
export function placesOf(path: string): string[] {
  const places = [path]
  for (let at = path; ;) {
    const cut = Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))
    if (cut < 0) return places
    at = at.slice(0, cut)
    places.push(at)
  }
}
