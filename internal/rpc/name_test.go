package rpc

import (
	"errors"
	"strings"
	"testing"
)

func TestNodeRefusesWhatIsMeantForAnother(t *testing.T) {
	f := &fake{}
	_, addr := serve(t, f, false)
	pool := NewPool(nobody{}, nil)
	t.Cleanup(pool.Close)
	for _, name := range []string{"fake", "", "an élan"} {
		c, err := pool.Node(name, addr)
		if err != nil {
			t.Fatal(err)
		}
		_, unary := c.Status(t.Context())
		var stream error
		if link, err := pool.Attach(t.Context(), name, addr); err != nil {
			stream = err
		} else {
			_, stream = link.Recv()
		}
		verified := pool.Verify(t.Context(), name, addr)
		for what, err := range map[string]error{"call": unary, "check": verified} {
			if meant := name != "an élan"; meant != (err == nil) {
				t.Errorf("%s of %q: %v", what, name, err)
			}
			if err != nil && (!errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "this is node fake and not an élan")) {
				t.Errorf("%s of %q: %v", what, name, err)
			}
		}
		if refused := stream != nil && strings.Contains(stream.Error(), "this is node fake"); refused != (name == "an élan") {
			t.Errorf("stream to %q: %v", name, stream)
		}
	}
}
