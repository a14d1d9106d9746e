import { useEffect } from 'react'
import { answers } from '@/api/client'

const every = 2000 // ms between two looks at the server
const rest = 60_000 // ms between two reloads: a part that is missing for good must not reload the page for ever
const key = 'dkron.reloaded'

/** Loads the page again as soon as the server answers. */
export function useReload(active: boolean) {
  useEffect(() => {
    if (!active || Date.now() - Number(sessionStorage.getItem(key)) < rest) return
    const timer = setInterval(() => void look(), every)
    const look = async () => {
      if (!(await answers())) return
      clearInterval(timer)
      sessionStorage.setItem(key, String(Date.now()))
      reload()
    }
    return () => clearInterval(timer)
  }, [active])
}

export const reload = () => globalThis.location.reload()
