import { useEffect, useRef, useState, type FormEvent } from 'react'

/** The field that an error text of the server is about: `settings.url` of “settings.url is not an address”. */
export function fieldOf(message: string, fields: readonly string[]): string | undefined {
  const path = /^[a-z_]+(\.[a-z_]+)?/.exec(message)?.[0] ?? ''
  return [path, path.split('.', 1)[0]!].find(name => fields.includes(name))
}

/** What a form shows while it is saved and after the server refused it. */
export interface Saving {
  busy: boolean
  /** The server's text for a field. */
  errorOf: (field: string) => string | undefined
  /** An error that is about none of the fields. */
  rest: Error | undefined
  /** Does something with what was filled in. Returns undefined, and shows the error, if it fails. */
  attempt: <T>(action: () => Promise<T>) => Promise<T | undefined>
}

/** A form that shows each error at its field, and puts the focus there. */
export function useSaving(fields: readonly string[]) {
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const field = error && fieldOf(error.message, fields)

  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>(':is(input, select, textarea)[aria-invalid="true"]')?.focus()
  }, [error])

  const saving: Saving = {
    busy,
    errorOf: name => (name === field ? error?.message : undefined),
    rest: field ? undefined : error,
    async attempt(action) {
      setBusy(true)
      setError(undefined)
      try {
        return await action()
      } catch (failure) {
        setError(failure instanceof Error ? failure : new Error(String(failure)))
        return undefined
      } finally {
        setBusy(false)
      }
    },
  }
  return { form, saving }
}

/** For `onSubmit`. */
export const submitting = (action: () => unknown) => (event: FormEvent) => {
  event.preventDefault()
  void action()
}

/** Values without those that are empty. */
export const filled = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ''))
