package aclapi

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/state"
)

// FuzzAuthorization sends what strangers send: who does not have the right secret gets in by no header.
func FuzzAuthorization(f *testing.F) {
	const secret = "dkron_0123456789abcdef"
	store, err := state.Open(filepath.Join(f.TempDir(), "state.db"))
	if err != nil {
		f.Fatal(err)
	}
	defer store.Close()
	err = store.Update(1, func(tx *state.Tx) error {
		tx.Begin(1)
		return tx.PutToken(&dkron.Token{Accessor: "a", Type: dkron.ManagementToken, Hash: access.Hash(secret)})
	})
	if err != nil {
		f.Fatal(err)
	}
	g := &Gate{Auth: access.New(access.Config{Store: store, Tokens: true, User: "root", Password: "pw", Logger: slog.New(slog.DiscardHandler)})}
	basic := httptest.NewRequest("GET", "/", nil)
	basic.SetBasicAuth("root", "pw")
	for _, header := range []string{
		"", "Bearer", "Bearer ", "Bearer " + secret, "bearer  " + secret + " ", "Basic", "Basic Og==", basic.Header.Get("Authorization"), "Bearer " + secret[:20], secret,
		"Basic " + secret, "Bearer\x00" + secret, "Digest username=root",
	} {
		f.Add(header, "dkron_session="+secret)
	}
	f.Fuzz(func(t *testing.T, header, cookie string) {
		r := httptest.NewRequest("GET", "/v1/jobs", nil)
		r.Pattern = "/v1/jobs"
		r.Header = http.Header{"Cookie": {cookie}}
		if header != "" {
			r.Header["Authorization"] = []string{header}
		}
		scheme, rest, _ := strings.Cut(header, " ")
		user, password, ok := r.BasicAuth()
		right := strings.EqualFold(scheme, "Bearer") && strings.TrimSpace(rest) == secret || ok && user == "root" && password == "pw"
		for _, way := range []string{"token", "password"} { // who was refused before has to wait
			g.Auth.Succeeded(access.Attempt{Way: way, Address: clientOf(r)})
		}
		_, release, err := g.Admit(httptest.NewRecorder(), r)
		if (err == nil) != right {
			t.Errorf("%q, %q: %v", header, cookie, err)
		}
		if err == nil {
			release()
		} else if strings.Contains(err.Error(), "0123456789abcdef") {
			t.Errorf("the answer has the secret: %v", err)
		}
	})
}
