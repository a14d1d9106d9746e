import type { JobWrite } from '@/api/jobs'

/**
 * The jobs that a text holds: one, an array, or several documents of YAML. Throws an error that says where it is wrong.
 */
export async function readJobs(text: string): Promise<JobWrite[]> {
  if (!text.trim()) throw new Error('There is nothing in it.')
  const found = /^\s*[[{]/.test(text) ? [json(text)] : await yaml(text)
  const jobs = found.flat()
  if (jobs.length === 0) throw new Error('There is no job in it.')
  const names = new Set<string>()
  for (const [i, job] of jobs.entries()) names.add(nameOf(job, i, names))
  return jobs as JobWrite[]
}

function nameOf(job: unknown, i: number, known: Set<string>): string {
  const which = `Entry ${i + 1}`
  if (typeof job !== 'object' || job === null || Array.isArray(job)) throw new Error(`${which} is no job.`)
  const name = (job as JobWrite).name
  if (typeof name !== 'string' || !name) throw new Error(`${which} has no name.`)
  if (known.has(name)) throw new Error(`${which} is a second job with the name ${name}.`)
  return name
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`This is no JSON: ${(error as Error).message}`, { cause: error })
  }
}

async function yaml(text: string): Promise<unknown[]> {
  const { parseAllDocuments } = await import('yaml')
  const documents = parseAllDocuments(text)
  if (!Array.isArray(documents)) return []
  const wrong = documents.flatMap(d => d.errors)[0]
  if (wrong) throw new Error(`This is no YAML: ${wrong.message.split('\n')[0]}`)
  return documents.map(d => d.toJS() as unknown).filter(d => d !== null)
}
