package access

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func from(address string) Attempt { return Attempt{Way: "token", Address: address} }

func as(account, address string) Attempt {
	return Attempt{Way: "password", Address: address, Account: account}
}

func TestFailuresSlowDownTheirAddressAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := New(Config{})
		one := from("1.2.3.4")
		for range freeFailures - 1 {
			a.Failed(one)
		}
		if a.Wait(one) != 0 {
			t.Error("the first failures cost something")
		}
		for _, want := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
			a.Failed(one)
			if got := a.Wait(one); got != want*time.Second {
				t.Errorf("%s instead of %ds", got, want)
			}
			time.Sleep(want * time.Second)
			if a.Wait(one) != 0 {
				t.Error("the wait does not end")
			}
		}
		a.Failed(one)
		if a.Wait(from("1.2.3.5")) != 0 || a.Wait(as("", "1.2.3.4")) != 0 {
			t.Error("another address has to wait, or another way to sign in")
		}
		a.Succeeded(one)
		if a.Wait(one) != 0 {
			t.Error("a success is not counted")
		}
		for range freeFailures {
			a.Failed(one)
		}
		time.Sleep(forgetFailures + time.Second)
		if a.Failed(one); a.Wait(one) != 0 {
			t.Error("old failures are not forgotten")
		}
	})
}

func TestFailuresAreBoundedAndTheLastOnesAreKept(t *testing.T) {
	a := New(Config{})
	for i := range 2 * maxFailing {
		a.Failed(as(fmt.Sprint("user", i), fmt.Sprint("10.0.", i>>8, ".", i&255)))
		if i%1000 == 0 {
			for range freeFailures {
				a.Failed(as("ops", "10.1.1.1"))
			}
		}
	}
	if n, m := a.failed.addresses.Len(), a.failed.accounts.Len(); n > maxFailing || m > maxFailing {
		t.Errorf("%d addresses and %d accounts are kept", n, m)
	}
	if a.Wait(as("ops", "10.1.1.1")) == 0 {
		t.Error("many addresses make it forget one that fails")
	}
}

func TestAnIPv6NetworkIsOneAddress(t *testing.T) {
	a := New(Config{})
	for i := range freeFailures {
		a.Failed(from(fmt.Sprintf("2001:db8:1:2::%x", i+1)))
	}
	if a.Wait(from("2001:db8:1:2:ffff::1")) == 0 {
		t.Error("another address of the same network needs not wait")
	}
	if a.Wait(from("2001:db8:1:3::1")) != 0 {
		t.Error("another network has to wait")
	}
}

func TestManyAddressesGainLittleAgainstOneAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := New(Config{})
		const addresses = 100
		guesses := 0
		began := time.Now()
		for time.Since(began) < time.Hour { // all of them, as fast as they may
			for i := range addresses {
				if try := as("ops", fmt.Sprint("10.0.0.", i)); a.Wait(try) == 0 {
					a.Failed(try)
					guesses++
				}
			}
			time.Sleep(time.Second)
		}
		// One of each until it is forgotten, and of all together one after each wait.
		if most := addresses*int(time.Hour/forgetFailures) + int(time.Hour/longestWait) + 10; guesses > most {
			t.Errorf("%d guesses in an hour, more than %d", guesses, most)
		}
	})
}

func TestTheOwnerOfAnAccountIsNotLockedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := New(Config{})
		owner := as("ops", "192.0.2.1")
		attack := func() {
			for i := range 50 {
				if try := as("ops", fmt.Sprint("10.0.0.", i)); a.Wait(try) == 0 {
					a.Failed(try)
				}
			}
		}
		for range 600 { // ten minutes
			attack()
			if a.Wait(owner) != 0 {
				t.Fatal("an address that has not failed has to wait for others")
			}
			a.Succeeded(owner) // each request proves who it is
			time.Sleep(time.Second)
		}
		a.Failed(owner) // a typing error
		if wait := a.Wait(owner); wait > longestWait {
			t.Errorf("it has to wait for %s", wait)
		}
		waited := time.Duration(0)
		for attack(); a.Wait(owner) != 0; attack() { // the attackers are always first
			time.Sleep(time.Second)
			if waited += time.Second; waited > forgetFailures+time.Minute {
				t.Fatal("after one error, attackers keep the owner out for ever")
			}
		}
		if a.Wait(as("other", "10.0.0.1")) != 0 && a.Wait(as("other", "10.9.9.9")) != 0 {
			t.Error("another account has to wait")
		}
	})
}
