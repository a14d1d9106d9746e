/** The text while submissions are paused. */
export const frozen = 'Job changes are frozen.'

/** The text for a 404 without one. */
export const nothing = 'Not found.'

/** A failed request, with the server’s text. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    /** HTTP status; 0 if there was no answer at all. */
    readonly status: number,
    message: string,
  ) {
    super(message)
  }

  /** Whether the same request may succeed shortly: there was no leader, or the server did not answer. */
  get passing(): boolean {
    return [0, 502, 503, 504].includes(this.status)
  }
}

/** What to do about an error; empty if its own text says it. */
export function advice(error: Error): string {
  if (!(error instanceof ApiError))
    return 'This is a bug in the page. Reload it; if it happens again, please report it.'
  switch (error.status) {
    case 0:
      return 'The page reconnects by itself; every other server shows the same page.'
    case 403:
      return error.message.startsWith('token ') ? 'Ask whoever manages the tokens of this cluster for that right.' : ''
    case 404:
      if (error.message !== nothing) return ''
      return 'It may have been deleted, or its history has expired.'
    case 413:
      return 'Split it into smaller parts.'
    case 502:
    case 503:
      if (error.message === frozen) return 'Unfreeze them in Settings.'
      return error.message.includes('try again') ? '' : 'Try again in a moment.'
    case 504:
      return 'The change may or may not have been made: check before you try again.'
    case 500:
      return 'See the server’s log.'
    default:
      return ''
  }
}
