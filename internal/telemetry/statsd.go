package telemetry

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	gometrics "github.com/hashicorp/go-metrics"
)

const (
	// maxPacket fits into one frame of Ethernet, with all headers.
	maxPacket = 1432
	// maxQueued bounds the lines that wait for a slow receiver. Further ones are dropped, and counted.
	maxQueued = 8192
	// lingers is how long a line waits for others, to share a packet with them.
	lingers = 100 * time.Millisecond
	// redials is the pause before a receiver that could not be reached is tried again. A name is looked up anew then.
	redials = 5 * time.Second
	// writes limits one write to a local socket whose reader is slow.
	writes = time.Second
)

// StatsdConfig says where metrics are sent.
type StatsdConfig struct {
	Addr   string   // host:port for UDP, or unix:///path of a datagram socket
	Dog    bool     // labels are tags, as DogStatsD has them; else they are part of the name
	Tags   []string // k:v, on every line; only with Dog
	Logger *slog.Logger
}

// label is the name and the value of a label.
type label struct{ name, value string }

// statsd sends lines to a statsd server. Nothing that it does blocks a caller.
type statsd struct {
	gometrics.BlackholeSink // what libraries call has labels
	cfg                     StatsdConfig
	tags                    string // those of the settings, joined
	lines                   chan []byte
	dropped                 atomic.Uint64
}

func newStatsd(cfg StatsdConfig) *statsd {
	s := &statsd{cfg: cfg, lines: make(chan []byte, maxQueued)}
	if cfg.Dog {
		s.tags = strings.Join(cfg.Tags, ",")
	}
	return s
}

// kind is how statsd names the type of a line.
type kind string

const (
	lineCounter kind = "c"
	lineGauge   kind = "g"
	lineTimer   kind = "ms"
)

// send queues a line, or drops it when the queue is full.
func (s *statsd) send(name string, value float64, k kind, labels ...label) {
	line := s.line(name, value, k, labels)
	if k == lineGauge && value < 0 && !s.cfg.Dog {
		// A sign in front of a gauge makes it a change of the old value in statsd, so it starts again from 0.
		line = append(append(s.line(name, 0, k, labels), '\n'), line...)
	}
	select {
	case s.lines <- line:
	default:
		s.dropped.Add(1)
	}
}

func (s *statsd) line(name string, value float64, k kind, labels []label) []byte {
	b := make([]byte, 0, 128)
	b = append(b, name...)
	if !s.cfg.Dog {
		for _, l := range labels {
			b = append(append(b, '.'), clean(l.value)...)
		}
	}
	b = append(b, ':')
	b = strconv.AppendFloat(b, value, 'f', -1, 64)
	b = append(append(b, '|'), k...)
	if !s.cfg.Dog || s.tags == "" && len(labels) == 0 {
		return b
	}
	b = append(append(b, "|#"...), s.tags...)
	for i, l := range labels {
		if i > 0 || s.tags != "" {
			b = append(b, ',')
		}
		b = append(append(append(b, l.name...), ':'), tag(l.value)...)
	}
	return b
}

// clean makes a label's value a part of a name.
func clean(value string) string {
	if value == "" {
		return "none"
	}
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			return c
		}
		return '_'
	}, value)
}

// tag takes what ends a tag or a line out of a value.
func tag(value string) string {
	return strings.NewReplacer("|", "_", ",", "_", "\n", "_", "#", "_").Replace(value)
}

// run sends what is queued, until ctx ends, and then what is left.
func (s *statsd) run(ctx context.Context) {
	var conn net.Conn
	var failing bool
	var retry time.Time
	packet := make([]byte, 0, maxPacket)
	flush := func() {
		defer func() { packet = packet[:0] }()
		if len(packet) == 0 || conn == nil && time.Now().Before(retry) {
			s.dropped.Add(uint64(bytes.Count(packet, []byte{'\n'})))
			return
		}
		var err error
		if conn == nil {
			conn, err = s.dial(ctx)
		}
		if err == nil {
			_ = conn.SetWriteDeadline(time.Now().Add(writes))
			_, err = conn.Write(bytes.TrimSuffix(packet, []byte{'\n'}))
		}
		if err != nil {
			s.dropped.Add(uint64(bytes.Count(packet, []byte{'\n'})))
			if conn != nil {
				conn.Close()
			}
			conn, retry = nil, time.Now().Add(redials)
			if !failing {
				s.cfg.Logger.Warn("metrics can't be sent; they are dropped until that works again", "to", s.cfg.Addr, "error", err)
			}
		} else if failing {
			s.cfg.Logger.Info("metrics are sent again", "to", s.cfg.Addr)
		}
		failing = err != nil
	}
	add := func(line []byte) {
		if len(packet)+len(line)+1 > maxPacket {
			flush()
		}
		packet = append(append(packet, line...), '\n')
	}
	s.loop(ctx, add, flush)
	if conn != nil {
		conn.Close()
	}
}

// loop calls add for each line, and flush when nothing more comes.
func (s *statsd) loop(ctx context.Context, add func([]byte), flush func()) {
	ripe := time.NewTicker(lingers)
	defer ripe.Stop()
	for {
		select {
		case line := <-s.lines:
			add(line)
		case <-ripe.C:
			flush()
		case <-ctx.Done():
			for len(s.lines) > 0 {
				add(<-s.lines)
			}
			flush()
			return
		}
	}
}

func (s *statsd) dial(ctx context.Context) (net.Conn, error) {
	network, addr := "udp", s.cfg.Addr
	if path, ok := strings.CutPrefix(addr, "unix://"); ok {
		network, addr = "unixgram", path
	}
	// The lines that are left when the node stops still need a connection.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redials)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, fmt.Errorf("connect to statsd: %w", err)
	}
	return conn, nil
}

// What follows makes it a sink of the libraries.

func (s *statsd) key(key []string) string { return strings.Join(key, ".") }

func labelsOf(list []gometrics.Label) []label {
	out := make([]label, len(list))
	for i, l := range list {
		out[i] = label{l.Name, l.Value}
	}
	return out
}

// SetGaugeWithLabels sends a gauge.
func (s *statsd) SetGaugeWithLabels(key []string, v float32, labels []gometrics.Label) {
	s.send(s.key(key), float64(v), lineGauge, labelsOf(labels)...)
}

// EmitKey sends a value without a type as a gauge.
func (s *statsd) EmitKey(key []string, v float32) { s.SetGaugeWithLabels(key, v, nil) }

// IncrCounterWithLabels sends an increase.
func (s *statsd) IncrCounterWithLabels(key []string, v float32, labels []gometrics.Label) {
	s.send(s.key(key), float64(v), lineCounter, labelsOf(labels)...)
}

// AddSampleWithLabels sends a time in milliseconds.
func (s *statsd) AddSampleWithLabels(key []string, v float32, labels []gometrics.Label) {
	s.send(s.key(key), float64(v), lineTimer, labelsOf(labels)...)
}
