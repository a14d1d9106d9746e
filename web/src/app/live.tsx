import { useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react'
import { Live, type Liveness } from '@/api/live'
import { signedOut } from '@/api/signedOut'

const Context = createContext<Live | undefined>(undefined)

/** Keeps the page’s data up to date with the cluster while mounted. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient()
  const [live] = useState(() => new Live(queries))
  const out = useSyncExternalStore(signedOut.subscribe, signedOut.state)
  useEffect(() => (out ? undefined : live.start()), [live, out])
  return <Context value={live}>{children}</Context>
}

/** How the page currently learns of changes. */
export function useLiveness(): Liveness {
  const live = useContext(Context)
  return useSyncExternalStore(live?.subscribe ?? idle, live?.state ?? connecting)
}

const idle = () => () => {}
const connecting = (): Liveness => 'connecting'
