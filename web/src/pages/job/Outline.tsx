import { Loaded } from '@/ui/Loaded'

const pending = { data: undefined, error: null, refetch: (() => {}) as never }

/** In place of a part whose code is on its way. */
export function Outline({ what }: { what: string }) {
  return (
    <Loaded query={pending} what={what} lines={8}>
      {() => null}
    </Loaded>
  )
}
