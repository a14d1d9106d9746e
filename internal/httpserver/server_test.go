package httpserver

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func opened(t *testing.T, handler http.HandlerFunc) (*Server, chan error) {
	t.Helper()
	failed := make(chan error, 1)
	s, err := Open("127.0.0.1:0", nil, handler, NewGuard(8), slog.New(slog.DiscardHandler), func(err error) { failed <- err })
	if err != nil {
		t.Fatal(err)
	}
	return s, failed
}

func TestAClosedServerHasAnsweredWhatItWasAsked(t *testing.T) {
	asked, goOn := make(chan bool), make(chan bool)
	s, failed := opened(t, func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-goOn
		fmt.Fprint(w, "done")
	})
	answer := make(chan string)
	go func() {
		resp, err := http.Get("http://" + s.Addr.String())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		answer <- string(body)
	}()
	<-asked
	closed := make(chan bool)
	go func() {
		s.Close()
		close(closed)
	}()
	close(goOn)
	if got := <-answer; got != "done" {
		t.Error(got)
	}
	<-closed
	if _, err := net.Dial("tcp", s.Addr.String()); err == nil {
		t.Error("the port is still open")
	}
	if len(failed) > 0 {
		t.Error(<-failed)
	}
}

func TestAnEndlessAnswerDoesNotKeepAServer(t *testing.T) {
	asked := make(chan bool)
	s, _ := opened(t, func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})
	go func() {
		if resp, err := http.Get("http://" + s.Addr.String()); err == nil {
			resp.Body.Close()
		}
	}()
	<-asked
	began := time.Now()
	s.Close()
	if took := time.Since(began); took < endTime || took > endTime+5*time.Second {
		t.Errorf("closed after %s", took)
	}
}

func TestAnOpenPortIsNotTakenTwice(t *testing.T) {
	s, _ := opened(t, nil)
	defer s.Close()
	_, err := Open(s.Addr.String(), nil, nil, NewGuard(8), slog.New(slog.DiscardHandler), nil)
	if err == nil || !strings.Contains(err.Error(), "choose another --http-addr") {
		t.Error(err)
	}
}
