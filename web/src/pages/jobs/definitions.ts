import type { JobWrite } from '@/api/jobs'

/**
 * The jobs in a text: one, an array, or several YAML documents. Throws an error that says what is wrong and where.
 */
export async function readJobs(text: string): Promise<JobWrite[]> {
  if (!text.trim()) throw new Error('It is empty.')
  const found = /^\s*[[{]/.test(text) ? [json(text)] : await yaml(text)
  const jobs = found.flat()
  if (jobs.length === 0) throw new Error('It contains no job.')
  const names = new Set<string>()
  for (const [i, job] of jobs.entries()) names.add(nameOf(job, i, names))
  return jobs as JobWrite[]
}

function nameOf(job: unknown, i: number, known: Set<string>): string {
  const which = `Entry ${i + 1}`
  if (typeof job !== 'object' || job === null || Array.isArray(job)) throw new Error(`${which} is not a job.`)
  const name = (job as JobWrite).name
  if (typeof name !== 'string' || !name) throw new Error(`${which} has no name.`)
  if (known.has(name)) throw new Error(`${which} repeats the name ${name}.`)
  return name
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`Not valid JSON: ${(error as Error).message}`, { cause: error })
  }
}

async function yaml(text: string): Promise<unknown[]> {
  const { parseAllDocuments } = await import('yaml')
  const documents = parseAllDocuments(text)
  if (!Array.isArray(documents)) return []
  const wrong = documents.flatMap(d => d.errors)[0]
  if (wrong) throw new Error(`Not valid YAML: ${wrong.message.split('\n')[0]}`)
  return documents.map(d => d.toJS() as unknown).filter(d => d !== null)
}
