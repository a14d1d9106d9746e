package access

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/request"
	"dkron/internal/state"
)

// signIn gives a token the session s, whose secret is its name.
func (w *world) signIn(accessor, s string, end time.Time) {
	w.update(func(tx *state.Tx) error {
		t, err := tx.Token(accessor)
		if err != nil {
			return err
		}
		t.Sessions = append(t.Sessions, dkron.Session{Hash: Hash(s), ExpiresAt: end})
		return tx.PutToken(t)
	})
}

func TestASessionIsItsTokenForALimitedTime(t *testing.T) {
	w := newWorld(t)
	w.signIn("operator", "old", clock.Now())
	w.signIn("operator", "new", clock.Now().Add(time.Hour))
	i, err := w.auth.SignedIn("new")
	if err != nil || !i.Session || i.Token.Accessor != "operator" || i.Token.Sessions != nil || !i.May(request.Run, "") || i.May(request.Write, "") {
		t.Fatalf("%+v %v", i, err)
	}
	for _, wrong := range []string{"old", "", "operator", "none"} {
		if i, err := w.auth.SignedIn(wrong); !errors.Is(err, ErrSignedOut) || i != nil {
			t.Errorf("%q is signed in: %v", wrong, err)
		}
	}
	if _, err := w.auth.Bearer("new"); !errors.Is(err, ErrUnknown) {
		t.Errorf("a session is accepted as a token: %v", err)
	}
	w.token("operator", "viewer")
	w.signIn("operator", "new", clock.Now().Add(time.Hour))
	if i, err := w.auth.SignedIn("new"); err != nil || i.May(request.Run, "") {
		t.Errorf("it may do what its token no longer may: %v", err)
	}
}

func TestAHeldRequestEndsWithItsSession(t *testing.T) {
	w := newWorld(t)
	go w.auth.Run(t.Context())
	w.signIn("viewer", "short", clock.Now().Add(300*time.Millisecond))
	w.signIn("viewer", "out", clock.Now().Add(time.Hour))
	w.signIn("editor", "stays", clock.Now().Add(time.Hour))
	hold := func(secret string) <-chan struct{} {
		i, err := w.auth.SignedIn(secret)
		if err != nil {
			t.Fatal(err)
		}
		ctx, release := w.auth.Hold(t.Context(), i)
		t.Cleanup(release)
		return ctx.Done()
	}
	short, out, stays := hold("short"), hold("out"), hold("stays")
	w.token("viewer", "viewer") // without its sessions
	for name, ended := range map[string]<-chan struct{}{"expired": short, "signed out": out} {
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Errorf("a request goes on whose session has %s", name)
		}
	}
	select {
	case <-stays:
		t.Error("the request of another session ended")
	default:
	}
}

func TestWhatAClientMayDoIsSaidInWords(t *testing.T) {
	w := newWorld(t)
	w.policy("paths", `{"path":{"/v1/jobs/a/run":{"capabilities":["create"]},"/v1/pause":{"capabilities":["read"]},"/v1/jobs/**":{"capabilities":["delete"]}}}`)
	w.token("paths", "paths")
	w.token("default", "default")
	for who, want := range map[string]string{
		"viewer":   "all none none none none none",
		"operator": "all all all none none none",
		"editor":   "all all all all none none",
		"admin":    "all all all all all none",
		"foreign":  "some some some some none none",
		"x":        "some some some none none none",
		"paths":    "none none some some none none",
		"default":  "some none some some none none",
	} {
		if got := words(w.client(who).Extents()); got != want {
			t.Errorf("%s: %s, want %s", who, got, want)
		}
	}
	for _, all := range []map[string]Extent{w.auth.Bootstrapper().Extents(), Everything()} {
		if got := words(all); got != "all all all all all all" {
			t.Error(got)
		}
	}
}

func words(may map[string]Extent) (text string) {
	for _, verb := range []string{"read", "stop", "run", "write", "admin", "manage"} {
		if text != "" {
			text += " "
		}
		text += string(may[verb])
	}
	return text
}

// arrive gives a person the session s, whose secret is its name.
func (w *world) arrive(p *dkron.Person, s string) {
	w.update(func(tx *state.Tx) error {
		return tx.PutPersonSession(&dkron.Session{Hash: Hash(s), ExpiresAt: clock.Now().Add(time.Hour), Person: p})
	})
}

func TestAPersonMayDoWhatItsPoliciesAllow(t *testing.T) {
	w := newWorld(t)
	ann := &dkron.Person{Issuer: "https://id.example.com", Subject: "1", Name: "ann", Type: dkron.ClientToken, Policies: []string{"operator", "gone"}}
	root := &dkron.Person{Issuer: "https://id.example.com", Subject: "2", Name: "root", Type: dkron.ManagementToken}
	w.arrive(ann, "ann-in")
	w.arrive(root, "root-in")
	i, err := w.auth.SignedIn("ann-in")
	if err != nil || i.How != dkron.ProofOpenID || !i.Session || !i.Person.Is(ann) || i.Who() != "ann" || i.Owner() != "ann" || i.Until.IsZero() {
		t.Fatalf("%+v %v", i, err)
	}
	if !i.May(request.Run, "") || i.May(request.Write, "") || i.Manager() {
		t.Errorf("%v", i.Extents())
	}
	if text := i.Refuse(request.Write, "job x").Error(); !strings.Contains(text, `user "ann" may not write`) {
		t.Error(text)
	}
	if m, err := w.auth.SignedIn("root-in"); err != nil || !m.Manager() {
		t.Errorf("%+v %v", m, err)
	}
	if _, err := w.auth.Bearer("ann-in"); !errors.Is(err, ErrUnknown) {
		t.Errorf("a session is accepted as a token: %v", err)
	}
	arriving := w.auth.Arriving(root)
	if arriving.May(request.Halt, "") || arriving.Manager() {
		t.Error("who has no session yet may do something")
	}
	if a, b := i.Client(), arriving.Client(); a == b || a == "" {
		t.Errorf("two persons are one client: %q", a)
	}
}

func TestAHeldRequestEndsWhenAPersonMayDoSomethingElse(t *testing.T) {
	w := newWorld(t)
	go w.auth.Run(t.Context())
	ann := &dkron.Person{Issuer: "i", Subject: "1", Name: "ann", Type: dkron.ClientToken, Policies: []string{"operator"}}
	w.arrive(ann, "ann-in")
	i, err := w.auth.SignedIn("ann-in")
	if err != nil {
		t.Fatal(err)
	}
	ctx, release := w.auth.Hold(t.Context(), i)
	defer release()
	less := *ann
	less.Policies = []string{"viewer"}
	w.arrive(&less, "ann-in")
	select {
	case <-ctx.Done():
	case <-time.After(time.Minute):
		t.Error("a request goes on although its person may do less")
	}
}
