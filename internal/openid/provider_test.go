package openid

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"dkron"
)

const (
	clientID     = "dkron"
	clientSecret = "a secret of this client"
	redirect     = "https://dkron.example.com/v1/signin/openid/callback"
)

// idp is a provider that does what a test wants, also what none should do.
type idp struct {
	*oidctest.Server
	t      *testing.T
	url    string
	key    *ecdsa.PrivateKey
	claims map[string]any
	info   map[string]any             // userinfo; nil: it has none
	sign   func(claims string) string // the ID token; nil: as it should be
	used   map[string]bool            // codes
	asked  url.Values                 // the last request for a token
	broken bool
}

func newIDP(t *testing.T) *idp {
	p := &idp{Server: new(oidctest.Server), t: t, used: make(map[string]bool)}
	p.Algorithms = []string{oidc.ES256}
	p.rotate("first")
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	p.url = srv.URL
	p.SetIssuer(srv.URL)
	p.claims = map[string]any{
		"iss": srv.URL, "aud": clientID, "sub": "ann-1", "exp": time.Now().Add(5 * time.Minute).Unix(), "iat": time.Now().Unix(),
		"preferred_username": "ann", "groups": []string{"ops", "staff"},
	}
	return p
}

// rotate replaces the key of the provider.
func (p *idp) rotate(id string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	p.key = key
	p.PublicKeys = []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: id, Algorithm: oidc.ES256}}
}

func (p *idp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case p.broken:
		http.Error(w, "down", http.StatusBadGateway)
	case r.URL.Path == "/token":
		p.token(w, r)
	case r.URL.Path == "/userinfo":
		p.answer(w, 200, p.info)
	case r.URL.Path == "/.well-known/openid-configuration" && p.info != nil:
		p.answer(w, 200, map[string]any{
			"issuer": p.url, "authorization_endpoint": p.url + "/auth", "token_endpoint": p.url + "/token", "jwks_uri": p.url + "/keys",
			"userinfo_endpoint": p.url + "/userinfo", "id_token_signing_alg_values_supported": []string{"ES256"},
		})
	default:
		p.Server.ServeHTTP(w, r)
	}
}

func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	p.asked = r.PostForm
	user, password, _ := r.BasicAuth()
	code := r.PostForm.Get("code")
	switch {
	case user != clientID || password != url.QueryEscape(clientSecret):
		p.answer(w, 401, map[string]any{"error": "invalid_client"})
	case p.used[code]:
		p.answer(w, 400, map[string]any{"error": "invalid_grant"})
	default:
		p.used[code] = true
		claims, _ := json.Marshal(p.claims)
		sign := p.sign
		if sign == nil {
			sign = func(claims string) string {
				return oidctest.SignIDToken(p.key, p.PublicKeys[0].KeyID, oidc.ES256, claims)
			}
		}
		p.answer(w, 200, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": sign(string(claims))})
	}
}

func (p *idp) answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (p *idp) provider(change func(*Config)) *Provider {
	cfg := Config{
		Issuer: p.url, ClientID: clientID, ClientSecret: clientSecret, Scopes: []string{"openid", "profile"},
		NameClaims: []string{"preferred_username", "email"}, GroupsClaim: "groups", Age: 12 * time.Hour,
		Roles:  dkron.Roles{Of: map[string][]string{"ops": {"operator"}, "staff": {"viewer"}, "root": {dkron.ManagementRole}}},
		Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&cfg)
	}
	return New(cfg)
}

// signIn begins and finishes a sign-in with a code. The nonce of the sign-in is that in the ID token unless the claims have one.
func (p *idp) signIn(o *Provider, code string) (*dkron.Person, time.Duration, error) {
	p.t.Helper()
	to, begun, err := o.Begin(p.t.Context(), redirect)
	if err != nil {
		return nil, 0, err
	}
	u, err := url.Parse(to)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, own := p.claims["nonce"]; !own {
		p.claims["nonce"] = u.Query().Get("nonce")
		defer delete(p.claims, "nonce")
	}
	return o.Finish(p.t.Context(), begun, url.Values{"code": {code}, "state": {u.Query().Get("state")}})
}

