/** Why the server answers nothing: nobody is signed in. */
export interface SignedOut {
  /** Whether the server takes tokens; else only the browser can ask for a name and a password. */
  tokens: boolean
}

let out: SignedOut | undefined
let turn = 0 // grows with each sign-in: an answer to a request from before says nothing about now
const watchers = new Set<() => void>()

function become(next: SignedOut | undefined) {
  if (Boolean(next) === Boolean(out)) return
  out = next
  for (const watcher of watchers) watcher()
}

/** Whether the server has refused to answer because nobody is signed in. */
export const signedOut = {
  state: () => out,
  turn: () => turn,
  subscribe(watcher: () => void) {
    watchers.add(watcher)
    return () => void watchers.delete(watcher)
  },
  /** Notes that nobody is signed in, with the schemes that the server offered. */
  begin: (schemes: string | null) => become({ tokens: !schemes || schemes.includes('Bearer') }),
  /** Notes that somebody is signed in. */
  end() {
    turn++
    become(undefined)
  },
}
