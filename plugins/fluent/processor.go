// Package fluent is the processor that sends outputs to Fluentd or Fluent Bit, by Fluent's forward protocol.
package fluent

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"

	"dkron/plugin"
)

// Processor sends records. It is safe for concurrent use.
type Processor struct {
	host, port, tag string // of the agent's environment, or what applies without
	err             error  // what is wrong with the environment
}

// Process sends a result as a record, and waits until the receiver has it.
func (p *Processor) Process(ctx context.Context, req *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	s, _ := p.read(req.Config)
	switch {
	case s.err != nil:
		return nil, fmt.Errorf("%w: %w", s.err, plugin.ErrUndeliverable)
	case p.err != nil && req.Config["port"] == "":
		return nil, p.err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if err := s.send(ctx, req); err != nil {
		return nil, fmt.Errorf("send to Fluent at %s: %w", s.address, err)
	}
	return req.Replace("Output sent to Fluent"), nil
}

func (s *settings) send(ctx context.Context, req *plugin.ProcessRequest) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })() // ends what is in progress
	chunk := ""
	if s.ack {
		var id [16]byte
		_, _ = rand.Read(id[:])
		chunk = base64.StdEncoding.EncodeToString(id[:])
	}
	if _, err := conn.Write(message(s.tag, chunk, req)); err != nil {
		return s.explain(ctx, "writing", err)
	}
	if !s.ack {
		return nil
	}
	got, err := acknowledged(conn)
	if err != nil {
		return s.explain(ctx, "waiting for the acknowledgement", err)
	}
	if got != chunk {
		return fmt.Errorf("it acknowledged %s, which was not sent", plugin.Shown(got))
	}
	return nil
}

// explain returns the error of something that may have ended because its time was over.
func (s *settings) explain(ctx context.Context, doing string, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%s took longer than %s", doing, plugin.InWords(s.timeout))
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	case errors.Is(err, io.EOF) && s.ack:
		return fmt.Errorf("%s: it closed the connection; does it listen for the forward protocol, without a shared key?", doing)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func (s *settings) dial(ctx context.Context) (net.Conn, error) {
	var config *tls.Config
	if s.tls {
		var err error
		if config, err = s.certs.Config(); err != nil {
			return nil, err
		}
		config.ServerName = s.host
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, s.explain(ctx, "connecting", err)
	}
	if config == nil {
		return conn, nil
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, s.explain(ctx, "the TLS handshake", err)
	}
	return secure, nil
}

// eventTime is the extension that has the time of a record with nanoseconds.
const eventTime = 0

// message is a record in the protocol's message mode: tag, time, record, and options that ask for an acknowledgement.
func message(tag, chunk string, req *plugin.ProcessRequest) []byte {
	at := req.FinishedAt
	if at.IsZero() {
		at = time.Now()
	}
	size := uint32(3)
	if chunk != "" {
		size = 4
	}
	b := msgp.AppendArrayHeader(make([]byte, 0, len(req.Output)+1024), size)
	b = msgp.AppendString(b, tag)
	stamp := binary.BigEndian.AppendUint32(nil, uint32(at.Unix())) // until 2106, as the protocol has it
	stamp = binary.BigEndian.AppendUint32(stamp, uint32(at.Nanosecond()))
	b, _ = msgp.AppendExtension(b, &msgp.RawExtension{Type: eventTime, Data: stamp})
	b = appendRecord(b, req)
	if chunk != "" {
		b = msgp.AppendMapHeader(b, 1)
		b = msgp.AppendString(b, "chunk")
		b = msgp.AppendString(b, chunk)
	}
	return b
}

// appendRecord adds the record: host, job_name and message are those of v4.
func appendRecord(b []byte, req *plugin.ProcessRequest) []byte {
	texts := [][2]string{
		{"host", req.NodeName}, {"job_name", req.JobName}, {"outcome", req.Outcome}, {"error", req.Error},
		{"execution_id", req.ExecutionID}, {"launch_id", req.LaunchID}, {"scheduled_at", instant(req.ScheduledAt)},
		{"started_at", instant(req.StartedAt)}, {"finished_at", instant(req.FinishedAt)}, {"reporting_node", req.ReportingNode},
	}
	b = msgp.AppendMapHeader(b, uint32(len(texts))+4)
	for _, t := range texts {
		b = msgp.AppendString(b, t[0])
		b = msgp.AppendString(b, t[1])
	}
	b = msgp.AppendInt64(msgp.AppendString(b, "group"), req.Group)
	b = msgp.AppendInt64(msgp.AppendString(b, "attempt"), int64(req.Attempt))
	b = msgp.AppendBool(msgp.AppendString(b, "success"), req.Success)
	b = msgp.AppendString(b, "message")
	if utf8.Valid(req.Output) {
		return msgp.AppendStringFromBytes(b, req.Output)
	}
	return msgp.AppendBytes(b, req.Output)
}

// instant is a time as the API writes it, empty if there is none.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// maxAck bounds an acknowledgement.
const maxAck = 4 << 10

// acknowledged reads the id that a receiver acknowledges.
func acknowledged(r io.Reader) (string, error) {
	in := msgp.NewReader(io.LimitReader(r, maxAck))
	fields, err := in.ReadMapHeader()
	if err != nil {
		return "", err
	}
	for range fields {
		name, err := in.ReadString()
		if err != nil {
			return "", err
		}
		if name == "ack" {
			return in.ReadString()
		}
		if err := in.Skip(); err != nil {
			return "", err
		}
	}
	return "", errors.New("its answer has no ack")
}
