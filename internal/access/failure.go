package access

import (
	"net/netip"
	"time"

	"dkron/internal/clock"
	"dkron/internal/limit"
)

// Limits of failed attempts. The first few cost nothing, so that a typing error does no harm.
const (
	freeFailures   = 5
	longestWait    = 30 * time.Second
	forgetFailures = 10 * time.Minute
	maxFailing     = 10_000 // addresses, and accounts
)

// Attempt is how somebody tries to prove who it is.
type Attempt struct {
	Way     string // attempts in different ways are counted apart
	Address string // of the client
	Account string // the name that it claims, if the way has names
}

// failures slows down who tries secrets: after a few failures, an address has to wait before the next attempt, twice as long
// each time.
//
// Failures for one account are counted too, from all addresses together: who has many addresses gains nothing by them but one
// attempt of each until it is forgotten. An address that has not failed does not wait for its account: else anybody could keep its owner out.
type failures struct {
	addresses *limit.Recent[failure]
	accounts  *limit.Recent[failure]
}

type failure struct {
	count int
	last  time.Time
}

func newFailures() failures {
	return failures{limit.NewRecent[failure](maxFailing), limit.NewRecent[failure](maxFailing)}
}

// keys returns under what the failures of an attempt are counted; the one of the account is empty if it has none.
func (t Attempt) keys() (address, account string) {
	if t.Account != "" {
		hash := key(Hash(t.Account)) // of bounded length
		account = t.Way + " " + string(hash[:])
	}
	return t.Way + " " + networkOf(t.Address), account
}

// networkOf returns what of an address a client can't choose: one machine usually has all addresses of an IPv6 network.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || !ip.Is6() || ip.Is4In6() {
		return address
	}
	network, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return network.String()
}

// Wait returns how long somebody has to wait before the next attempt; 0 if there is no need to.
func (a *Authorizer) Wait(t Attempt) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := clock.Now()
	address, account := t.keys()
	own := a.failed.addresses.Get(address)
	if own.over(now) {
		return 0
	}
	wait := own.wait(now)
	if account != "" {
		wait = max(wait, a.failed.accounts.Get(account).wait(now))
	}
	return wait
}

// Failed notes a failed attempt.
func (a *Authorizer) Failed(t Attempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := clock.Now()
	address, account := t.keys()
	count(a.failed.addresses, address, now)
	if account != "" {
		count(a.failed.accounts, account, now)
	}
}

// Succeeded forgets the failures of an address. Those of the account remain: its owner's requests, which each prove who it is, must
// not give others new attempts.
func (a *Authorizer) Succeeded(t Attempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	address, _ := t.keys()
	a.failed.addresses.Forget(address)
}

func count(of *limit.Recent[failure], key string, now time.Time) {
	f, _ := of.Use(key)
	if f.over(now) {
		*f = failure{}
	}
	f.count, f.last = f.count+1, now
}

// over reports whether there are no failures, or none that still count.
func (f *failure) over(now time.Time) bool {
	return f == nil || f.count == 0 || now.Sub(f.last) > forgetFailures
}

func (f *failure) wait(now time.Time) time.Duration {
	if f.over(now) || f.count < freeFailures {
		return 0
	}
	wait := time.Second << min(f.count-freeFailures, 5)
	return max(0, f.last.Add(min(wait, longestWait)).Sub(now))
}
