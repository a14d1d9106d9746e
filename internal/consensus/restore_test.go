package consensus

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

func TestRestartAppliesNothingTwice(t *testing.T) {
	t.Parallel()
	s := single(t, quick)
	proposeMany(t, s, "v", 350)
	index := propose(t, s, "last")
	s.stop()
	s.start()
	if got := s.node.Applied(); got < index {
		t.Errorf("applied is %d right after the restart, the state has %d", got, index)
	}
	waitLeader(t, s)
	propose(t, s, "more")
	if got := len(s.machine.values()); got != 352 {
		t.Errorf("%d values", got)
	}
	noneTwice(t, s)
}

func TestServerWithoutItsStateGetsItBackFromALogThatWasNotCutOff(t *testing.T) {
	t.Parallel()
	s := single(t)
	proposeMany(t, s, "v", 30)
	want := s.machine.values()
	s.stop()
	s.start() // there is a point now
	waitLeader(t, s)
	s.stop()
	s.machine = &ledger{}
	s.start()
	waitLeader(t, s)
	if !slices.Equal(s.machine.values(), want) {
		t.Errorf("%d values of %d", len(s.machine.values()), len(want))
	}
	noneTwice(t, s)
}

func TestStateThatIsLostAfterTheLogWasCutOffIsReported(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3, quick)
	proposeMany(t, waitLeader(t, all...), "v", 350)
	s := all[0]
	eventually(t, 20*time.Second, "compacted log", func() bool { f, _ := s.node.logs.FirstIndex(); return f > 100 })
	sameValues(t, all...)
	s.stop()
	for _, index := range []uint64{0, 50} { // lost, and replaced by an older copy
		s.machine = &ledger{state: ledgerState{Index: index}}
		mustBeCorrupt(t, s)
	}
	writePeers(t, s, peersOf(s)) // does not help either
	mustBeCorrupt(t, s)
	if err := os.RemoveAll(s.cfg.DataDir); err != nil { // but what the message says does
		t.Fatal(err)
	}
	s.machine = &ledger{}
	s.start()
	sameValues(t, all...)
}

func TestNewServerGetsASnapshot(t *testing.T) {
	t.Parallel()
	sent, got := new(sights), new(sights)
	s := single(t, quick, func(c *Config) { c.LogStore, c.Observer = LogBolt, sent }) // the wal would not need one yet
	proposeMany(t, s, "v", 500)
	eventually(t, 20*time.Second, "compacted log", func() bool { f, _ := s.node.logs.FirstIndex(); return f > 100 })
	b := newServer(t, "b")
	b.cfg.Observer = got
	b.start()
	if err := s.node.AddServer(t.Context(), "b", b.cfg.AdvertiseAddr, false); err != nil {
		t.Fatal(err)
	}
	sameValues(t, s, b)
	if err := s.node.AddServer(t.Context(), "b", b.cfg.AdvertiseAddr, true); err != nil {
		t.Fatal(err)
	}
	index := propose(t, s, "more")
	if err := b.node.WaitApplied(t.Context(), index); err != nil {
		t.Fatal(err)
	}
	sameValues(t, s, b)
	if written, restored := sent.snapshots(); restored != 0 || len(written) == 0 || written[0] < 500 {
		t.Errorf("the sender has written %v and restored %d", written, restored)
	}
	if written, restored := got.snapshots(); restored == 0 || len(written) != 0 {
		t.Errorf("the receiver has written %v and restored %d", written, restored)
	}
}

func TestSnapshotInstalledOnALaggingServerReplacesItsState(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3, quick, func(c *Config) { c.LogStore = LogBolt })
	leader := waitLeader(t, all...)
	proposeMany(t, leader, "v", 20)
	sameValues(t, all...)
	var late *server
	for _, s := range all {
		if s != leader {
			late = s
		}
	}
	late.stop()
	// The log may rest uncut for a while if it stops to grow while the leader tries to send late a copy of the state.
	round := 0
	eventually(t, 20*time.Second, "compacted log", func() bool {
		round++
		proposeMany(t, leader, fmt.Sprintf("w%d-", round), 100)
		f, _ := leader.node.logs.FirstIndex()
		return f > 100
	})
	late.start()
	sameValues(t, all...)
	index := propose(t, leader, "more")
	if err := late.node.WaitApplied(t.Context(), index); err != nil {
		t.Fatal(err)
	}
	late.stop() // and what it has now survives a restart
	late.start()
	propose(t, waitLeader(t, all...), "after")
	sameValues(t, all...)
}

func TestStateOnItsWayDoesNotStopApply(t *testing.T) {
	t.Parallel()
	s := newServer(t, "a")
	quick(&s.cfg)
	s.cfg.LogStore = LogBolt // the wal still gives out entries that it has cut off, until the segment is full
	s.machine.gate = make(chan struct{})
	s.machine.gated = make(chan struct{}, 1)
	s.start()
	if err := s.node.Bootstrap([]Server{s.self()}); err != nil {
		t.Fatal(err)
	}
	waitLeader(t, s)
	proposeMany(t, s, "v", 500)
	eventually(t, 20*time.Second, "compacted log", func() bool { f, _ := s.node.logs.FirstIndex(); return f > 100 })
	b := newServer(t, "b").start()
	if err := s.node.AddServer(t.Context(), "b", b.cfg.AdvertiseAddr, false); err != nil {
		t.Fatal(err)
	}
	<-s.machine.gated // the state is being copied now, and hangs
	proposeMany(t, s, "w", 200)
	close(s.machine.gate)
	sameValues(t, s, b)
}
