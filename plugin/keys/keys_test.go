package keys

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dkron/plugin"
)

type output struct{ strings.Builder }

func (o *output) Write(chunk []byte, _ bool) { o.Builder.Write(chunk) }
func (*output) Started([]byte) error         { return nil }

func TestTimeoutsAreWholeSeconds(t *testing.T) {
	for text, want := range map[string]struct {
		limit time.Duration
		odd   string
	}{
		"": {30 * time.Second, ""}, "5": {5 * time.Second, ""}, "0": {0, ""},
		"5s":                  {30 * time.Second, `"5s" is not a number of seconds, using 30; for 5s write "5"`},
		"-1":                  {0, `-1 means that there is no limit; write "0" for that, or whole seconds, such as "30"`},
		"30000":               {30000 * time.Second, `30000 is a number of seconds, 8h20m0s; if you mean milliseconds, write "30"`},
		"9223372036854775807": {maxTimeout, `9223372036854775807 is a number of seconds, 876000h0m0s`},
	} {
		c := Read(map[string]string{"timeout": text})
		got := c.Timeout()
		var odd string
		for _, p := range c.Problems() {
			odd += p.Text
		}
		if got != want.limit || odd != want.odd {
			t.Errorf("%q: %v %s", text, got, odd)
		}
	}
}

func TestWrongHeadersFailWithoutShowingThem(t *testing.T) {
	for _, text := range []string{`{"X-Token": "s3cret"}`, `s3cret`, `["s3cret"]`, `[": s3cret"]`, `[1, "s3cret"]`} {
		c := Read(map[string]string{"headers": text})
		if got := c.Headers(); got != nil || c.Err() == nil {
			t.Errorf("%s: %v %v", text, got, c.Err())
		}
		for _, p := range c.Problems() {
			if strings.Contains(p.Text+c.Err().Error(), "s3cret") || !strings.Contains(p.Text, `write a JSON array of strings`) {
				t.Errorf("%s: %s; %v", text, p.Text, c.Err())
			}
		}
	}
	c := Read(map[string]string{"headers": `["A: http://b:1/c", "D:"]`})
	if got := c.Headers(); len(got) != 2 || got[0] != (Pair{"A", "http://b:1/c"}) || got[1] != (Pair{"D", ""}) || c.Err() != nil {
		t.Errorf("%v %v", got, c.Err())
	}
}

func TestDebugShowsNoSecret(t *testing.T) {
	s := plugin.Schema{Properties: []plugin.Property{{Name: "pin", Format: plugin.Password}, {Name: "key"}, {Name: "url"}, {Name: "headers"}, {Name: "message"}}}
	c := Read(map[string]string{
		"debug": "1", "pin": "s3cret", "url": "nats://me:s3@c/ret@a:1,tls://s3cret@b", "headers": `["Authorization: Bearer s3cret", "X: shown"]`,
		"message": `{"password": "s3cret", "a": "shown"}`, "secretKey": "s3cret", "key": "shown",
	})
	c.Warn("timeout", "is odd")
	var out output
	c.Report(s, &out)
	text := out.String()
	if strings.Contains(text, "s3") || strings.Count(text, "shown") != 3 || !strings.Contains(text, "a:1") || !strings.HasSuffix(text, "Warning: timeout is odd.\n") {
		t.Error(text)
	}
}

func TestAnEndSaysWhyAndWhen(t *testing.T) {
	stopped, cancel := context.WithCancelCause(t.Context())
	cancel(plugin.ErrStopped)
	shut, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the node is shutting down"))
	late, end := Limit(t.Context(), time.Nanosecond)
	defer end()
	<-late.Done()
	for _, tt := range []struct {
		ctx  context.Context
		err  error
		want plugin.ExecuteResponse
	}{
		{t.Context(), errors.New("refused"), plugin.ExecuteResponse{Error: "refused"}},
		{stopped, context.Canceled, plugin.ExecuteResponse{Error: "stopped on request while connecting"}},
		{shut, context.Canceled, plugin.ExecuteResponse{Error: "stopped while connecting: the node is shutting down"}},
		{late, context.DeadlineExceeded, plugin.ExecuteResponse{Error: "timed out after 5 s while connecting", TimedOut: true, Reason: "timed out after 5 s"}},
		{late, errors.New("refused"), plugin.ExecuteResponse{Error: "timed out after 5 s while connecting: refused", TimedOut: true, Reason: "timed out after 5 s"}},
	} {
		got := Failed(tt.ctx, 5*time.Second, "connecting", tt.err)
		if got.Error != tt.want.Error || got.TimedOut != tt.want.TimedOut || got.Reason != tt.want.Reason {
			t.Errorf("%+v, want %+v", got, tt.want)
		}
	}
}
