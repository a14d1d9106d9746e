import { ApiError } from '@/api/error'

/** A part of the page, loaded on demand, that the server did not give. */
export class PartError extends ApiError {
  constructor() {
    super(0, 'A part of the page could not be loaded from the server.')
  }
}

/**
 * Loads a part of the page. Once that failed the whole page has to be loaded again: the styles of the part count as
 * loaded, and after an upgrade the part has another name.
 */
export function part<T>(load: () => Promise<T>): () => Promise<T> {
  let failed = false
  return async () => {
    if (failed) throw new PartError()
    try {
      return await load()
    } catch {
      failed = true
      throw new PartError()
    }
  }
}
