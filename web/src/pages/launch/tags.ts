/** Tags of a job as words: `role: web (1 of them)`. The number behind the colon of a tag's value is how many nodes it takes. */
export function tagText(tags: Record<string, string> | null | undefined): string {
  return Object.entries(tags ?? {})
    .map(([key, value]) => {
      const [, wanted, most] = /^(.*?)(?::(\d+))?$/.exec(value) ?? []
      return most ? `${key}=${wanted} (${most} of them)` : `${key}=${value}`
    })
    .join(', ')
}
