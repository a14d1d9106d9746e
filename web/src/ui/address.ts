/** Addresses that anybody may have typed: of notes, metadata and the like. */

const linked = new Set(['http:', 'https:', 'mailto:'])

/** The address of a link, if the page may link to it; undefined otherwise. Relative ones are none: they would lead into this page. */
export function linkAddress(text: string): string | undefined {
  try {
    const { protocol, href } = new URL(text.trim())
    return linked.has(protocol) ? href : undefined
  } catch {
    return undefined
  }
}

/** A web address, http or https; undefined if it is none. */
export function webAddress(text: string | undefined): string | undefined {
  const address = text && linkAddress(text)
  return address && /^https?:/.test(address) ? address : undefined
}
