package follow

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// texts is what an execution has written, at one question after the other. The last one stays.
type texts []string

func (l *texts) Output(_ context.Context, keys []dkron.ExecutionKey, _ []uint64) []dkron.Chunk {
	now := (*l)[0]
	if len(*l) > 1 {
		*l = (*l)[1:]
	}
	return []dkron.Chunk{{Key: keys[0], Data: []byte(now)}}
}

// followed returns the events that a client gets of an execution that ends with an output after it was read so often.
// Without an output it is removed instead.
func followed(t *testing.T, live texts, reads int, output string) (sent string) {
	synctest.Test(t, func(t *testing.T) {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		stream, err := respond.NewStreams(t.Context(), 1).Begin(w, r)
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		f := &Follower{Stream: stream, Live: &live, Events: new(state.Events), Now: time.Now, Form: func(e *dkron.Execution) any { return e.Outcome }}
		f.Read = func(e *dkron.Execution) (*dkron.Execution, error) {
			if reads--; reads > 0 {
				return e, nil
			}
			if output == "" {
				return nil, dkron.ErrNotFound
			}
			return &dkron.Execution{Outcome: dkron.Success, FinishedAt: time.Now(), Output: []byte(output), OutputSize: uint64(len(output))}, nil
		}
		if err := f.Run(new(dkron.Execution)); err != nil {
			t.Error(err)
		}
		sent = w.Body.String()
	})
	return sent
}

func TestACharacterIsSentWhole(t *testing.T) {
	sent := followed(t, texts{"a\xc3", "a\xc3\xa9b"}, 2, "aéb")
	if strings.Contains(sent, "\\ufffd") || strings.Contains(sent, "\ufffd") || !strings.Contains(sent, `"éb"`) || !strings.Contains(sent, `data: "success"`) {
		t.Error(sent)
	}
}

func TestWhatIsKeptIsSentAtTheEnd(t *testing.T) {
	if sent := followed(t, texts{""}, 1, "all of it"); strings.Count(sent, `"all of it"`) != 1 {
		t.Error(sent)
	}
}

func TestARemovedExecutionEndsTheStream(t *testing.T) {
	if sent := followed(t, texts{"some"}, 3, ""); !strings.Contains(sent, `"some"`) || !strings.Contains(sent, "event: end") {
		t.Error(sent)
	}
}
