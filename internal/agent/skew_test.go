package agent

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// meter is a skewMeter whose messages come twice a second.
type meter struct {
	skewMeter
	now time.Time
	log bytes.Buffer
}

func newMeter() *meter {
	m := &meter{now: time.Unix(1000, 0)}
	m.skewMeter.log = slog.New(slog.NewTextHandler(&m.log, nil))
	return m
}

func (m *meter) hear(n int, behind time.Duration) (skew time.Duration) {
	for range n {
		m.now = m.now.Add(500 * time.Millisecond)
		skew = m.add(m.now, behind)
	}
	return skew
}

func (m *meter) warnings() int { return strings.Count(m.log.String(), "level=WARN") }

func TestALateMessageIsNoSkew(t *testing.T) {
	m := newMeter()
	m.hear(1, 8*time.Second) // the first was held
	m.hear(3, time.Millisecond)
	if skew := m.hear(2, 3*time.Second); skew != time.Millisecond {
		t.Errorf("skew is %s while messages are held", skew)
	}
	if skew := m.hear(30, 2*time.Millisecond); skew != 2*time.Millisecond || m.warnings() != 0 {
		t.Errorf("skew is %s, log: %s", skew, &m.log)
	}
}

func TestAClockThatDiffersIsWarnedOfOnceUntilItAgrees(t *testing.T) {
	m := newMeter()
	m.hear(20, time.Millisecond)
	if skew := m.hear(60, -3*time.Second); skew != -3*time.Second || m.warnings() != 1 {
		t.Errorf("behind by 3 s: skew %s, %d warnings", skew, m.warnings())
	}
	if skew := m.hear(60, time.Millisecond); skew != time.Millisecond || !strings.Contains(m.log.String(), "agrees") {
		t.Errorf("fixed: skew %s, log: %s", skew, &m.log)
	}
	if skew := m.hear(60, 2*time.Second); skew != 2*time.Second || m.warnings() != 2 {
		t.Errorf("ahead by 2 s: skew %s, %d warnings", skew, m.warnings())
	}
}
