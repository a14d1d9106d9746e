//go:build linux

package httpcall

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"syscall"
	"testing"

	"dkron/plugin"
)

type silent struct{}

func (silent) Write([]byte, bool)   {}
func (silent) Started([]byte) error { return nil }

func TestWithoutDescriptorsNothingIsSentAndItCanBeTriedAgain(t *testing.T) {
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer s.Close()
	e := New(nil)
	defer e.Close()
	req := &plugin.ExecuteRequest{JobName: "job", Config: map[string]string{"method": "POST", "url": s.URL}}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	resp, err := e.Execute(t.Context(), req, silent{})
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, plugin.ErrShortage) || asked.Load() != 0 {
		t.Errorf("%+v, %v, asked %d times", resp, err, asked.Load())
	}
	if resp, err = e.Execute(t.Context(), req, silent{}); err != nil || resp.Error != "" || asked.Load() != 1 {
		t.Errorf("afterwards: %+v, %v, asked %d times", resp, err, asked.Load())
	}
}
