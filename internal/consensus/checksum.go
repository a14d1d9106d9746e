package consensus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/hashicorp/raft"
	"github.com/klauspost/compress/s2"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errChecksum = errors.New("checksum of the entry does not match")

const (
	sumSize = 4 // CRC-32C, big endian

	compressFrom = 4 << 10 // bytes of data above which compression is tried

	// compressed follows the checksum of an entry whose data is compressed on disk. Entries have no Extensions of
	// their own, so it can't be taken for one.
	compressed = "\x00s2\x00"
)

// checkedLog stores a checksum with every entry, before the entry's Extensions, where it needs no copy of the data.
// Bolt has no checksums, and the wal checks only its last batch, only when opened (the alternative, a codec of its own,
// can't be read back by v0.4.2).
//
// Data that shrinks by it is compressed on disk. Each server does that for itself: other servers get the entry as
// proposed, so that servers of different versions can form a cluster.
type checkedLog struct{ raft.LogStore }

func (s checkedLog) StoreLog(l *raft.Log) error { return s.StoreLogs([]*raft.Log{l}) }

func (s checkedLog) StoreLogs(logs []*raft.Log) error {
	_, err := s.store(logs)
	return err
}

// store returns how large each entry is on disk.
func (s checkedLog) store(logs []*raft.Log) ([]int, error) {
	sums := make([]byte, 0, len(logs)*sumSize)
	values := make([]raft.Log, len(logs))
	stored := make([]*raft.Log, len(logs))
	sizes := make([]int, len(logs))
	for i, l := range logs {
		values[i], stored[i] = *l, &values[i]
		sums = binary.BigEndian.AppendUint32(sums, sum(l))
		at := len(sums) - sumSize
		values[i].Extensions = append(sums[at:len(sums):len(sums)], l.Extensions...)
		if small := compress(l); small != nil {
			values[i].Data = small
			values[i].Extensions = append(values[i].Extensions, compressed...)
		}
		sizes[i] = size(&values[i])
	}
	return sizes, s.LogStore.StoreLogs(stored)
}

// compress returns nil if it saves less than an eighth.
func compress(l *raft.Log) []byte {
	if l.Type != raft.LogCommand || len(l.Data) < compressFrom || len(l.Extensions) > 0 {
		return nil
	}
	small := s2.Encode(nil, l.Data)
	if len(small) > len(l.Data)-len(l.Data)/8 {
		return nil
	}
	return small
}

func (s checkedLog) GetLog(index uint64, into *raft.Log) error {
	_, err := s.get(index, into)
	return err
}

// get returns how large the entry is on disk.
func (s checkedLog) get(index uint64, into *raft.Log) (stored int, err error) {
	if err := s.LogStore.GetLog(index, into); err != nil {
		return 0, err
	}
	stored = size(into)
	if len(into.Extensions) < sumSize {
		return 0, fmt.Errorf("entry %d: %w", index, errChecksum)
	}
	want := binary.BigEndian.Uint32(into.Extensions)
	into.Extensions = into.Extensions[sumSize:]
	if string(into.Extensions) == compressed {
		if into.Data, err = decompress(into.Data); err != nil {
			return 0, fmt.Errorf("entry %d: %w", index, err)
		}
		into.Extensions = nil
	}
	if len(into.Extensions) == 0 {
		into.Extensions = nil
	}
	if into.Index != index || sum(into) != want {
		return 0, fmt.Errorf("entry %d: %w", index, errChecksum)
	}
	return stored, nil
}

// decompress rejects lengths that no entry can have: damage must not exhaust the memory.
func decompress(small []byte) ([]byte, error) {
	if n, err := s2.DecodedLen(small); err != nil || n > 2*MaxEntry {
		return nil, errChecksum
	}
	return s2.Decode(nil, small)
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
