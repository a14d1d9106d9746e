package nats

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// operator is a server in operator mode: it knows a public key, and nobody's password.
type operator struct {
	server  *server.Server
	account nkeys.KeyPair
}

// pairOf makes a key, and returns it with its public part.
func pairOf(t *testing.T, create func() (nkeys.KeyPair, error)) (nkeys.KeyPair, string) {
	t.Helper()
	pair, err := create()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return pair, public
}

func newOperator(t *testing.T) operator {
	t.Helper()
	op, opPublic := pairOf(t, nkeys.CreateOperator)
	account, accountPublic := pairOf(t, nkeys.CreateAccount)
	claims := jwt.NewOperatorClaims(opPublic)
	accountJWT, err := jwt.NewAccountClaims(accountPublic).Encode(op)
	if err != nil {
		t.Fatal(err)
	}
	resolver := new(server.MemAccResolver)
	if err := resolver.Store(accountPublic, accountJWT); err != nil {
		t.Fatal(err)
	}
	s := run(t, func(o *server.Options) {
		o.TrustedOperators, o.AccountResolver = []*jwt.OperatorClaims{claims}, resolver
	})
	return operator{s, account}
}

// credentials writes the file of a user who may publish to a subject.
func (o operator) credentials(t *testing.T, subject string) string {
	t.Helper()
	user, public := pairOf(t, nkeys.CreateUser)
	claims := jwt.NewUserClaims(public)
	claims.Permissions.Pub.Allow.Add(subject)
	signed, err := claims.Encode(o.account)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.FormatUserConfig(signed, seed)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "user.creds")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestCredentialsOfAnOperatorSayWhoConnects(t *testing.T) {
	o := newOperator(t)
	file := o.credentials(t, "a")
	came := listen(t, o.server, "a", nats.UserCredentials(o.credentials(t, "a")))
	at := map[string]string{"url": o.server.ClientURL(), "subject": "a", "message": "hello", "timeout": "10"}
	succeed(t, started(t), with(at, "credentialsFile", file))
	if m := <-came; string(m.Data) != "hello" {
		t.Errorf("%q came", m.Data)
	}
	for want, config := range map[string]map[string]string{
		"check userName and password, token, credentialsFile or nkeySeedFile: none is set": at,
		"check credentialsFile": with(at, "credentialsFile", newOperator(t).credentials(t, "a")),
		"Permissions Violation": with(at, "credentialsFile", file, "subject", "b"),
	} {
		if _, resp := execute(t.Context(), started(t), config); !strings.Contains(strings.ToLower(resp.Error+resp.Reason), strings.ToLower(want)) {
			t.Errorf("%+v, want %s", resp, want)
		}
	}
}
