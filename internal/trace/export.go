package trace

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxQueued = 8192 // spans that wait for a slow collector; further ones are dropped
	maxBatch  = 512  // spans in one export
	attempts  = 3    // at one export
)

// Tracer exports spans. A nil *Tracer does nothing.
type Tracer struct {
	Settings
	to      *target
	client  *http.Client
	spans   chan *span
	dropped atomic.Uint64
	sent    atomic.Uint64
	end     context.CancelFunc
	ended   sync.WaitGroup
}

// New returns a tracer for the settings, nil if they have no endpoint. The caller calls Close. The error says what is
// wrong with a setting.
func New(s Settings) (*Tracer, error) {
	if s.Endpoint == "" {
		return nil, nil
	}
	to, err := s.target()
	if err != nil {
		return nil, err
	}
	protocols := new(http.Protocols)
	switch {
	case to.grpc && to.plain:
		protocols.SetUnencryptedHTTP2(true)
	case to.grpc:
		protocols.SetHTTP2(true)
	default:
		protocols.SetHTTP1(true)
		protocols.SetHTTP2(true)
	}
	t := &Tracer{Settings: s, to: to, spans: make(chan *span, maxQueued)}
	t.client = &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: to.tls, Protocols: protocols, IdleConnTimeout: time.Minute,
	}}
	ctx, cancel := context.WithCancel(context.Background())
	t.end = cancel
	t.ended.Go(func() { t.run(ctx) })
	return t, nil
}

// Close exports what is queued, for as long as one attempt may take, and ends the tracer.
func (t *Tracer) Close() {
	if t == nil {
		return
	}
	t.end()
	t.ended.Wait()
	t.client.CloseIdleConnections()
}

// URL returns the address of a launch's trace in the tracing system, "" if nothing is known of the system or the launch is not sampled.
func (t *Tracer) URL(launch string) string {
	if t == nil || t.Page == "" {
		return ""
	}
	c := launchContext(t.Cluster(), launch)
	if !t.to.sampler.samples(c.Trace) {
		return ""
	}
	return strings.ReplaceAll(t.Page, PageTrace, hex.EncodeToString(c.Trace[:]))
}

// Counts returns how many spans were exported, and how many were dropped because the collector did not take them.
func (t *Tracer) Counts() (sent, dropped uint64) {
	if t == nil {
		return 0, 0
	}
	return t.sent.Load(), t.dropped.Load()
}

// add queues a span. It never blocks.
func (t *Tracer) add(s *span) {
	if !s.self.Sampled {
		return
	}
	select {
	case t.spans <- s:
	default:
		t.dropped.Add(1)
	}
}

func (t *Tracer) run(ctx context.Context) {
	tick := time.NewTicker(t.to.delay)
	defer tick.Stop()
	batch := make([]*span, 0, maxBatch)
	failing := false
	flush := func(ctx context.Context) {
		if len(batch) == 0 {
			return
		}
		err := t.export(ctx, batch)
		if err != nil {
			t.dropped.Add(uint64(len(batch)))
		} else {
			t.sent.Add(uint64(len(batch)))
		}
		switch {
		case err != nil && !failing:
			t.Logger.Warn("traces can't be exported; they are dropped until that works again", "to", t.Endpoint, "error", err)
		case err == nil && failing:
			t.Logger.Info("traces are exported again", "to", t.Endpoint)
		}
		batch, failing = batch[:0], err != nil
	}
	for {
		select {
		case s := <-t.spans:
			if batch = append(batch, s); len(batch) == maxBatch {
				flush(ctx)
			}
		case <-tick.C:
			flush(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.to.timeout)
			defer cancel()
			for len(t.spans) > 0 && last.Err() == nil {
				if batch = append(batch, <-t.spans); len(batch) == maxBatch {
					flush(last)
				}
			}
			flush(last)
			return
		}
	}
}

// export sends a batch, and tries again after a failure that may pass.
func (t *Tracer) export(ctx context.Context, batch []*span) error {
	body := encode(t.to.resource, t.Version, batch)
	for n := 1; ; n++ {
		err := t.post(ctx, body)
		var final *refusedError
		if err == nil || n == attempts || errors.As(err, &final) || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(time.Duration(n) * time.Second):
		case <-ctx.Done():
			return err
		}
	}
}

// refusedError is an answer that would be the same another time.
type refusedError struct{ answer string }

func (e *refusedError) Error() string { return "the collector answers " + e.answer }

func (t *Tracer) post(ctx context.Context, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, t.to.timeout)
	defer cancel()
	contentType := "application/x-protobuf"
	if t.to.grpc { // one message: not compressed, and its length
		contentType = "application/grpc"
		body = append(binary.BigEndian.AppendUint32(make([]byte, 1, 5+len(body)), uint32(len(body))), body...) // a batch is small
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.to.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range t.to.headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", "dkron/"+t.Version)
	if t.to.grpc {
		req.Header.Set("TE", "trailers")
	}
	resp, err := t.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)); err != nil {
		return err
	}
	return t.judge(resp)
}

func (t *Tracer) judge(resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= http.StatusBadGateway {
			return fmt.Errorf("the collector answers %s", resp.Status)
		}
		return &refusedError{resp.Status}
	}
	if !t.to.grpc {
		return nil
	}
	status, why := resp.Trailer.Get("Grpc-Status"), resp.Trailer.Get("Grpc-Message")
	if status == "" { // an answer without a body has them in its header
		status, why = resp.Header.Get("Grpc-Status"), resp.Header.Get("Grpc-Message")
	}
	switch status {
	case "0":
		return nil
	case "8", "14", "4", "1", "10", "11", "15": // as the specification of OTLP has them
		return fmt.Errorf("the collector answers with gRPC's code %s: %s", status, why)
	}
	return &refusedError{"with gRPC's code " + status + ": " + why}
}
