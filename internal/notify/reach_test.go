package notify

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/reach"
)

// Channels of people with other rights, and redirects of receivers, must not lead a server to addresses that it does not call.
func TestNoChannelCallsAnAddressThatTheNodeExcludes(t *testing.T) {
	receiver := newReceiver(t, nil)
	at := "http://localhost" + receiver.URL[strings.LastIndex(receiver.URL, ":"):] // 127.0.0.1 by a name
	host, _, err := net.SplitHostPort(receiver.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	o := options()
	var bad []error
	if o.Reach, bad, _ = reach.New([]string{host, "::1"}, nil); bad != nil {
		t.Fatal(bad)
	}
	s := Settings{WebhookEndpoint: at, WebhookPayload: "x", PreWebhookEndpoint: at, PreWebhookPayload: "x", CronitorEndpoint: at}
	n, refused, doubtful := New(s, o)
	if len(refused)+len(doubtful) > 0 {
		t.Fatal(refused, doubtful)
	}
	t.Cleanup(n.Close)
	out := NewOutbox(n, Settings{}, o, nil)
	calls := map[string]func() error{
		"webhook-endpoint":     func() error { return n.Notify(t.Context(), dkron.ChannelWebhook, ended(dkron.Failed)) },
		"pre-webhook-endpoint": func() error { return n.Notify(t.Context(), dkron.ChannelPreWebhook, begun()) },
		"cronitor-endpoint":    func() error { return n.Notify(t.Context(), dkron.ChannelCronitor, begun()) },
		"alarm-url":            func() error { return out.Call(t.Context(), at, "id", []byte("{}")) },
		"heartbeat-url":        func() error { return out.Call(t.Context(), at, "", nil) },
	}
	for kind, settings := range map[string]map[string]string{
		"webhook": {"url": at}, "slack": {"url": at}, "teams": {"url": at}, "pagerduty": {"url": at, "routing_key": "k"}, "ntfy": {"server": at, "topic": "t"},
	} {
		calls[kind] = func() error { return out.Send(t.Context(), channelOf(kind, settings), sampleBrief()) }
	}
	for name, call := range calls {
		err := call()
		if err == nil || !strings.Contains(err.Error(), "of deny-addresses, which this node does not call: set allow-addresses to allow it") {
			t.Errorf("%s: %v", name, err)
		}
	}
	receiver.mu.Lock()
	defer receiver.mu.Unlock()
	if receiver.opened > 0 {
		t.Errorf("%d connections were made", receiver.opened)
	}
}

func TestARedirectOfAReceiverIsChecked(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skipf("this machine has no 127.0.0.2: %v", err)
	}
	served := make(chan struct{}, 1)
	inside := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served <- struct{}{} })}}
	inside.Start()
	t.Cleanup(inside.Close)
	outside := newReceiver(t, http.RedirectHandler(inside.URL, http.StatusTemporaryRedirect).ServeHTTP)
	o := options()
	var bad []error
	if o.Reach, bad, _ = reach.New([]string{"127.0.0.2"}, nil); bad != nil {
		t.Fatal(bad)
	}
	n, _, _ := New(Settings{WebhookEndpoint: outside.URL, WebhookPayload: "x"}, o)
	t.Cleanup(n.Close)
	err = n.Notify(t.Context(), dkron.ChannelWebhook, ended(dkron.Failed))
	if err == nil || !strings.Contains(err.Error(), "127.0.0.2 is in 127.0.0.2/32 of deny-addresses") || len(served) > 0 {
		t.Errorf("%v; %d requests arrived", err, len(served))
	}
	outside.last(t)
}
