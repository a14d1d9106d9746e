package kafka

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// wantToken makes brokers ask for a token, which they don't know by themselves. The messages are those of RFC 7628 and of Kafka.
func wantToken(c *kfake.Cluster, token string) (logins *atomic.Int64) {
	logins = new(atomic.Int64)
	c.ControlKey(int16(kmsg.SASLHandshake), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		resp := r.ResponseKind().(*kmsg.SASLHandshakeResponse)
		resp.SupportedMechanisms = []string{"OAUTHBEARER"}
		if r.(*kmsg.SASLHandshakeRequest).Mechanism != "OAUTHBEARER" {
			resp.ErrorCode = kerr.UnsupportedSaslMechanism.Code
		}
		return resp, nil, true
	})
	c.ControlKey(int16(kmsg.SASLAuthenticate), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		resp := r.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		logins.Add(1)
		if string(r.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes) != "n,,\x01auth=Bearer "+token+"\x01\x01" {
			resp.ErrorCode = kerr.SaslAuthenticationFailed.Code
		}
		return resp, nil, true
	})
	return logins
}

func TestATokenSaysWhoConnects(t *testing.T) {
	c := run(t)
	logins := wantToken(c, "t0ken")
	asked := new(atomic.Int64)
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		id, secret, _ := r.BasicAuth()
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "kafka":
			t.Errorf("asked for %v", r.Form)
		case id != "me" || secret != "s3cret":
			w.WriteHeader(http.StatusUnauthorized)
			_ = json.NewEncoder(w).Encode(map[string]any{"error": "invalid_client"})
		default:
			_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "t0ken", "token_type": "bearer", "expires_in": 3600})
		}
	}))
	t.Cleanup(issuer.Close)
	base := with(at(c), "saslMechanism", "oauthbearer", "debug", "1", "timeout", "20")
	given := with(base, "saslTokenUrl", issuer.URL, "saslUsername", "me", "saslPassword", "s3cret", "saslScope", "kafka")
	for name, config := range map[string]map[string]string{"in the job": with(base, "saslToken", "t0ken"), "that was given": given} {
		out := succeed(t, started(t), config)
		if strings.Contains(out, "t0ken") || strings.Contains(out, "s3cret") || !strings.HasPrefix(out, "Config: ") {
			t.Errorf("%s: debug: %s", name, out)
		}
	}
	if logins.Load() < 3 || asked.Load() != 1 {
		t.Errorf("%d logins, %d tokens asked for", logins.Load(), asked.Load())
	}
	for _, tt := range []struct {
		config map[string]string
		want   string
	}{
		{with(base, "saslToken", "wr0ng"), "the broker refused the token"},
		{with(given, "saslPassword", "wr0ng"), "no token for the broker: "},
		{with(given, "saslPassword", "wr0ng"), "401 Unauthorized invalid_client"},
		{with(given, "saslTokenUrl", "http://127.0.0.1:1/"), "connection refused"},
	} {
		if out, resp := execute(t.Context(), started(t), tt.config); !strings.Contains(resp.Error, tt.want) || strings.Contains(resp.Error+out, "wr0ng") {
			t.Errorf("%+v, want %s\n%s", resp, tt.want, out)
		}
	}
}
