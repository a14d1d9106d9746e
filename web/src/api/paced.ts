/**
 * Sums over very many records are not read again at each event: a busy cluster would have them read all the time. The pause
 * between two reads is twenty times as long as the answer took.
 */

const least = 2000 // ms
const most = 60_000

/** An answer, with the milliseconds until the next read. */
export async function paced<T extends object>(read: () => Promise<T>): Promise<T & { pause: number }> {
  const begun = performance.now()
  const found = await read()
  const pause = Math.min(Math.max(20 * (performance.now() - begun), least), most)
  return { ...found, pause: Math.round(pause / 1000) * 1000 }
}

export const pauseOf = (query: { state: { data?: { pause: number } } }) => query.state.data?.pause ?? least
