import { createContext, useContext } from 'react'

/** The zone that times are shown in, as Intl takes it; undefined is the browser's. */
export const ZoneContext = createContext<string | undefined>(undefined)

export const useZone = () => useContext(ZoneContext)
