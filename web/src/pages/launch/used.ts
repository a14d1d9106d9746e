import { bytes } from '@/ui/size'
import { took } from '@/ui/time'

interface Used {
  cpu_seconds?: number | null
  max_rss?: number | null
  memory_limit?: number | null
}

/** What was used, as far as it is known: `CPU 1.2 s, memory at most 48 MiB, limit 100 MiB`. */
export function usedWords({ cpu_seconds: cpu, max_rss: memory, memory_limit: limit }: Used): string {
  const words = []
  if (cpu != null) words.push(`CPU ${took(cpu * 1000)}`)
  if (memory != null) words.push(`memory at most ${bytes(memory)}`)
  if (limit != null) words.push(`limit ${bytes(limit)}`)
  return words.join(', ')
}
