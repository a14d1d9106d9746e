package consensus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/hashicorp/raft"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errChecksum = errors.New("checksum of the entry does not match")

const sumSize = 4 // CRC-32C, big endian

// checkedLog gives every entry a checksum on disk, in front of the entry's Extensions, where it does not need a copy
// of the data. Bolt has none, and the wal only checks its last batch, and only when it is opened (a codec of its own,
// the other way to do it, cannot be read back by v0.4.2).
type checkedLog struct{ raft.LogStore }

func (s checkedLog) StoreLog(l *raft.Log) error { return s.StoreLogs([]*raft.Log{l}) }

func (s checkedLog) StoreLogs(logs []*raft.Log) error {
	sums := make([]byte, 0, len(logs)*sumSize)
	values := make([]raft.Log, len(logs))
	stored := make([]*raft.Log, len(logs))
	for i, l := range logs {
		values[i], stored[i] = *l, &values[i]
		sums = binary.BigEndian.AppendUint32(sums, sum(l))
		at := len(sums) - sumSize
		values[i].Extensions = append(sums[at:len(sums):len(sums)], l.Extensions...)
	}
	return s.LogStore.StoreLogs(stored)
}

func (s checkedLog) GetLog(index uint64, into *raft.Log) error {
	if err := s.LogStore.GetLog(index, into); err != nil {
		return err
	}
	if len(into.Extensions) < sumSize {
		return fmt.Errorf("entry %d: %w", index, errChecksum)
	}
	want := binary.BigEndian.Uint32(into.Extensions)
	if into.Extensions = into.Extensions[sumSize:]; len(into.Extensions) == 0 {
		into.Extensions = nil
	}
	if into.Index != index || sum(into) != want {
		return fmt.Errorf("entry %d: %w", index, errChecksum)
	}
	return nil
}

func sum(l *raft.Log) uint32 {
	var head [17]byte
	binary.BigEndian.PutUint64(head[:], l.Index)
	binary.BigEndian.PutUint64(head[8:], l.Term)
	head[16] = byte(l.Type)
	crc := crc32.Checksum(head[:], castagnoli)
	crc = crc32.Update(crc, castagnoli, l.Data)
	return crc32.Update(crc, castagnoli, l.Extensions)
}