func TestAPersonMayDoWhatTheGroupsSay(t *testing.T) {
	p := newIDP(t)
	o := p.provider(nil)
	got, age, err := p.signIn(o, "1")
	if err != nil || age != 12*time.Hour {
		t.Fatal(age, err)
	}
	if got.Issuer != p.url || got.Subject != "ann-1" || got.Name != "ann" || got.Type != dkron.ClientToken || !slices.Equal(got.Policies, []string{"operator", "viewer"}) {
		t.Errorf("%+v", got)
	}
	p.claims["groups"] = []string{"root", "ops"}
	if got, _, err := p.signIn(o, "2"); err != nil || got.Type != dkron.ManagementToken || len(got.Policies) != 0 {
		t.Errorf("a manager: %+v %v", got, err)
	}
	p.claims["groups"] = []string{"dev", "<b>x</b>"}
	if _, _, err := p.signIn(o, "3"); !errors.Is(err, dkron.ErrForbidden) || !strings.Contains(err.Error(), "none of the groups <b>x</b>, dev has a role") {
		t.Errorf("no role: %v", err)
	}
	for i, groups := range []any{nil, "dev", 7, []any{7}} {
		p.claims["groups"] = groups
		if got, _, err := p.signIn(o, "4"+string(rune('0'+i))); !errors.Is(err, dkron.ErrForbidden) {
			t.Errorf("groups %v: %+v %v", groups, got, err)
		}
		byDefault := p.provider(func(c *Config) { c.Roles.Default = "viewer" })
		if got, _, err := p.signIn(byDefault, "5"+string(rune('0'+i))); err != nil || !slices.Equal(got.Policies, []string{"viewer"}) {
			t.Errorf("groups %v with a default: %+v %v", groups, got, err)
		}
	}
	p.claims["realm_access"] = map[string]any{"roles": []string{"ops"}}
	inner := p.provider(func(c *Config) { c.GroupsClaim = "realm_access.roles" })
	if got, _, err := p.signIn(inner, "6"); err != nil || !slices.Equal(got.Policies, []string{"operator"}) {
		t.Errorf("groups within another claim: %+v %v", got, err)
	}
}

func TestTheRequestIsTheCodeFlowWithPKCE(t *testing.T) {
	p := newIDP(t)
	o := p.provider(nil)
	to, begun, err := o.Begin(t.Context(), redirect)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(to)
	q := u.Query()
	if !strings.HasPrefix(to, p.url+"/auth?") || q.Get("response_type") != "code" || q.Get("client_id") != clientID || q.Get("redirect_uri") != redirect ||
		q.Get("scope") != "openid profile" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("nonce") == "" || q.Get("state") == "" {
		t.Errorf("%s", to)
	}
	if again, _, _ := o.Begin(t.Context(), redirect); again == to {
		t.Error("two sign-ins have the same secrets")
	}
	p.claims["nonce"] = q.Get("nonce")
	if _, _, err := o.Finish(t.Context(), begun, url.Values{"code": {"1"}, "state": {q.Get("state")}}); err != nil {
		t.Fatal(err)
	}
	if p.asked.Get("code_verifier") == "" || p.asked.Get("redirect_uri") != redirect || p.asked.Get("client_secret") != "" {
		t.Errorf("%v", p.asked)
	}
}

func TestAnIDTokenThatIsNotForThisSignInIsRefused(t *testing.T) {
	unsigned := func(claims string) string {
		encode := base64.RawURLEncoding.EncodeToString
		return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(claims)) + "."
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signed := func(key crypto.PrivateKey, id, alg string) func(string) string {
		return func(claims string) string { return oidctest.SignIDToken(key, id, alg, claims) }
	}
	ago := func(d time.Duration) int64 { return time.Now().Add(-d).Unix() }
	for name, c := range map[string]struct {
		claims map[string]any
		sign   func(string) string
		fine   bool
	}{
		"as it should be":                 {fine: true},
		"foreign nonce":                   {claims: map[string]any{"nonce": "of another"}},
		"no nonce":                        {claims: map[string]any{"nonce": ""}},
		"wrong audience":                  {claims: map[string]any{"aud": "another"}},
		"several audiences":               {claims: map[string]any{"aud": []string{clientID, "another"}}},
		"made for another":                {claims: map[string]any{"aud": []string{clientID, "another"}, "azp": "another"}},
		"made for us":                     {claims: map[string]any{"aud": []string{clientID, "another"}, "azp": clientID}, fine: true},
		"another issuer":                  {claims: map[string]any{"iss": "https://evil.example"}},
		"expired":                         {claims: map[string]any{"exp": ago(2 * time.Minute)}},
		"expired within a skew":           {claims: map[string]any{"exp": ago(30 * time.Second)}, fine: true},
		"valid in an hour":                {claims: map[string]any{"nbf": ago(-time.Hour)}},
		"valid within a skew":             {claims: map[string]any{"nbf": ago(-30 * time.Second)}, fine: true},
		"unsigned":                        {sign: unsigned},
		"signed with the client's secret": {sign: signed([]byte(strings.Repeat(clientSecret, 2)), "first", "HS256")},
		"signed by somebody else":         {sign: signed(other, "first", oidc.ES256)},
		"signed with an unknown key":      {sign: signed(other, "second", oidc.ES256)},
		"not signed at all":               {sign: func(string) string { return "" }},
		"nonsense":                        {sign: func(string) string { return "a.b.c" }},
	} {
		t.Run(name, func(t *testing.T) {
			p := newIDP(t)
			p.sign = c.sign
			maps.Copy(p.claims, c.claims)
			got, _, err := p.signIn(p.provider(nil), "1")
			if c.fine != (err == nil) || err != nil && !errors.Is(err, dkron.ErrInvalid) {
				t.Errorf("%+v %v", got, err)
			}
			if err != nil && (got != nil || strings.Contains(err.Error(), "evil")) {
				t.Errorf("%+v, and the refusal is %q", got, err)
			}
		})
	}
}

