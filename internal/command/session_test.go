package command

import (
	"errors"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// sessions returns what is stored of a token's sessions.
func (l ledger) sessions(accessor string) (all []dkron.Session) {
	l.view(func(tx *state.Tx) error {
		t, err := tx.Token(accessor)
		if err == nil {
			all = t.Sessions
		}
		return err
	})
	return all
}

func hashOf(n int) []byte { return []byte{byte(n), 31: 1} }

func newSignedOut(t *testing.T) ledger {
	l := newLedger(t)
	forever := dkron.Token{Accessor: "a", Type: dkron.ManagementToken, Hash: hashOf(0)}
	ending := dkron.Token{Accessor: "b", Type: dkron.ManagementToken, Hash: hashOf(1), ExpiresAt: noon.Add(time.Hour)}
	l.apply(&CreateToken{Token: forever})
	l.apply(&CreateToken{Token: ending})
	return l
}

func TestASessionEndsAfterTwelveHoursOrWithItsToken(t *testing.T) {
	l := newSignedOut(t)
	l.apply(&OpenSession{Accessor: "a", Hash: hashOf(2), At: noon})
	l.apply(&OpenSession{Accessor: "b", Hash: hashOf(3), At: noon})
	if got := l.sessions("a"); len(got) != 1 || !got[0].ExpiresAt.Equal(noon.Add(12*time.Hour)) {
		t.Errorf("%+v", got)
	}
	if got := l.sessions("b"); len(got) != 1 || !got[0].ExpiresAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v", got)
	}
	for _, c := range []*OpenSession{{Accessor: "b", Hash: hashOf(4), At: noon.Add(time.Hour)}, {Accessor: "c", Hash: hashOf(4), At: noon}} {
		if err, _ := l.apply(c)[0].(error); !errors.Is(err, dkron.ErrNotFound) {
			t.Errorf("token %s, which has expired or does not exist: %v", c.Accessor, err)
		}
	}
	l.apply(&OpenSession{Accessor: "a", Hash: hashOf(5), At: noon.Add(12 * time.Hour)})
	if got := l.sessions("a"); len(got) != 1 || got[0].Hash[0] != 5 {
		t.Errorf("what is over stays: %+v", got)
	}
}

func TestATokenHasABoundedNumberOfSessions(t *testing.T) {
	l := newSignedOut(t)
	for i := range dkron.MaxSessions + 2 {
		l.apply(&OpenSession{Accessor: "a", Hash: hashOf(i), At: noon})
	}
	if got := l.sessions("a"); len(got) != dkron.MaxSessions || got[0].Hash[0] != 2 || int(got[len(got)-1].Hash[0]) != dkron.MaxSessions+1 {
		t.Errorf("%d sessions, the first is %d", len(got), got[0].Hash[0])
	}
}

func TestSignOutEndsOneSessionOrAll(t *testing.T) {
	l := newSignedOut(t)
	for i := range 3 {
		l.apply(&OpenSession{Accessor: "a", Hash: hashOf(i), At: noon})
	}
	l.apply(&EndSession{Accessor: "a", Hash: hashOf(1)})
	l.apply(&EndSession{Accessor: "a", Hash: hashOf(1)}) // again
	l.apply(&EndSession{Accessor: "gone", Hash: hashOf(1)})
	if got := l.sessions("a"); len(got) != 2 || got[0].Hash[0] != 0 || got[1].Hash[0] != 2 {
		t.Errorf("%+v", got)
	}
	l.apply(&EndSession{Accessor: "a"})
	if got := l.sessions("a"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func ann(policies ...string) *dkron.Person {
	return &dkron.Person{Issuer: "https://id.example.com", Subject: "1", Name: "ann", Type: dkron.ClientToken, Policies: policies}
}

func bob() *dkron.Person {
	return &dkron.Person{Issuer: "https://id.example.com", Subject: "2", Name: "bob", Type: dkron.ClientToken, Policies: []string{"viewer"}}
}

// persons returns the sessions of persons, the oldest first.
func (l ledger) persons() (all []*dkron.Session) {
	l.view(func(tx *state.Tx) (err error) {
		all, err = tx.PersonSessions()
		return err
	})
	return all
}

func TestASessionOfAPersonNeedsNoToken(t *testing.T) {
	l := newLedger(t)
	l.apply(&OpenSession{Person: ann("viewer"), Hash: hashOf(1), At: noon, Age: time.Hour})
	l.apply(&OpenSession{Person: bob(), Hash: hashOf(2), At: noon.Add(time.Minute), Age: 100 * time.Hour})
	got := l.persons()
	if len(got) != 2 || !got[0].ExpiresAt.Equal(noon.Add(time.Hour)) || !got[1].ExpiresAt.Equal(noon.Add(time.Minute+12*time.Hour)) || !got[0].Person.Is(ann()) {
		t.Fatalf("%+v", got)
	}
	l.apply(&OpenSession{Person: ann("operator"), Hash: hashOf(3), At: noon.Add(2 * time.Minute), Age: time.Hour})
	if got = l.persons(); len(got) != 3 || got[0].Person.Policies[0] != "operator" || got[1].Person.Policies[0] != "viewer" || !got[0].ExpiresAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("a person's older session keeps what the person may no longer do: %+v", got)
	}
	l.apply(&OpenSession{Person: bob(), Hash: hashOf(4), At: noon.Add(time.Hour), Age: time.Hour})
	if got = l.persons(); len(got) != 3 || got[0].Hash[0] != 2 {
		t.Errorf("what is over stays: %+v", got)
	}
}

func TestAPersonSignsOutOnceOrEverywhere(t *testing.T) {
	l := newLedger(t)
	for i := range 3 {
		l.apply(&OpenSession{Person: ann("viewer"), Hash: hashOf(i), At: noon, Age: time.Hour})
	}
	l.apply(&OpenSession{Person: bob(), Hash: hashOf(9), At: noon, Age: time.Hour})
	l.apply(&EndSession{Person: ann(), Hash: hashOf(1)})
	l.apply(&EndSession{Person: ann(), Hash: hashOf(1)}) // again
	l.apply(&EndSession{Person: ann(), Hash: hashOf(9)}) // of another
	if got := l.persons(); len(got) != 3 {
		t.Errorf("%+v", got)
	}
	l.apply(&EndSession{Person: ann()})
	if got := l.persons(); len(got) != 1 || got[0].Hash[0] != 9 {
		t.Errorf("%+v", got)
	}
}

func TestAPersonHasABoundedNumberOfSessions(t *testing.T) {
	l := newLedger(t)
	l.apply(&OpenSession{Person: bob(), Hash: hashOf(200), At: noon, Age: time.Hour})
	for i := range dkron.MaxSessions + 2 {
		l.apply(&OpenSession{Person: ann("viewer"), Hash: hashOf(i), At: noon.Add(time.Duration(i+1) * time.Second), Age: time.Hour})
	}
	if got := l.persons(); len(got) != dkron.MaxSessions+1 || got[0].Hash[0] != 200 || got[1].Hash[0] != 2 {
		t.Errorf("%d sessions, the second is %d", len(got), got[1].Hash[0])
	}
}
