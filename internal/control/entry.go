package control

import "dkron/internal/codec"

// entryBytes is how much of a list one log entry takes: half of the log's limit.
const entryBytes = 2 << 20

// split cuts a list into parts that fit into a log entry. An empty list has no parts.
func split[T any, P interface {
	*T
	codec.Message
}](list []T) (parts [][]T) {
	from, size := 0, 0
	for i := range list {
		n := len(codec.Encode(P(&list[i])))
		if size += n; size > entryBytes && i > from {
			parts = append(parts, list[from:i])
			from, size = i, n
		}
	}
	if from < len(list) {
		parts = append(parts, list[from:])
	}
	return parts
}