func TestAnAnswerMustFitTheSignIn(t *testing.T) {
	p := newIDP(t)
	o := p.provider(nil)
	if _, _, err := p.signIn(o, "1"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.signIn(o, "1"); !errors.Is(err, dkron.ErrInvalid) || !strings.Contains(err.Error(), "begin again") {
		t.Errorf("a code twice: %v", err)
	}
	to, begun, err := o.Begin(t.Context(), redirect)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(to)
	state := u.Query().Get("state")
	for name, c := range map[string]struct {
		begun string
		query url.Values
		want  error
	}{
		"no state":         {begun, url.Values{"code": {"2"}}, dkron.ErrInvalid},
		"foreign state":    {begun, url.Values{"code": {"2"}, "state": {"x" + state}}, dkron.ErrInvalid},
		"nothing begun":    {"", url.Values{"code": {"2"}, "state": {""}}, dkron.ErrInvalid},
		"empty sign-in":    {"{}", url.Values{"code": {"2"}, "state": {""}}, dkron.ErrInvalid},
		"no code":          {begun, url.Values{"state": {state}}, dkron.ErrInvalid},
		"another provider": {begun, url.Values{"code": {"2"}, "state": {state}, "iss": {"https://evil.example"}}, dkron.ErrInvalid},
		"cancelled":        {begun, url.Values{"error": {"access_denied"}, "state": {state}}, dkron.ErrForbidden},
		"overloaded":       {begun, url.Values{"error": {"temporarily_unavailable"}, "state": {state}}, dkron.ErrUnavailable},
		"unknown error":    {begun, url.Values{"error": {"<script>"}, "error_description": {"<script>"}, "state": {state}}, dkron.ErrInvalid},
		"error of another": {begun, url.Values{"error": {"access_denied"}, "state": {"x"}}, dkron.ErrInvalid},
	} {
		got, _, err := o.Finish(t.Context(), c.begun, c.query)
		if got != nil || !errors.Is(err, c.want) || strings.Contains(err.Error(), "<script>") || strings.Contains(err.Error(), "evil") {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	if p.used["2"] {
		t.Error("the code of a refused answer was used")
	}
	wrong := p.provider(func(c *Config) { c.ClientSecret = "another" })
	if _, _, err := p.signIn(wrong, "3"); !errors.Is(err, dkron.ErrInvalid) || !strings.Contains(err.Error(), "oidc-client-secret") {
		t.Errorf("a wrong client secret: %v", err)
	}
}

func TestWhatTheIDTokenLacksComesFromUserinfo(t *testing.T) {
	p := newIDP(t)
	p.info = map[string]any{"sub": "ann-1", "groups": []string{"ops"}, "preferred_username": "Ann", "aud": "x"}
	delete(p.claims, "groups")
	delete(p.claims, "preferred_username")
	o := p.provider(nil)
	if got, _, err := p.signIn(o, "1"); err != nil || got.Name != "Ann" || !slices.Equal(got.Policies, []string{"operator"}) {
		t.Errorf("%+v %v", got, err)
	}
	p.claims["preferred_username"] = "signed"
	if got, _, err := p.signIn(o, "2"); err != nil || got.Name != "signed" {
		t.Errorf("userinfo replaces what the ID token has: %+v %v", got, err)
	}
	p.info["sub"] = "root-1"
	if got, _, err := p.signIn(o, "3"); !errors.Is(err, dkron.ErrInvalid) {
		t.Errorf("userinfo of somebody else: %+v %v", got, err)
	}
}

func TestANameIsPlainAndNobodyElses(t *testing.T) {
	p := newIDP(t)
	o := p.provider(nil)
	for i, c := range []struct {
		claims map[string]any
		want   string
	}{
		{map[string]any{"preferred_username": " a\x00n\u202en\n "}, "ann"},
		{map[string]any{"preferred_username": strings.Repeat("ä", 100)}, strings.Repeat("ä", 64)},
		{map[string]any{"preferred_username": "", "email": "ann@example.com"}, "ann@example.com"},
		{map[string]any{"preferred_username": 7, "email": "bob@example.com", "email_verified": false}, "ann-1"},
	} {
		maps.Copy(p.claims, c.claims)
		if got, _, err := p.signIn(o, string(rune('a'+i))); err != nil || got.Name != c.want {
			t.Errorf("%v: %+v %v", c.claims, got, err)
		}
	}
}

func TestASessionMayEndWithTheIDToken(t *testing.T) {
	p := newIDP(t)
	o := p.provider(func(c *Config) { c.Age = 0 })
	if _, age, err := p.signIn(o, "1"); err != nil || age > 5*time.Minute || age < time.Second {
		t.Errorf("%s %v", age, err)
	}
	p.claims["exp"] = time.Now().Add(1000 * time.Hour).Unix()
	if _, age, err := p.signIn(o, "2"); err != nil || age != dkron.MaxSessionAge {
		t.Errorf("%s %v", age, err)
	}
}

func TestTheProvidersKeysMayChange(t *testing.T) {
	p := newIDP(t)
	o := p.provider(nil)
	if _, _, err := p.signIn(o, "1"); err != nil {
		t.Fatal(err)
	}
	p.rotate("second")
	if _, _, err := p.signIn(o, "2"); err != nil {
		t.Errorf("after a change of keys: %v", err)
	}
}

func TestAProviderThatIsDownIsTriedAgain(t *testing.T) {
	p := newIDP(t)
	p.broken = true
	o := p.provider(nil)
	if err := o.Ready(t.Context()); !errors.Is(err, dkron.ErrUnavailable) || !strings.Contains(err.Error(), "can't be reached") {
		t.Errorf("%v", err)
	}
	if _, _, err := o.Begin(t.Context(), redirect); !errors.Is(err, dkron.ErrUnavailable) {
		t.Errorf("%v", err)
	}
	p.broken = false
	o.mu.Lock()
	o.next = time.Time{} // the pause is over
	o.mu.Unlock()
	if err := o.Ready(t.Context()); err != nil {
		t.Errorf("it is back: %v", err)
	}
	p.broken = true // after its discovery
	if _, _, err := p.signIn(o, "1"); !errors.Is(err, dkron.ErrUnavailable) {
		t.Errorf("it goes down while somebody signs in: %v", err)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAttemptsToReachAProviderHavePauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		client := &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
			asked++
			return nil, io.ErrUnexpectedEOF
		})}
		o := New(Config{Issuer: "https://id.example.com", Client: client, Logger: slog.New(slog.DiscardHandler)})
		began := time.Now()
		for time.Since(began) < 10*time.Minute {
			if o.Ready(t.Context()) == nil {
				t.Fatal("it is ready")
			}
			time.Sleep(100 * time.Millisecond)
		}
		if asked < 15 || asked > 30 { // 1, 2, 4, 8, 16 s, then each 30
			t.Errorf("%d attempts in ten minutes", asked)
		}
	})
}

