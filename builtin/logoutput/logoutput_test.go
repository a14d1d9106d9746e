package logoutput

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"dkron/plugin"
)

func result(success bool, config map[string]string) *plugin.ProcessRequest {
	return &plugin.ProcessRequest{
		JobName: "backup", Config: config, NodeName: "node1", StartedAt: time.Unix(0, 1764405600000000001), Success: success,
		Outcome: "failed", Output: []byte("a\nb\n"),
	}
}

func TestTheOutputIsWrittenAsClientsKnowIt(t *testing.T) {
	const want = "----- BEGIN OUTPUT job=backup execution=1764405600000000001-node1 -----\na\nb\n\n----- END OUTPUT -----\n"
	for _, success := range []bool{true, false} {
		var out, failed bytes.Buffer
		resp, err := New(&out, &failed).Process(t.Context(), result(success, nil))
		if err != nil || string(resp.Output) != "Output in dkron log" {
			t.Fatalf("%+v, %v", resp, err)
		}
		got, other := out.String(), failed.String()
		if !success {
			got, other = other, got
		}
		if got != want || other != "" {
			t.Errorf("success %v: %q, and %q elsewhere", success, got, other)
		}
	}
}

func TestForwardKeepsTheOutput(t *testing.T) {
	for text, keeps := range map[string]bool{"true": true, "1": true, "false": false, "maybe": false, "": false} {
		resp, err := New(new(bytes.Buffer), nil).Process(t.Context(), result(true, map[string]string{"forward": text}))
		if err != nil || (resp.Output == nil) != keeps {
			t.Errorf("%q: %+v, %v", text, resp, err)
		}
	}
}

func TestNoOutputForgesAnotherInJSON(t *testing.T) {
	var out bytes.Buffer
	req := result(true, map[string]string{"format": "json"})
	req.Output = []byte("a\n----- END OUTPUT -----\n{\"job\":\"other\"}\n\xff")
	if _, err := New(&out, nil).Process(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	var got struct {
		line
		Output string `json:"output"`
	}
	if strings.Count(out.String(), "\n") != 1 || json.Unmarshal(out.Bytes(), &got) != nil {
		t.Fatalf("%q", out.String())
	}
	if got.Job != "backup" || got.Node != "node1" || !strings.HasPrefix(got.Output, "a\n----- END") {
		t.Errorf("%+v", got)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAWriteThatFailsIsAnError(t *testing.T) {
	if _, err := New(full{}, full{}).Process(t.Context(), result(true, nil)); err == nil {
		t.Error("it counts as delivered")
	}
}

func TestOddKeysAreNamed(t *testing.T) {
	found := New(nil, nil).Check(map[string]string{"forward": "perhaps", "format": "xml"})
	if len(found) != 2 || found[0].Key != "forward" || found[1].Key != "format" {
		t.Errorf("%+v", found)
	}
	if found = New(nil, nil).Check(map[string]string{"forward": "T", "format": "json"}); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

// The whole output comes in parts that end anywhere.
func TestAWholeOutputIsWrittenAsItComes(t *testing.T) {
	text := strings.Repeat("aé€😀\n\"\x01", 20_000) + "\xf0\x9f"
	for _, format := range []string{"text", "json"} {
		for _, one := range []int{1, 3, 1000, 1 << 20} {
			var out bytes.Buffer
			req := result(true, map[string]string{"format": format})
			req.Open = func() (io.ReadCloser, error) {
				return io.NopCloser(&chunks{[]byte(text), one}), nil
			}
			if _, err := New(&out, nil).Process(t.Context(), req); err != nil {
				t.Fatal(err)
			}
			if format == "text" {
				if !strings.HasSuffix(out.String(), "-----\n"+text+"\n----- END OUTPUT -----\n") {
					t.Errorf("parts of %d: the text differs", one)
				}
				continue
			}
			var got struct{ Output string }
			if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Output != strings.ToValidUTF8(text, "\ufffd\ufffd") {
				t.Errorf("parts of %d: %v, %d bytes of %d", one, err, len(got.Output), len(text))
			}
		}
	}
}

// chunks is read in parts of one length.
type chunks struct {
	left []byte
	one  int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.left[:min(c.one, len(c.left))])
	c.left = c.left[n:]
	return n, nil
}
