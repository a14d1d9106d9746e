import { Loaded } from '@/ui/Loaded'

const pending = { data: undefined, error: null, refetch: (() => {}) as never }

/** A placeholder while a part’s code loads. */
export function Outline({ what }: { what: string }) {
  return (
    <Loaded query={pending} what={what} lines={8}>
      {() => null}
    </Loaded>
  )
}