func TestWhoeverWaitsForAProviderWaitsNoLongerThanItLikes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}
		o := New(Config{Issuer: "https://id.example.com", Client: client, Logger: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if err := o.Ready(ctx); !errors.Is(err, dkron.ErrUnavailable) || time.Since(began) != time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		if err := o.Ready(t.Context()); !errors.Is(err, dkron.ErrUnavailable) || time.Since(began) != answerTime {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

func TestWhatABrowserKeepsIsSealed(t *testing.T) {
	o := New(Config{Issuer: "https://id.example.com", ClientID: clientID, ClientSecret: clientSecret})
	same := New(Config{Issuer: "https://id.example.com", ClientID: clientID, ClientSecret: clientSecret})
	other := New(Config{Issuer: "https://id.example.com", ClientID: clientID, ClientSecret: "another"})
	sealed, err := o.Seal("flow", "the text")
	if err != nil || strings.Contains(sealed, "text") {
		t.Fatal(sealed, err)
	}
	if text, err := same.Open("flow", sealed); err != nil || text != "the text" {
		t.Errorf("another server: %q %v", text, err)
	}
	if text, err := other.Open("flow", sealed); err == nil {
		t.Errorf("with another secret: %q", text)
	}
	for _, wrong := range []string{"", "x", sealed[1:], sealed + "A", strings.ToLower(sealed)} {
		if text, err := o.Open("flow", wrong); err == nil {
			t.Errorf("%q: %q", wrong, text)
		}
	}
	if text, err := o.Open("failed", sealed); err == nil {
		t.Errorf("for another purpose: %q", text)
	}
}
