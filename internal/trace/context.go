package trace

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// Context is the identity of a span, as W3C Trace Context has it.
type Context struct {
	Trace   [16]byte
	Span    [8]byte
	Sampled bool
}

// String is the value of the header traceparent.
func (c Context) String() string {
	flags := "00"
	if c.Sampled {
		flags = "01"
	}
	return "00-" + hex.EncodeToString(c.Trace[:]) + "-" + hex.EncodeToString(c.Span[:]) + "-" + flags
}

// parse reads the value of the header traceparent. Later versions may have more parts.
func parse(text string) (c Context, ok bool) {
	parts := strings.Split(text, "-")
	if len(parts) < 4 || len(parts[0]) != 2 || parts[0] == "ff" || parts[0] == "00" && len(parts) != 4 || text != strings.ToLower(text) {
		return Context{}, false
	}
	var flags [1]byte
	for _, p := range []struct {
		text string
		into []byte
	}{{parts[1], c.Trace[:]}, {parts[2], c.Span[:]}, {parts[3], flags[:]}} {
		if n, err := hex.DecodeString(p.text); err != nil || len(n) != len(p.into) {
			return Context{}, false
		} else {
			copy(p.into, n)
		}
	}
	c.Sampled = flags[0]&1 == 1
	return c, c.Trace != [16]byte{} && c.Span != [8]byte{}
}

// derive returns bytes that depend only on the texts.
func derive(texts ...string) [32]byte { return sha256.Sum256([]byte(strings.Join(texts, "\x00"))) }

// launchContext is the root span of a launch's trace.
func launchContext(cluster, launch string) (c Context) {
	sum := derive("launch", cluster, launch)
	copy(c.Trace[:], sum[:16])
	copy(c.Span[:], sum[16:24])
	return c
}

// executionContext is the span of an execution, within the trace of its launch.
func executionContext(cluster, launch, execution string) Context {
	c := launchContext(cluster, launch)
	sum := derive("execution", cluster, launch, execution)
	copy(c.Span[:], sum[:8])
	return c
}

// ratio samples a share of the traces, by their ids, as OpenTelemetry's TraceIdRatioBased does: all nodes agree.
type ratio float64

func (r ratio) samples(trace [16]byte) bool {
	return r >= 1 || r > 0 && binary.BigEndian.Uint64(trace[8:])>>1 < uint64(float64(r)*(1<<63))
}
