/** The text of a 404 that has none. */
export const nothing = 'There is no such thing here.'

/** What went wrong with a request, as the server said it. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    /** HTTP status; 0 if there was no answer at all. */
    readonly status: number,
    message: string,
  ) {
    super(message)
  }

  /** Whether the same request may succeed shortly: nobody led, or the server did not answer. */
  get passing(): boolean {
    return [0, 502, 503, 504].includes(this.status)
  }
}

/** What a reader can do about an error; empty if its text says all. */
export function advice(error: Error): string {
  if (!(error instanceof ApiError))
    return 'This is a mistake of the page. Reload it; if it comes back, please report it.'
  switch (error.status) {
    case 0:
      return 'This server does not answer. The page goes on by itself when it does; another server of the cluster shows the same page.'
    case 404:
      if (error.message !== nothing) return ''
      return 'It may have been deleted, or its history is no longer kept.'
    case 413:
      return 'Split it, or send it in a smaller form.'
    case 502:
    case 503:
      return 'The cluster is choosing a leader, or new jobs are paused. Try again in a moment.'
    case 504:
      return 'The change may have been made or not: look before you try again.'
    case 500:
      return 'The log of the server says more.'
    default:
      return ''
  }
}
